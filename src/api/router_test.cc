#include "api/router.h"

#include <filesystem>
#include <fstream>
#include <unistd.h>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "api/fake_node.h"

namespace pasu::api {
namespace {

using nlohmann::json;

class RouterTest : public ::testing::Test {
 protected:
  void SetUp() override {
    for (const char* name : {"gate", "정문 1"}) {
      node::CameraConfig config;
      config.name = name;
      config.url = "x.mp4";
      ASSERT_TRUE(fake.add(config));
    }
  }
  Response ask(std::string_view method, std::string_view target, std::string_view body = {},
               std::string_view type = "application/json") {
    return router.handle({.method = method,
                          .target = target,
                          .host = "127.0.0.1:8080",
                          .origin = {},
                          .fetch_site = {},
                          .content_type = type,
                          .accept_encoding = {},
                          .if_none_match = {},
                          .body = body});
  }
  static std::string header(const Response& response, std::string_view name) {
    for (const auto& [key, value] : response.headers)
      if (key == name) return value;
    return "";
  }
  static json parsed(const Response& response) { return json::parse(as_text(response.data)); }

  FakeNode fake;
  Router router{fake, Page(""), AccessRule({}, "")};
};

TEST_F(RouterTest, ReadsCameras) {
  EXPECT_EQ(parsed(ask("GET", "/api/v1/cameras")).size(), 2u);
  EXPECT_EQ(parsed(ask("GET", "/api/v1/cameras/%EC%A0%95%EB%AC%B8%201"))["name"], "정문 1");
  EXPECT_EQ(ask("HEAD", "/api/v1/cameras/gate").status, 200);
  EXPECT_EQ(parsed(ask("GET", "/api/v1/server?x=1"))["version"], "1.2.3");
}

TEST_F(RouterTest, ChangesCameras) {
  EXPECT_EQ(ask("POST", "/api/v1/cameras", R"({"name":"a","url":"b"})").status, 201);
  EXPECT_EQ(
      ask("POST", "/api/v1/cameras", R"({"name":"a","url":"b"})", "application/json; charset=utf-8")
          .status,
      409);
  EXPECT_EQ(ask("PUT", "/api/v1/cameras/a", R"({"name":"b","url":"c"})").status, 200);
  EXPECT_EQ(ask("DELETE", "/api/v1/cameras/b").status, 204);
  EXPECT_EQ(ask("DELETE", "/api/v1/cameras/b").status, 404);
}

TEST_F(RouterTest, PassesOnHowThePictureIsWanted) {
  EXPECT_EQ(as_text(ask("GET", "/api/v1/cameras/gate/frame.jpeg").data), "false 0");
  EXPECT_EQ(as_text(ask("GET", "/api/v1/cameras/gate/frame.jpeg?at=5&width=320&boxes=1").data),
            "true 320");
  EXPECT_EQ(ask("GET", "/api/v1/cameras/gate/frame.jpeg?width=99999999999").status, 400);
}

struct Refusal {
  const char* method;
  const char* target;
  int status;
};

TEST_F(RouterTest, RefusesWhatIsNotThere) {
  for (const auto& [method, target, status] :
       {Refusal{"GET", "", 400},
        Refusal{"GET", "http://127.0.0.1/healthz", 400},
        Refusal{"GET", "/api", 404},
        Refusal{"GET", "/api/", 404},
        Refusal{"GET", "/api/v1", 404},
        Refusal{"GET", "/api/v1/cameras/", 404},
        Refusal{"GET", "/api/v1/cameras/gate/", 200},
        Refusal{"GET", "/api/v1/cameras/gate/x", 404},
        Refusal{"GET", "/api/v1/cameras/gate/frame.jpeg/", 404},
        Refusal{"GET", "/api/v1/cameras/..%2fgate", 404},
        Refusal{"GET", "/api/v1/cameras/%", 400},
        Refusal{"GET", "/api/v1/cameras/%4", 400},
        Refusal{"GET", "/api/v1/cameras/%00", 400},
        Refusal{"GET", "/api/v1/camerasx", 404},
        Refusal{"GET", "/api/v1/live", 426},
        Refusal{"POST", "/api/v1/live", 405},
        Refusal{"GET", "/api/v1/cameras/gate/video", 426},
        Refusal{"PATCH", "/api/v1/cameras/gate", 405},
        Refusal{"OPTIONS", "/api/v1/server", 405},
        Refusal{"POST", "/metrics", 405},
        Refusal{"POST", "/", 405},
        Refusal{"POST", "/api/v1/cameras/gate/frame.jpeg", 405}})
    EXPECT_EQ(ask(method, target).status, status) << method << ' ' << target;
  EXPECT_EQ(ask("POST", "/api/v1/cameras", "{}", "text/plain").status, 415);
  EXPECT_EQ(header(ask("PUT", "/api/v1/cameras"), "Allow"), "GET, POST");
}

TEST_F(RouterTest, QuotesNothingThatBreaksJson) {
  const Response response = ask("GET", "/api/v1/cameras/%ff%22");
  EXPECT_EQ(response.status, 404);
  EXPECT_EQ(parsed(response)["error"]["code"], "not_found");
}

TEST_F(RouterTest, AnotherSitesPageGetsNothingDone) {
  Request request{.method = "DELETE",
                  .target = "/api/v1/cameras/gate",
                  .host = "127.0.0.1:8080",
                  .origin = "http://evil.example",
                  .fetch_site = "cross-site",
                  .content_type = {},
                  .accept_encoding = {},
                  .if_none_match = {},
                  .body = {}};
  EXPECT_EQ(router.handle(request).status, 403);
  request.origin = {};
  EXPECT_EQ(router.handle(request).status, 403);
  request.method = "GET";
  EXPECT_EQ(router.handle(request).status, 200);  // It cannot read the answer.
  request.target = "/api/v1/live";
  EXPECT_FALSE(router.handle_upgrade(request));
  request.fetch_site = "same-origin";
  EXPECT_TRUE(router.handle_upgrade(request));
  request.host = "evil.example";
  EXPECT_EQ(router.handle(request).status, 403);
}

TEST_F(RouterTest, UpgradesWhatIsAWebSocket) {
  const auto upgrade = [&](std::string_view target) {
    return router.handle_upgrade({.method = "GET",
                                  .target = target,
                                  .host = "localhost",
                                  .origin = "http://localhost",
                                  .fetch_site = {},
                                  .content_type = {},
                                  .accept_encoding = {},
                                  .if_none_match = {},
                                  .body = {}});
  };
  EXPECT_EQ(upgrade("/api/v1/live")->kind, SocketTarget::Kind::live);
  EXPECT_EQ(upgrade("/api/v1/cameras/%EC%A0%95%EB%AC%B8%201/video")->camera, "정문 1");
  EXPECT_EQ(upgrade("/api/v1/cameras").error().status, 404);
  EXPECT_EQ(upgrade("/").error().status, 404);
}

TEST_F(RouterTest, MetricsEscapeNames) {
  node::CameraConfig config;
  config.name = "a.b";
  config.url = "x.mp4";
  ASSERT_TRUE(fake.add(config));
  const Response response = ask("GET", "/metrics");
  EXPECT_NE(as_text(response.data).find("pasu_camera_live{camera=\"a.b\"} 0\n"),
            std::string_view::npos);
  EXPECT_EQ(response.content_type, "text/plain; version=0.0.4; charset=utf-8");
}

class PageFolderTest : public ::testing::Test {
 protected:
  void SetUp() override {
    char name[] = "/tmp/pasu-page-XXXXXX";
    folder = ::mkdtemp(name);
    std::filesystem::create_directories(folder + "/dist/assets");
    std::ofstream(folder + "/dist/index.html") << "the page";
    std::ofstream(folder + "/dist/assets/a-1.js") << "script";
    std::ofstream(folder + "/secret.txt") << "secret";
  }
  void TearDown() override { std::filesystem::remove_all(folder); }
  Response get(std::string_view target) {
    FakeNode fake;
    return Router(fake, Page(folder + "/dist"), AccessRule({}, ""))
        .handle({.method = "GET",
                 .target = target,
                 .host = "localhost",
                 .origin = {},
                 .fetch_site = {},
                 .content_type = {},
                 .accept_encoding = {},
                 .if_none_match = {},
                 .body = {}});
  }
  std::string folder;
};

TEST_F(PageFolderTest, ServesFilesAndThePageForItsOwnAddresses) {
  EXPECT_EQ(get("/assets/a-1.js").content_type, "text/javascript; charset=utf-8");
  EXPECT_EQ(as_text(get("/assets/a-1.js").data), "script");
  for (const char* target : {"/", "/?x=1", "/camera/gate", "/%EC%A0%95"})
    EXPECT_EQ(as_text(get(target).data), "the page") << target;
  EXPECT_EQ(get("/assets/b.js").status, 404);
  EXPECT_EQ(get("/favicon.ico").status, 404);
}

TEST_F(PageFolderTest, LeadsNowhereElse) {
  const std::string absolute = "/" + folder + "/secret.txt";
  for (const std::string& target :
       {std::string("/../secret.txt"), std::string("/%2e%2e/secret.txt"),
        std::string("/assets/..%2f..%2fsecret.txt"), absolute, std::string("/..%5csecret.txt"),
        std::string("//etc/passwd")})
    EXPECT_EQ(get(target).status, 404) << target;
}

}  // namespace
}  // namespace pasu::api
