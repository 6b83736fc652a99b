#include "bench/cameras_score.h"

#include <gtest/gtest.h>

namespace pasu::bench {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr geom::Box kBox{10, 10, 20, 50}, kElsewhere{300, 10, 20, 50};

// Ten GOPs of a second and ten frames; somebody is in the fourth and fifth.
class CamerasScore : public ::testing::Test {
 protected:
  CamerasScore() {
    clip_.fps = 10;
    clip_.gops.resize(10);
    for (auto& gop : clip_.gops) gop.resize(10);
    people_.resize(10);
    people_[3].push_back({.track = 1, .first = 2, .frames = 8, .boxes = {kBox}});
    people_[4].push_back({.track = 1, .first = 0, .frames = 10, .boxes = {kBox}});
    for (uint32_t g = 0; g < 10; ++g) plan_.gops.push_back(g);
    plan_.phase = milliseconds(300);
  }
  // The server's timeline began 7 s before the plan did.
  void tell(int frame, milliseconds delay, bool replayed, const std::vector<geom::Box>& people) {
    const auto sent = milliseconds(100) * frame;
    told_.push_back({kStart + plan_.phase + sent + delay, sent + seconds(7), replayed, {}});
    for (const geom::Box& box : people) told_.back().people.push_back({1, box});
  }
  Score score() {
    return score_camera({&clip_, &people_, &plan_, kStart}, told_, 5, kStart, kStart + seconds(60));
  }

  static constexpr MonoTime kStart{seconds(1000)};
  CameraClip clip_;
  PresenceByGop people_;
  CameraPlan plan_;
  std::vector<Told> told_;
};

TEST_F(CamerasScore, WhoWasNeverLookedAtIsMissed) {
  tell(0, milliseconds(5), false, {});
  const Score one = score();
  EXPECT_EQ(one.person_seconds, 2);
  EXPECT_EQ(one.missed, 2);
  EXPECT_TRUE(one.wake_ms.empty());
}

TEST_F(CamerasScore, ABoxOfThatPersonOrHalfTheFramesDo) {
  tell(0, milliseconds(5), false, {});
  tell(35, milliseconds(5), false, {kBox});
  for (const int frame : {40, 44, 48}) tell(frame, milliseconds(5), false, {});
  EXPECT_EQ(score().missed, 0);
}

TEST_F(CamerasScore, AnotherPersonsBoxDoesNot) {
  tell(0, milliseconds(5), false, {});
  tell(35, milliseconds(5), false, {kElsewhere});
  tell(45, milliseconds(5), false, {kElsewhere});
  EXPECT_EQ(score().missed, 2);
}

TEST_F(CamerasScore, WakingIsFromTheFirstFrameToTheFirstBoxes) {
  tell(0, milliseconds(5), false, {});
  tell(33, milliseconds(900), true, {kBox});  // Looked at once the camera woke.
  tell(34, milliseconds(810), true, {kBox});
  tell(42, milliseconds(25), false, {kBox});
  const Score one = score();
  ASSERT_EQ(one.wake_ms.size(), 1u);
  EXPECT_NEAR(one.wake_ms[0], 1000 + 5 - 5, 20);  // Sent at 3.2 s, told at 4.2 s.
  ASSERT_EQ(one.boxes_ms.size(), 2u);
  EXPECT_NEAR(one.boxes_ms[1], 25, 1);
}

TEST_F(CamerasScore, SpreadsAreOfTheSamplesThereAre) {
  EXPECT_EQ(spread_of({}).count, 0u);
  std::vector<double> samples;
  for (int i = 100; i >= 0; --i) samples.push_back(i);
  const Spread spread = spread_of(samples);
  EXPECT_EQ(spread.p50, 50);
  EXPECT_EQ(spread.p95, 95);
  EXPECT_EQ(spread.p99, 99);
}

}  // namespace
}  // namespace pasu::bench
