// A whole Node over generated clips: cameras that work, and every kind that does not.
#include "node/node.h"

#include <condition_variable>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <unistd.h>

#include <gmock/gmock.h>

namespace pasu::node {
namespace {

using ::testing::AnyOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr auto kPatience = std::chrono::seconds(60);

const StreamingConfig kNoPorts{.rtsp_port = 0,
                               .rtsps_port = 0,
                               .rtmp_port = 0,
                               .rtmps_port = 0,
                               .multicast_group = {},
                               .certificate = {},
                               .key = {}};

class NodeTest : public ::testing::Test {
 protected:
  void SetUp() override {
    const char* media = std::getenv("PASU_TEST_MEDIA");
    if (media == nullptr) GTEST_SKIP() << "PASU_TEST_MEDIA is not set; ctest makes the clips";
    media_ = media;
    char name[] = "/tmp/pasu-node-XXXXXX";
    folder_ = ::mkdtemp(name);
    models_ = std::string(PASU_SOURCE_DIR) + "/models/person";
  }
  void TearDown() override {
    listening_.reset();
    node_.reset();
    if (!folder_.empty()) std::filesystem::remove_all(folder_);
  }

  static CameraConfig camera(const std::string& name, const std::string& url) {
    CameraConfig out;
    out.name = name;
    out.url = url;
    out.fps = 10;
    return out;
  }
  void start(std::vector<CameraConfig> cameras) {
    ServerConfig config;
    config.streaming = kNoPorts;
    config.model = models_;
    config.data = folder_ + "/data";
    config.cameras = std::move(cameras);
    auto made = Node::create(config);
    ASSERT_TRUE(made) << made.error().message();
    node_ = std::move(*made);
    Listener listener;
    listener.on_detections = [this](const Detections& d) {
      std::lock_guard lock(mutex_);
      detections_.push_back(d);
      happened_.notify_all();
    };
    listener.on_camera = [this](const CameraStatus&) { happened_.notify_all(); };
    listener.on_removed = [this](const std::string& name) {
      std::lock_guard lock(mutex_);
      removed_.push_back(name);
    };
    listening_ = node_->listen(std::move(listener));
  }
  // Waits until `right` says so of the camera; its status then.
  template <class F>
  CameraStatus wait(const std::string& name, F&& right) {
    const auto deadline = system_clock().now() + kPatience;
    for (;;) {
      const auto status = node_->camera(name);
      if (status && right(*status)) return *status;
      if (system_clock().now() > deadline) {
        ADD_FAILURE() << name << " is " << (status ? to_string(status->state) : "not there") << ": "
                      << (status ? status->why.sentence : "");
        return {};
      }
      std::unique_lock lock(mutex_);
      happened_.wait_for(lock, std::chrono::milliseconds(50));
    }
  }
  CameraStatus wait_for(const std::string& name, CameraState state) {
    return wait(name, [&](const CameraStatus& s) { return s.state == state; });
  }
  // The next `count` analysed frames of a camera.
  std::vector<Detections> analysed(const std::string& name, size_t count) {
    std::vector<Detections> out;
    std::unique_lock lock(mutex_);
    detections_.clear();
    const bool done = happened_.wait_for(lock, kPatience, [&] {
      for (auto& d : detections_)
        if (d.camera == name) out.push_back(std::move(d));
      detections_.clear();
      return out.size() >= count;
    });
    EXPECT_TRUE(done) << out.size() << " of " << count;
    return out;
  }

  std::string media_, folder_, models_;
  std::unique_ptr<Node> node_;
  std::shared_ptr<void> listening_;
  std::mutex mutex_;
  std::condition_variable happened_;
  std::vector<Detections> detections_;
  std::vector<std::string> removed_;
};

TEST_F(NodeTest, AFileGoesRoundAndItsTimesGoOn) {
  start({camera("a", media_ + "/mjpeg.avi")});  // One second, ten frames.
  const auto frames = analysed("a", 25);
  for (size_t i = 1; i < frames.size(); ++i) {
    EXPECT_GT(frames[i].pts, frames[i - 1].pts);
    EXPECT_EQ(frames[i].width, 320);
  }
  const CameraStatus status = wait_for("a", CameraState::live);
  EXPECT_EQ(status.codec, "mjpeg");
  EXPECT_EQ(status.figures.reconnects, 0u);
  EXPECT_TRUE(node_->frame_jpeg("a", true, 160));
}

TEST_F(NodeTest, ACameraThatIsOnlyPassedOnNeedsNoModel) {
  auto passed_on = camera("a", media_ + "/h264_aac.mp4");
  passed_on.fps = 0;
  start({passed_on});
  const CameraStatus status = wait_for("a", CameraState::live);
  EXPECT_EQ(node_->status().model, "");
  EXPECT_TRUE(node_->frame_jpeg("a", true, 160)) << "decoded when asked for";
  EXPECT_EQ(status.figures.analysed_fps, 0);
  EXPECT_EQ(status.figures.reconnects, 0u);

  ASSERT_TRUE(node_->add(camera("b", media_ + "/mjpeg.avi")));
  EXPECT_THAT(node_->status().model, HasSubstr("person"));
  analysed("b", 2);
  passed_on.fps = 10;
  ASSERT_TRUE(node_->change("a", passed_on));
  analysed("a", 2);
}

TEST_F(NodeTest, OneCamerasTroubleIsNoOthers) {
  start({camera("good", media_ + "/h264.ts"), camera("garbage", media_ + "/garbage.mp4"),
         camera("empty", media_ + "/empty.mp4"), camera("none", folder_ + "/none.mp4"),
         camera("sound", media_ + "/sound.m4a"), camera("refuses", "rtsp://127.0.0.1:1/x")});
  EXPECT_THAT(wait_for("none", CameraState::lost).why.sentence, HasSubstr("no such file"));
  EXPECT_THAT(wait_for("sound", CameraState::unsupported).why.sentence,
              HasSubstr("no video in it"));
  EXPECT_THAT(wait_for("refuses", CameraState::lost).why.sentence, HasSubstr("refused"));
  wait_for("empty", CameraState::lost);
  const auto reason = [&](const char* name) { return node_->camera(name)->why.reason; };
  EXPECT_EQ(reason("none"), Reason::no_such_file);
  EXPECT_EQ(reason("sound"), Reason::unsupported);
  EXPECT_EQ(reason("refuses"), Reason::unreachable);
  EXPECT_EQ(reason("empty"), Reason::damaged_file);
  const auto broken = [](const CameraStatus& s) {
    return (s.state == CameraState::lost || s.state == CameraState::unsupported) &&
           s.retry_at.has_value();
  };
  EXPECT_THAT(wait("garbage", broken).why.sentence, HasSubstr("garbage.mp4"));
  for (const char* name : {"garbage", "empty", "none", "sound", "refuses"})
    EXPECT_THAT(wait(name, broken).why.sentence, HasSubstr("; ")) << name << " is told no remedy";
  wait_for("good", CameraState::live);
  const auto picture = node_->frame_jpeg("none", false, 0);
  ASSERT_FALSE(picture);
  EXPECT_EQ(picture.error().code(), Errc::unavailable);
}

TEST_F(NodeTest, ACameraWithoutAPublisherWaits) {
  start({camera("drone", std::string(kPublish))});
  const CameraStatus status = wait_for("drone", CameraState::waiting);
  EXPECT_THAT(status.why.sentence, HasSubstr("push to the RTSP or RTMP address"));
  EXPECT_THAT(status.why.sentence, HasSubstr("/drone"));
  EXPECT_EQ(status.why.reason, Reason::no_publisher);
  EXPECT_FALSE(status.retry_at);
  EXPECT_EQ(status.figures.reconnects, 0u);
  EXPECT_EQ(node_->frame_jpeg("drone", false, 0).error().code(), Errc::unavailable);
}

TEST_F(NodeTest, AFileThatVanishesIsLostAndComesBack) {
  const std::string path = folder_ + "/clip.avi";
  std::filesystem::copy_file(media_ + "/mjpeg.avi", path);
  start({camera("a", path)});
  wait_for("a", CameraState::live);
  const media::Pts before = analysed("a", 1).back().pts;
  std::filesystem::remove(path);
  const CameraStatus lost = wait_for("a", CameraState::lost);
  EXPECT_THAT(lost.why.sentence, HasSubstr("no such file"));
  EXPECT_EQ(lost.people, 0);
  std::filesystem::copy_file(media_ + "/mjpeg.avi", path);
  wait_for("a", CameraState::live);
  EXPECT_GT(analysed("a", 1).front().pts, before);
  EXPECT_GE(node_->camera("a")->figures.reconnects, 1u);
}

TEST_F(NodeTest, AGarbledMiddleIsCountedAndPassed) {
  const std::string path = folder_ + "/garbled.ts";
  std::ifstream in(media_ + "/h264.ts", std::ios::binary);
  std::string bytes((std::istreambuf_iterator<char>(in)), {});
  for (size_t i = bytes.size() / 3; i < bytes.size() / 2; i += 701) bytes[i] = '\x5A';
  std::ofstream(path, std::ios::binary) << bytes;
  start({camera("a", path)});
  wait("a", [](const CameraStatus& s) { return s.figures.drops.contains("damaged"); });
  analysed("a", 5);
}

TEST_F(NodeTest, ANewSizeIsTakenAsItComes) {
  start({camera("a", media_ + "/size_change.264")});
  auto reader = node_->watch("a").value();
  bool large = false, small = false;
  for (const auto& d : analysed("a", 50)) {
    large = large || d.width == 320;
    small = small || d.width == 160;
  }
  EXPECT_TRUE(large && small);
  std::vector<int> widths;
  const auto deadline = system_clock().now() + kPatience;
  while (widths.size() < 2 && system_clock().now() < deadline) {
    while (auto message = reader->take())
      if (message->kind == hub::VideoMessage::Kind::start) widths.push_back(message->width);
    analysed("a", 1);
  }
  EXPECT_THAT(widths, AnyOf(ElementsAre(320, 160), ElementsAre(160, 320)));
}

TEST_F(NodeTest, CamerasComeChangeAndGo) {
  start({camera("a", media_ + "/h264.ts")});
  ASSERT_TRUE(node_->add(camera("b", media_ + "/mpeg4.avi")));
  EXPECT_EQ(node_->add(camera("b", "x.mp4")).error().code(), Errc::exists);
  EXPECT_EQ(node_->add(camera("../b", "x.mp4")).error().code(), Errc::invalid_argument);
  wait_for("b", CameraState::live);
  auto reader = node_->watch("b").value();
  ASSERT_TRUE(node_->change("b", camera("c", media_ + "/mpeg4.avi")));
  std::optional<hub::VideoMessage> last;
  while (auto message = reader->take()) last = std::move(message);
  ASSERT_TRUE(last);
  EXPECT_EQ(last->kind, hub::VideoMessage::Kind::end);
  wait_for("c", CameraState::live);
  ASSERT_TRUE(node_->remove("a"));
  EXPECT_EQ(node_->remove("a").error().code(), Errc::not_found);
  EXPECT_THAT(node_->remove("a").error().message(), HasSubstr("'c'"));
  EXPECT_THAT(removed_, ElementsAre("b", "a"));
  EXPECT_EQ(node_->status().cameras, 1);
}

TEST_F(NodeTest, ASubStreamIsAnalysedInPlaceOfWhatIsShown) {
  CameraConfig with_sub = camera("a", media_ + "/mjpeg.avi");
  with_sub.sub = folder_ + "/small.ts";
  with_sub.sleeps = false;
  start({with_sub});
  const CameraStatus lost = wait_for("a", CameraState::degraded);
  EXPECT_EQ(lost.why.reason, Reason::no_such_file);
  EXPECT_THAT(lost.why.sentence, HasSubstr("sub-stream is lost"));
  EXPECT_EQ(lost.codec, "mjpeg") << "what is shown is there";

  std::filesystem::copy_file(media_ + "/h264.ts", with_sub.sub);
  const auto frames = analysed("a", 20);
  for (size_t i = 1; i < frames.size(); ++i) EXPECT_GT(frames[i].pts, frames[i - 1].pts);
  const CameraStatus live = wait_for("a", CameraState::live);
  EXPECT_EQ(live.codec, "mjpeg");
  EXPECT_TRUE(node_->frame_jpeg("a", true, 160));
}

TEST_F(NodeTest, WrongModelsAndFoldersAreNamed) {
  ServerConfig config;
  config.streaming = kNoPorts;
  config.data = folder_ + "/data";
  config.model = "nobody";
  EXPECT_THAT(Node::create(config).error().message(), HasSubstr("nobody"));
  CameraConfig passed_on = camera("a", media_ + "/mjpeg.avi");
  passed_on.fps = 0;
  config.cameras = {passed_on};
  {
    const auto node = Node::create(config);
    ASSERT_TRUE(node) << node.error().message();
    EXPECT_THAT((*node)->add(camera("b", "x.avi")).error().message(), HasSubstr("nobody"));
    EXPECT_EQ((*node)->status().cameras, 1);
  }
  config.model = models_;
  config.data = "/dev/null/data";
  EXPECT_THAT(Node::create(config).error().message(), HasSubstr("server.data"));
}

TEST_F(NodeTest, EndsAtOnceHoweverBusy) {
  std::vector<CameraConfig> cameras;
  for (int i = 0; i < 8; ++i)
    cameras.push_back(camera("c" + std::to_string(i), media_ + "/mpeg4.avi"));
  start(std::move(cameras));
  wait_for("c7", CameraState::live);
  std::vector<std::unique_ptr<hub::VideoReader>> readers;
  for (int i = 0; i < 8; ++i) readers.push_back(node_->watch("c" + std::to_string(i)).value());
  analysed("c0", 3);
  const auto begun = system_clock().now();
  node_.reset();
  EXPECT_LT(system_clock().now() - begun,
            std::chrono::seconds(20));  // A second, on an idle computer.
}

}  // namespace
}  // namespace pasu::node
