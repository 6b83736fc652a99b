// Cameras that misbehave beside one that does not: each fault is counted, nobody else disturbed,
// and it passes without a restart.
#include <algorithm>
#include <condition_variable>
#include <cstdlib>
#include <deque>
#include <filesystem>
#include <map>
#include <random>
#include <ranges>
#include <sched.h>
#include <thread>
#include <unistd.h>

#include <gmock/gmock.h>

#include "av/demuxer.h"
#include "node/analyser.h"
#include "node/node.h"

namespace pasu::node {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::HasSubstr;

constexpr auto kPatience = seconds(60);
constexpr StreamingConfig no_streaming() {
  StreamingConfig out;
  out.rtsp_port = out.rtsps_port = out.rtmp_port = out.rtmps_port = 0;
  return out;
}

constexpr auto kFrame = milliseconds(40);

/// A clip's units, over and over.
struct Clip {
  media::StreamInfo video;
  std::vector<media::AccessUnit> units;
  static Clip load(const std::string& path) {
    Clip out;
    const std::atomic<bool> stop = false;
    auto demuxer = av::Demuxer::open(path, {.stop = &stop});
    EXPECT_TRUE(demuxer) << path;
    const media::StreamInfo* video = av::find_video((*demuxer)->info());
    out.video = *video;
    out.video.index = 0;
    while (auto unit = (*demuxer)->read()) {
      if (!*unit) break;
      if ((*unit)->stream != video->index) continue;
      (*unit)->stream = 0;
      out.units.push_back(std::move(**unit));
    }
    return out;
  }
  media::AccessUnit at(size_t number) const {
    media::AccessUnit unit = units[number % units.size()];
    unit.pts = unit.dts = kFrame * number;
    return unit;
  }
};

/// What a camera does to its next unit; false: it is not sent.
using Mischief = std::function<bool(media::AccessUnit& unit, size_t number)>;
struct Manners {
  Mischief mischief = [](media::AccessUnit&, size_t) { return true; };
  bool hurries = false;  ///< Sends as fast as it can.
};

class ScriptedSource final : public Source {
 public:
  ScriptedSource(const Clip& clip, Manners manners, const std::atomic<bool>& stop)
      : clip_(clip), tracks_{clip.video}, manners_(std::move(manners)), stop_(stop) {}
  const hub::Tracks& tracks() const override { return tracks_; }
  Result<Unit> read() override {
    for (;;) {
      if (stop_) return fail(Errc::cancelled, "stopped");
      if (!manners_.hurries) std::this_thread::sleep_until(begun_ + kFrame * number_);
      Unit out;
      out.unit = clip_.at(number_);
      if (manners_.mischief(out.unit, number_++)) return out;
    }
  }

 private:
  const Clip& clip_;
  const hub::Tracks tracks_;
  const Manners manners_;
  const std::atomic<bool>& stop_;
  const MonoTime begun_ = system_clock().now();
  size_t number_ = 0;
};

class FaultsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    const char* media = std::getenv("PASU_TEST_MEDIA");
    if (media == nullptr) GTEST_SKIP() << "PASU_TEST_MEDIA is not set; ctest makes the clips";
    clip_ = Clip::load(std::string(media) + "/h264_aac.mp4");
    char name[] = "/tmp/pasu-faults-XXXXXX";
    folder_ = ::mkdtemp(name);
  }
  void TearDown() override {
    listening_.reset();
    node_.reset();
    if (!folder_.empty()) std::filesystem::remove_all(folder_);
  }

  // A camera with good manners, and one with these.
  void start(Manners manners) {
    ServerConfig config;
    config.streaming = no_streaming();
    config.model = std::string(PASU_SOURCE_DIR) + "/models/person";
    config.data = folder_ + "/data";
    for (const char* name : {"good", "bad"}) {
      CameraConfig camera;
      camera.name = name;
      camera.url = std::string("rtsp://camera/") + name;
      config.cameras.push_back(camera);
    }
    auto made = Node::create(
        config,
        [this, manners](const std::string& url, const Patience&,
                        const std::atomic<bool>& stop) -> Result<std::unique_ptr<Source>> {
          const bool bad = url.ends_with("/bad");
          return std::make_unique<ScriptedSource>(clip_, bad ? manners : Manners{}, stop);
        });
    ASSERT_TRUE(made) << made.error().message();
    node_ = std::move(*made);
    Listener listener;
    listener.on_detections = [this](const Detections& d) {
      std::lock_guard lock(mutex_);
      ++analysed_[d.camera];
      happened_.notify_all();
    };
    listening_ = node_->listen(std::move(listener));
  }
  // So many more frames of it are analysed.
  void expect_analysed(const std::string& camera, int count) {
    std::unique_lock lock(mutex_);
    const int wanted = analysed_[camera] + count;
    EXPECT_TRUE(happened_.wait_for(lock, kPatience, [&] { return analysed_[camera] >= wanted; }))
        << camera << ": " << analysed_[camera] << " of " << wanted;
  }
  template <class F>
  CameraStatus wait(const std::string& name, F&& right) {
    const auto deadline = system_clock().now() + kPatience;
    for (;;) {
      const auto status = node_->camera(name);
      if (status && right(*status)) return *status;
      if (system_clock().now() > deadline) {
        ADD_FAILURE() << name << " is " << to_string(status->state) << ": " << status->why.sentence;
        return *status;
      }
      std::unique_lock lock(mutex_);
      happened_.wait_for(lock, milliseconds(50));
    }
  }

  Clip clip_;
  std::atomic<bool> flag_ = false;  // What the mischief listens to; outlives the node.
  std::mt19937 random_{1};
  std::string folder_;
  std::unique_ptr<Node> node_;
  std::shared_ptr<void> listening_;
  std::mutex mutex_;
  std::condition_variable happened_;
  std::map<std::string, int> analysed_;
};

TEST_F(FaultsTest, ACameraThatFloodsLosesItsOwnFrames) {
  start({.hurries = true});
  wait("bad", [](const CameraStatus& s) {
    uint64_t dropped = 0;
    for (const auto& [cause, count] : s.figures.drops) dropped += count;
    return dropped > 1000;
  });
  expect_analysed("good", 5);
  expect_analysed("bad", 1);
  EXPECT_TRUE(node_->camera("good")->figures.drops.empty());
}

TEST_F(FaultsTest, ACameraThatStallsGoesOnWhenItDoes) {
  start({.mischief = [&](media::AccessUnit&, size_t) {
    if (flag_) std::this_thread::sleep_for(milliseconds(10));
    return !flag_;
  }});
  expect_analysed("bad", 2);
  flag_ = true;
  wait("bad", [](const CameraStatus& s) { return s.figures.source_fps == 0; });
  expect_analysed("good", 3);
  flag_ = false;
  expect_analysed("bad", 2);
}

TEST_F(FaultsTest, AClockThatJumpsIsFollowed) {
  start({.mischief = [](media::AccessUnit& unit, size_t number) {
    const std::array<int, 4> hours{0, 5, -3, 1};
    unit.pts += std::chrono::hours(hours[number / 30 % hours.size()]);
    unit.dts = unit.pts;
    return true;
  }});
  expect_analysed("bad", 8);
  expect_analysed("good", 2);
}

TEST_F(FaultsTest, NothingButPFramesThenKeyFramesAgain) {
  start({.mischief = [&](media::AccessUnit& unit, size_t) { return flag_ || !unit.key; }});
  const CameraStatus blind =
      wait("bad", [](const CameraStatus& s) { return s.why.reason == Reason::no_key_frame; });
  EXPECT_EQ(blind.state, CameraState::connecting);
  expect_analysed("good", 3);
  flag_ = true;
  expect_analysed("bad", 3);
}

TEST_F(FaultsTest, GarbageIsCountedAndPasses) {
  start({.mischief = [&](media::AccessUnit& unit, size_t) {
    if (flag_) return true;
    std::vector<uint8_t> bytes(200 + random_() % 3000);
    for (uint8_t& b : bytes) b = static_cast<uint8_t>(random_());
    unit.data = Bytes::copy(bytes);
    return true;
  }});
  wait("bad", [](const CameraStatus& s) { return s.figures.drops.contains("damaged"); });
  expect_analysed("good", 3);
  flag_ = true;
  expect_analysed("bad", 3);
}

TEST_F(FaultsTest, LongGopsAreWatchedAllTheSameAndSaid) {
  start({.mischief = [](media::AccessUnit& unit, size_t number) {
    // The key frames but the first, and what builds upon them, are another's business: marked only.
    if (number > 0) unit.key = false;
    return true;
  }});
  const CameraStatus status =
      wait("bad", [](const CameraStatus& s) { return s.why.reason == Reason::long_gop; });
  EXPECT_THAT(status.why.sentence, HasSubstr("set the camera's key frame interval to 1 s"));
  expect_analysed("bad", 2);
}

// Every thread of this process that lives now stays on these cores.
void keep_to(const cpu_set_t& cores) {
  for (const auto& thread : std::filesystem::directory_iterator("/proc/self/task"))
    ::sched_setaffinity(std::stoi(thread.path().filename()), sizeof cores, &cores);
}

TEST_F(FaultsTest, CoresTakenAwayAndGivenBack) {
  start({});
  expect_analysed("bad", 2);
  cpu_set_t all, one;
  ASSERT_EQ(::sched_getaffinity(0, sizeof all, &all), 0);
  CPU_ZERO(&one);
  int first = 0;
  while (!CPU_ISSET(first, &all)) ++first;
  CPU_SET(first, &one);
  keep_to(one);
  expect_analysed("good", 5);
  expect_analysed("bad", 5);
  keep_to(all);
  expect_analysed("good", 3);
}

// What an analyser tells that only counts what it analyses.
Analyser::Events counting(std::atomic<int>& analysed) {
  return {.on_analysis = [&](const Analysis&) { ++analysed; },
          .on_frame = [](const media::Frame&) {},
          .wants_frames = [] { return false; }};
}

// Sees somebody, slowly.
class SlowDetector final : public detect::Detector {
 public:
  const detect::DetectorInfo& info() const override { return info_; }
  void submit(media::Frame, Done done) override {
    std::this_thread::sleep_for(milliseconds(40));
    done(std::vector<geom::Detection>{{.box = {100, 60, 140, 180}, .score = 0.9f}});
  }

 private:
  detect::DetectorInfo info_;
};

TEST_F(FaultsTest, EverybodyWakesAtOnceAndIsServedEvenly) {
  constexpr size_t kCameras = 8;  // They ask for 40 frames a second of a detector that does 25.
  flow::Executor workers(2);
  Inference inference(std::make_shared<SlowDetector>());
  Governor governor;
  struct Camera {
    explicit Camera(const std::string& name) : meter(name, system_clock(), 1) {}
    Meter meter;
    std::atomic<int> analysed = 0;
    std::unique_ptr<Analyser> analyser;
  };
  std::deque<Camera> cameras;
  for (size_t i = 0; i < kCameras; ++i) {
    Camera& camera = cameras.emplace_back("everybody" + std::to_string(i));
    camera.analyser = std::make_unique<Analyser>(Analyser::Options{}, workers, &inference, governor,
                                                 camera.meter, counting(camera.analysed));
    ASSERT_TRUE(camera.analyser->begin(clip_.video));
  }
  const auto begun = system_clock().now();
  size_t number = 0;
  const auto feed_until = [&](const std::function<bool()>& done) {
    for (const size_t end = number + 1500; number < end && !done(); ++number) {
      for (Camera& camera : cameras) camera.analyser->push(clip_.at(number));
      if (number % 25 == 0) governor.tick();
      std::this_thread::sleep_until(begun + kFrame * number);
    }
    return done();
  };
  const auto all = [&](auto&& is) { return std::ranges::all_of(cameras, is); };
  EXPECT_TRUE(feed_until([&] {
    return all([](const Camera& c) { return c.analyser->wakefulness().awake && c.analysed > 0; });
  }));
  for (Camera& camera : cameras) camera.analysed = 0;
  EXPECT_TRUE(feed_until([&] { return all([](const Camera& c) { return c.analysed >= 15; }); }));
  const auto [least, most] = std::ranges::minmax(
      cameras | std::views::transform([](const Camera& c) { return c.analysed.load(); }));
  EXPECT_LE(most, 2 * least);
  // Who comes late is counted, or the governor has asked for less of everybody.
  EXPECT_TRUE(
      governor.limits().share < 1 ||
      std::ranges::any_of(cameras, [](Camera& c) { return !c.meter.figures().drops.empty(); }));
  for (Camera& camera : cameras) {
    camera.analyser->end();
    camera.analyser->stop();
  }
}

// Fails until told otherwise.
class FailingDetector final : public detect::Detector {
 public:
  const detect::DetectorInfo& info() const override { return info_; }
  void submit(media::Frame, Done done) override {
    if (fails)
      done(fail(Errc::unavailable, "the device is gone"));
    else
      done(std::vector<geom::Detection>{});
  }
  std::atomic<bool> fails = true;

 private:
  detect::DetectorInfo info_;
};

TEST_F(FaultsTest, ADetectorThatFailsIsCountedAndTriedAgain) {
  auto detector = std::make_shared<FailingDetector>();
  flow::Executor workers(1);
  Inference inference(detector);
  Governor governor;
  Meter meter("faults", system_clock(), 1);
  std::atomic<int> analysed = 0;
  Analyser analyser({.fps = 5, .threshold = 0.3f, .sleeps = true}, workers, &inference, governor,
                    meter, counting(analysed));
  ASSERT_TRUE(analyser.begin(clip_.video));
  size_t number = 0;
  const auto feed_until = [&](const std::function<bool()>& done) {
    for (const size_t end = number + 2000; number < end && !done(); ++number) {
      analyser.push(clip_.at(number));
      std::this_thread::sleep_for(milliseconds(4));
    }
    return done();
  };
  EXPECT_TRUE(feed_until([&] { return meter.figures().drops.contains("detector_failed"); }));
  EXPECT_EQ(analysed, 0);
  detector->fails = false;
  EXPECT_TRUE(feed_until([&] { return analysed > 0; }));
  analyser.end();
  analyser.stop();
}

}  // namespace
}  // namespace pasu::node
