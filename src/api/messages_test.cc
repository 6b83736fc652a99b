#include "api/messages.h"

#include <cmath>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace pasu::api {
namespace {

using nlohmann::json;

struct Case {
  const char* name;
  const char* body;
  const char* error;
};

const Case kCases[] = {
    {"Empty", "", "the request's body is no JSON object; send {\"name\": ..., \"url\": ...}"},
    {"List", "[]", "the request's body is no JSON object; send {\"name\": ..., \"url\": ...}"},
    {"BreaksOff", R"({"name":"a")",
     "the request's body is no JSON object; send {\"name\": ..., \"url\": ...}"},
    {"Deep", R"({"name":[[[[[[]]]]]]})", "the request's body is nested too deeply for a camera"},
    {"Doubled", R"({"name":"a","url":"x","url":"y"})", "url: is given twice; leave one of them"},
    {"Mistyped", R"({"name":"a","ulr":"x"})", "unknown field 'ulr'; did you mean 'url'?"},
    {"Strange", R"({"name":"a","url":"x","colour":1})",
     "unknown field 'colour'; a camera has name, url, sub, fps, threshold, sleeps, closer_looks "
     "and enabled"},
    {"NoUrl", R"({"name":"a"})", "url: is missing; a camera needs name and url"},
    {"NameNumber", R"({"name":1,"url":"x"})", "name: expected a string, found number"},
    {"FpsText", R"({"name":"a","url":"x","fps":"5"})", "fps: expected a number, found string"},
    {"ThresholdNull", R"({"name":"a","url":"x","threshold":null})",
     "threshold: expected a number, found null"},
    {"EnabledNumber", R"({"name":"a","url":"x","enabled":1})",
     "enabled: expected true or false, found number"},
};

class CameraConfigErrors : public ::testing::TestWithParam<Case> {};

TEST_P(CameraConfigErrors, SayWhatAndTheRemedy) {
  const auto config = parse_camera_config(GetParam().body);
  ASSERT_FALSE(config);
  EXPECT_EQ(config.error().message(), GetParam().error);
}

INSTANTIATE_TEST_SUITE_P(Table, CameraConfigErrors, ::testing::ValuesIn(kCases),
                         [](const auto& param) { return param.param.name; });

TEST(CameraConfig, RoundTrips) {
  const std::string body =
      R"({"closer_looks":0,"enabled":false,"fps":2.5,"name":"정문","sleeps":false,"sub":"rtsp://h/2","threshold":0.4,"url":"rtsp://h/1"})";
  const auto config = parse_camera_config(body);
  ASSERT_TRUE(config) << config.error().message();
  node::CameraStatus status;
  status.config = *config;
  EXPECT_EQ(json::parse(camera_json(status))["config"], json::parse(body));
}

TEST(CameraConfig, DefaultsAreTheNodes) {
  const auto config = parse_camera_config(R"({"name":"a","url":"x"})");
  ASSERT_TRUE(config);
  node::CameraConfig expected;
  expected.name = "a";
  expected.url = "x";
  EXPECT_EQ(*config, expected);
}

TEST(LiveDetections, AreWhatOpenapiSays) {
  node::Detections detections;
  detections.camera = "a \"b\"";
  detections.pts = std::chrono::milliseconds(12500);
  detections.width = 768;
  detections.height = 576;
  detections.labels = std::make_shared<std::vector<std::string>>(1, "person");
  track::Track track;
  track.id = 7;
  track.box = {1.5f, 2, 30, 60};
  track.score = 0.9f;
  track.vx = -4;
  detections.tracks = {track};
  EXPECT_EQ(json::parse(live_detections(detections)),
            json::parse(R"({"type":"detections","camera":"a \"b\"","pts":12.5,"width":768,
                "height":576,"detections":[{"label":"person","score":0.9,"box":[1.5,2,30,60],
                "track":7,"velocity":[-4,0]}]})"));
}

TEST(LiveDetections, NeverHoldsWhatJsonCannotSay) {
  node::Detections detections;
  detections.camera = "\xFF";
  track::Track track;
  track.vx = std::nanf("");
  track.score = INFINITY;
  track.label = -1;
  detections.tracks = {track};
  EXPECT_TRUE(json::accept(live_detections(detections)));
}

TEST(ErrorJson, NamesTheField) {
  const auto parsed = json::parse(error_json(Error(Errc::invalid_argument, "url: is empty")));
  EXPECT_EQ(parsed["error"],
            (json{{"code", "invalid_argument"}, {"message", "url: is empty"}, {"field", "url"}}));
  EXPECT_FALSE(json::parse(error_json(Error(Errc::io, "url is empty")))["error"].contains("field"));
  const node::CameraProblem problem{"url", "empty", "is empty"};
  const auto with =
      json::parse(error_json(Error(Errc::invalid_argument, "url: is empty"), problem));
  EXPECT_EQ(with["error"]["detail"], "empty");
  const auto other = json::parse(error_json(Error(Errc::exists, "name: is taken"), problem));
  EXPECT_FALSE(other["error"].contains("detail")) << "it is about another field";
}

}  // namespace
}  // namespace pasu::api
