// The node's parts that need no video: rates, the change store, the inference queue.
#include <filesystem>
#include <fstream>
#include <future>
#include <unistd.h>

#include <gmock/gmock.h>

#include "node/camera_store.h"
#include "node/inference.h"
#include "node/rate.h"

namespace pasu::node {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(Rate, IsTheMeanOfWholeSeconds) {
  ManualClock clock;
  Rate rate;
  EXPECT_EQ(rate.per_second(clock.now()), 0);
  for (int i = 0; i < 40; ++i) {
    rate.add(1, clock.now());
    clock.advance(milliseconds(100));
  }
  EXPECT_DOUBLE_EQ(rate.per_second(clock.now()), 10);
  clock.advance(seconds(3));
  EXPECT_DOUBLE_EQ(rate.per_second(clock.now()), 4);
  clock.advance(std::chrono::hours(1000));
  EXPECT_DOUBLE_EQ(rate.per_second(clock.now()), 0);
}

class StoreTest : public ::testing::Test {
 protected:
  void SetUp() override {
    char name[] = "/tmp/pasu-store-XXXXXX";
    folder = ::mkdtemp(name);
  }
  void TearDown() override { std::filesystem::remove_all(folder); }

  static CameraConfig camera(const std::string& name, const std::string& url = "x.mp4") {
    CameraConfig out;
    out.name = name;
    out.url = url;
    return out;
  }
  std::vector<std::string> names() {
    std::vector<std::string> out;
    const auto store = CameraStore::open(folder, {camera("a"), camera("b")}).value();
    for (const auto& c : store.cameras()) out.push_back(c.name + "=" + c.url);
    return out;
  }
  std::string folder;
};

TEST_F(StoreTest, LaysChangesOverTheConfiguration) {
  auto store = CameraStore::open(folder, {camera("a"), camera("b")}).value();
  ASSERT_TRUE(store.put(camera("c", "rtsp://u:p@h/1")));
  ASSERT_TRUE(store.put(camera("a", "y.mp4")));
  ASSERT_TRUE(store.remove("b"));
  EXPECT_THAT(names(), ElementsAre("a=y.mp4", "c=rtsp://u:p@h/1"));
  ASSERT_TRUE(store.replace("c", camera("d")));
  EXPECT_THAT(names(), ElementsAre("a=y.mp4", "d=x.mp4"));
  ASSERT_TRUE(store.put(camera("b")));
  EXPECT_THAT(names(), ElementsAre("a=y.mp4", "b=x.mp4", "d=x.mp4"));
}

TEST_F(StoreTest, KeepsPasswordsToItsOwner) {
  auto store = CameraStore::open(folder, {}).value();
  ASSERT_TRUE(store.put(camera("a", "rtsp://u:p@h/1")));
  const auto mode = std::filesystem::status(folder + "/changes.json").permissions();
  EXPECT_EQ(mode & (std::filesystem::perms::group_all | std::filesystem::perms::others_all),
            std::filesystem::perms::none);
}

TEST_F(StoreTest, ADamagedFileIsNamedWithTheRemedy) {
  std::ofstream(folder + "/changes.json") << "{\"a\": {\"url\": 5}}";
  const auto store = CameraStore::open(folder, {});
  ASSERT_FALSE(store);
  EXPECT_THAT(store.error().message(), HasSubstr("changes.json"));
  EXPECT_THAT(store.error().message(), HasSubstr("move it away"));
}

TEST_F(StoreTest, AFailedWriteChangesNothing) {
  auto store = CameraStore::open(folder, {camera("a")}).value();
  std::filesystem::create_directory(folder + "/changes.json.part");  // Cannot be opened as a file.
  EXPECT_FALSE(store.put(camera("b")));
  EXPECT_EQ(store.cameras().size(), 1u);
  EXPECT_FALSE(std::filesystem::exists(folder + "/changes.json"));
}

TEST(ParseChanges, ChecksWhatItReads) {
  EXPECT_FALSE(parse_changes("[]"));
  EXPECT_FALSE(parse_changes("{"));
  const auto bad = parse_changes(R"({"a": {"url": "pipe:0", "fps": 5, "enabled": true}})");
  ASSERT_FALSE(bad);
  EXPECT_THAT(bad.error().message(), HasSubstr("camera 'a': url:"));
}

// Holds every frame until told to answer.
class SlowDetector final : public detect::Detector {
 public:
  const detect::DetectorInfo& info() const override { return info_; }
  void submit(media::Frame frame, Done done) override {
    std::unique_lock lock(mutex_);
    seen_.push_back(frame.width);
    arrived_.notify_all();
    answer_.wait(lock, [&] { return answers_ > 0; });
    --answers_;
    lock.unlock();
    done(std::vector<geom::Detection>{});
  }
  void answer(int count) {
    std::lock_guard lock(mutex_);
    answers_ += count;
    answer_.notify_all();
  }
  std::vector<int> wait_for(size_t count) {
    std::unique_lock lock(mutex_);
    arrived_.wait(lock, [&] { return seen_.size() >= count; });
    return seen_;
  }

 private:
  detect::DetectorInfo info_;
  std::mutex mutex_;
  std::condition_variable arrived_, answer_;
  std::vector<int> seen_;
  int answers_ = 0;
};

media::Frame frame(int width) {
  media::Frame out;
  out.width = width;
  return out;
}

constexpr auto kFirst = Inference::Turn::first, kUsual = Inference::Turn::usual;

TEST(Inference, TheNewestFrameWinsAndCamerasTakeTurns) {
  auto detector = std::make_shared<SlowDetector>();
  Inference inference(detector);
  Inference::Lane a(inference), b(inference);
  const auto ignore = [](auto) {};
  EXPECT_TRUE(a.submit(frame(1), {}, kUsual, ignore));
  detector->wait_for(1);
  EXPECT_TRUE(a.submit(frame(2), {}, kUsual, ignore));
  EXPECT_TRUE(b.submit(frame(10), {}, kUsual, ignore));
  EXPECT_FALSE(a.submit(frame(3), {}, kUsual, ignore));  // Takes the place of 2.
  detector->answer(3);
  EXPECT_THAT(detector->wait_for(3), ElementsAre(1, 10, 3));
}

TEST(Inference, SomebodyInThePictureComesFirstButNobodyStarves) {
  auto detector = std::make_shared<SlowDetector>();
  Inference inference(detector);
  std::deque<Inference::Lane> lanes;
  for (int i = 0; i < 9; ++i) lanes.emplace_back(inference);
  const auto ignore = [](auto) {};
  (void)lanes[0].submit(frame(100), {}, kUsual, ignore);
  detector->wait_for(1);
  for (int i = 1; i <= 3; ++i)
    (void)lanes[static_cast<size_t>(i)].submit(frame(i), {}, kUsual, ignore);
  for (int i = 4; i <= 8; ++i)
    (void)lanes[static_cast<size_t>(i)].submit(frame(i), {}, kFirst, ignore);
  detector->answer(9);
  EXPECT_THAT(detector->wait_for(9), ElementsAre(100, 4, 5, 6, 1, 7, 8, 2, 3));
}

TEST(Inference, ALaneThatGoesAwayWaitsForItsFrameAndDropsTheRest) {
  auto detector = std::make_shared<SlowDetector>();
  Inference inference(detector);
  std::atomic<int> done = 0;
  {
    Inference::Lane lane(inference);
    lane.submit(frame(1), {}, kUsual, [&](auto) { ++done; });
    detector->wait_for(1);
    lane.submit(frame(2), {}, kUsual, [&](auto) { done += 100; });
    detector->answer(2);  // The second may be under way before the lane goes.
  }
  EXPECT_TRUE(done == 1 || done == 101) << done;
}

}  // namespace
}  // namespace pasu::node
