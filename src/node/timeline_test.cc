#include "node/timeline.h"

#include <gtest/gtest.h>

namespace pasu::node {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

class TimelineTest : public ::testing::Test {
 protected:
  // Places a unit with these times and gives its new decode time in milliseconds.
  int64_t place(int64_t dts_ms, int64_t ahead_ms = 0) {
    media::AccessUnit unit;
    unit.dts = milliseconds(dts_ms);
    unit.pts = unit.dts + milliseconds(ahead_ms);
    timeline.place(unit);
    EXPECT_GE(unit.pts, unit.dts);
    pts_ms = std::chrono::duration_cast<milliseconds>(unit.pts).count();
    return std::chrono::duration_cast<milliseconds>(unit.dts).count();
  }

  ManualClock clock;
  Timeline timeline{clock.now()};
  int64_t pts_ms = 0;
};

TEST_F(TimelineTest, BeginsAtZeroAndKeepsDistances) {
  timeline.begin_session(clock.now());
  EXPECT_EQ(place(5000), 0);
  EXPECT_EQ(place(5040), 40);
  EXPECT_EQ(place(5140, 80), 140);
  EXPECT_EQ(pts_ms, 220);
}

TEST_F(TimelineTest, NegativeDecodeTimesOfBFramesBecomePositive) {
  timeline.begin_session(clock.now());
  EXPECT_EQ(place(-80, 80), 0);
  EXPECT_EQ(pts_ms, 80);
}

TEST_F(TimelineTest, AFileLoopGoesOnByOneFrame) {
  timeline.begin_session(clock.now());
  place(0);
  place(100);
  place(200);
  timeline.begin_round();
  EXPECT_EQ(place(0), 300);
  EXPECT_EQ(place(100), 400);
  EXPECT_EQ(timeline.jumps(), 0u);
}

TEST_F(TimelineTest, SoundFollowsThePicture) {
  timeline.begin_session(clock.now());
  media::AccessUnit sound;
  sound.pts = sound.dts = milliseconds(5010);
  EXPECT_FALSE(timeline.follow(sound));  // There is no picture yet.
  place(5000);
  ASSERT_TRUE(timeline.follow(sound));
  EXPECT_EQ(sound.dts, milliseconds(10));
  EXPECT_EQ(sound.pts, milliseconds(10));
  timeline.begin_round();
  EXPECT_FALSE(timeline.follow(sound));
}

TEST_F(TimelineTest, AReconnectKeepsPaceWithTheClock) {
  timeline.begin_session(clock.now());
  place(0);
  place(40);
  clock.advance(seconds(30));
  timeline.begin_session(clock.now());
  EXPECT_EQ(place(123456), 30000);
}

TEST_F(TimelineTest, AReconnectNeverGoesBack) {
  timeline.begin_session(clock.now());
  place(0);
  place(9000, 500);  // A burst: the source ran ahead of the clock.
  clock.advance(seconds(1));
  timeline.begin_session(clock.now());
  EXPECT_EQ(place(0), 9500);
}

TEST_F(TimelineTest, JumpsAreClosedToOneFrame) {
  timeline.begin_session(clock.now());
  place(0);
  place(40);
  EXPECT_EQ(place(3'600'000), 80);  // Hours ahead for one frame (mediamtx PR#6255).
  EXPECT_EQ(place(80), 120);
  EXPECT_EQ(place(120), 160);
  EXPECT_EQ(timeline.jumps(), 2u);
}

TEST_F(TimelineTest, AGapShorterThanAJumpIsKept) {
  timeline.begin_session(clock.now());
  place(0);
  EXPECT_EQ(place(8000), 8000);
}

TEST_F(TimelineTest, EqualTimesStillGrow) {
  timeline.begin_session(clock.now());
  place(0);
  place(40);
  EXPECT_EQ(place(40), 80);
  EXPECT_EQ(timeline.jumps(), 0u);
}

}  // namespace
}  // namespace pasu::node
