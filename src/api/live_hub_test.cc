#include "api/live_hub.h"

#include <future>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "api/fake_node.h"

namespace pasu::api {
namespace {

using nlohmann::json;

class LiveHubTest : public ::testing::Test {
 protected:
  void SetUp() override {
    node::CameraConfig config;
    config.name = "gate";
    config.url = "x.mp4";
    ASSERT_TRUE(fake.add(config));
  }
  void detect(int count) {
    for (int i = 0; i < count; ++i) {
      node::Detections detections;
      detections.camera = "gate";
      detections.pts = std::chrono::milliseconds(++pts_ms);
      fake.listener().on_detections(detections);
    }
  }
  static json take(MessageSource& source) {
    const auto message = source.take();
    return message ? json::parse(as_text(message->data)) : json();
  }
  static void skip_state(MessageSource& source) {
    EXPECT_EQ(take(source)["type"], "server");
    EXPECT_EQ(take(source)["camera"]["name"], "gate");
  }

  FakeNode fake;
  LiveHub hub{fake};
  int pts_ms = 0;
};

TEST_F(LiveHubTest, BeginsWithTheStateThenWhatHappens) {
  auto reader = hub.subscribe();
  int wakes = 0;
  reader->on_ready([&] { ++wakes; });
  skip_state(*reader);
  EXPECT_FALSE(reader->take());
  detect(1);
  fake.listener().on_removed("gate");
  EXPECT_EQ(wakes, 2);
  const json detections = take(*reader);
  EXPECT_EQ(detections["pts"], 0.001);
  EXPECT_FALSE(detections.contains("dropped"));
  EXPECT_EQ(take(*reader), (json{{"type", "removed"}, {"name", "gate"}}));
}

TEST_F(LiveHubTest, ASlowReaderLosesTheOldestDetectionsAndIsToldHowMany) {
  auto slow = hub.subscribe();
  auto quick = hub.subscribe();
  skip_state(*slow);
  skip_state(*quick);
  const int more = 5;
  for (size_t i = 0; i < LiveHub::kQueueMax + more; ++i) {
    detect(1);
    EXPECT_FALSE(take(*quick).contains("dropped"));
  }
  const json first = take(*slow);
  EXPECT_EQ(first["pts"], 0.001 * (more + 1));
  EXPECT_EQ(first["dropped"], more);
  EXPECT_FALSE(slow->farewell());
}

TEST_F(LiveHubTest, AReaderWithNothingButStateToLoseIsSentAway) {
  auto reader = hub.subscribe();
  for (size_t i = 0; i < LiveHub::kQueueMax; ++i) hub.tick();
  EXPECT_FALSE(reader->take());
  ASSERT_TRUE(reader->farewell());
  EXPECT_EQ(reader->farewell()->code, 1013);
}

TEST_F(LiveHubTest, TellsTheStateOnceATick) {
  auto reader = hub.subscribe();
  skip_state(*reader);
  hub.tick();
  skip_state(*reader);
  EXPECT_FALSE(reader->take());
}

TEST_F(LiveHubTest, ARemovedCameraIsNotHeardOfAgain) {
  auto reader = hub.subscribe();
  skip_state(*reader);
  std::future<void> removed;
  fake.before_answer = [&] {
    removed = std::async(std::launch::async, [&] {
      ASSERT_TRUE(fake.remove("gate"));
      fake.listener().on_removed("gate");
    });
    // Time enough to overtake the answer, were it not held back.
    removed.wait_for(std::chrono::milliseconds(100));
  };
  hub.tick();
  removed.get();
  std::vector<json> heard;
  for (json message = take(*reader); !message.is_null(); message = take(*reader))
    heard.push_back(message);
  ASSERT_FALSE(heard.empty());
  EXPECT_EQ(heard.back()["type"], "removed");
}

TEST_F(LiveHubTest, ItsEndReachesNoReader) {
  auto other = std::make_unique<LiveHub>(fake);
  auto reader = other->subscribe();
  other.reset();
  skip_state(*reader);
  reader.reset();
}

}  // namespace
}  // namespace pasu::api
