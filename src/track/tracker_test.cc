#include "track/tracker.h"

#include <limits>

#include <gtest/gtest.h>

namespace pasu::track {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;

geom::Detection person(float x, float y = 100, float score = 0.9f) {
  return {.box = {x, y, 40, 110}, .score = score, .label = 0};
}

TEST(Tracker, ReportsFromTheSecondDetectionOn) {
  Tracker tracker;
  const std::vector first = {person(100)};
  EXPECT_TRUE(tracker.update(first, milliseconds(0)).empty());
  const auto tracks = tracker.update(first, milliseconds(100));
  ASSERT_EQ(tracks.size(), 1u);
  EXPECT_EQ(tracks[0].id, 1u);
  EXPECT_EQ(tracks[0].first, milliseconds(0));
  EXPECT_EQ(tracks[0].last, milliseconds(100));
  EXPECT_TRUE(tracks[0].seen);
}

TEST(Tracker, SaysWhichDetectionATrackIs) {
  Tracker tracker;
  const std::vector before = {person(100), person(400)};
  (void)tracker.update(before, milliseconds(0));
  const std::vector after = {person(402), person(700), person(101)};
  const auto tracks = tracker.update(after, milliseconds(100));
  ASSERT_EQ(tracks.size(), 2u);
  for (const Track& track : tracks)
    EXPECT_EQ(track.detection, track.box.x < 300 ? 2 : 0) << "at x " << track.box.x;
}

TEST(Tracker, LearnsTheSpeed) {
  Tracker tracker;
  std::span<const Track> tracks;
  for (int i = 0; i <= 30; ++i) {  // 80 pixels a second to the right, 20 up.
    const std::vector now = {person(100 + 8.f * i, 300 - 2.f * i)};
    tracks = tracker.update(now, milliseconds(100 * i));
  }
  ASSERT_EQ(tracks.size(), 1u);
  EXPECT_NEAR(tracks[0].vx, 80, 1);
  EXPECT_NEAR(tracks[0].vy, -20, 1);
  const geom::Box later = extrapolate(tracks[0], milliseconds(500));
  EXPECT_NEAR(later.x, 100 + 8 * 35, 3);
  EXPECT_NEAR(later.y, 300 - 2 * 35, 3);
  EXPECT_EQ(later.w, tracks[0].box.w);
}

TEST(Tracker, PredictsTheHiddenForAWhileThenKeepsThemUnreported) {
  Tracker tracker;
  for (int i = 0; i <= 10; ++i) {
    const std::vector now = {person(100 + 10.f * i)};
    (void)tracker.update(now, milliseconds(100 * i));
  }
  const auto predicted = tracker.update({}, milliseconds(1300));
  ASSERT_EQ(predicted.size(), 1u);
  EXPECT_FALSE(predicted[0].seen);
  EXPECT_EQ(predicted[0].detection, -1);
  EXPECT_EQ(predicted[0].last, milliseconds(1000));
  EXPECT_NEAR(predicted[0].box.x, 230, 5);
  EXPECT_TRUE(tracker.update({}, milliseconds(1800)).empty());
  const std::vector back = {person(290)};
  const auto found = tracker.update(back, milliseconds(1900));
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].id, 1u);
}

TEST(Tracker, LowScoresCarryATrackOnlySoLong) {
  Tracker tracker;
  const auto play = [&](float score, int from, int to) {
    std::span<const Track> tracks;
    for (int i = from; i < to; ++i) {
      const std::vector now = {person(100, 100, score)};
      tracks = tracker.update(now, milliseconds(100 * i));
    }
    return std::vector<Track>(tracks.begin(), tracks.end());
  };
  (void)play(0.9f, 0, 10);
  const auto carried = play(0.45f, 10, 29);
  ASSERT_EQ(carried.size(), 1u);
  EXPECT_TRUE(carried[0].seen);
  EXPECT_TRUE(play(0.45f, 29, 40).empty());
  EXPECT_EQ(play(0.9f, 40, 42).at(0).id, 1u);  // The box was there all the time.
}

TEST(Tracker, ABoxInsideAnotherBeginsNoTrack) {
  Tracker tracker;
  const geom::Detection head = {.box = {110, 105, 20, 30}, .score = 0.9f, .label = 0};
  const std::vector whole = {person(100)}, twice = {person(100), head};
  for (int i = 0; i < 3; ++i) (void)tracker.update(whole, milliseconds(100 * i));
  for (int i = 3; i < 9; ++i) EXPECT_EQ(tracker.update(twice, milliseconds(100 * i)).size(), 1u);
  Tracker other;
  for (int i = 0; i < 3; ++i) (void)other.update(whole, milliseconds(100 * i));
  std::vector car = twice;
  car[1].label = 1;
  (void)other.update(car, milliseconds(300));
  EXPECT_EQ(other.update(car, milliseconds(400)).size(), 2u);
}

TEST(Tracker, TheSameTimeTwiceIsHarmless) {
  Tracker tracker;
  const std::vector one = {person(100)};
  for (int i = 0; i < 5; ++i) (void)tracker.update(one, milliseconds(40));
  const auto tracks = tracker.update(one, milliseconds(40));
  ASSERT_EQ(tracks.size(), 1u);
  EXPECT_NEAR(tracks[0].box.x, 100, 1e-3);
}

TEST(Tracker, ClockAtItsLimits) {
  Tracker tracker;
  const std::vector one = {person(100)};
  for (const media::Pts pts :
       {media::Pts::min(), media::Pts::max(), media::Pts(0), media::Pts::max(), media::Pts::max(),
        media::Pts::min(), media::Pts::min()})
    for (const Track& track : tracker.update(one, pts)) EXPECT_NEAR(track.box.x, 100, 1e-3);
}

TEST(Tracker, BoundsWhatItKeepsAndCountsWhatItRefuses) {
  Tracker tracker({.tracks_max = 3});
  std::vector<geom::Detection> crowd;
  for (int i = 0; i < 5; ++i) crowd.push_back(person(100.f * static_cast<float>(i)));
  (void)tracker.update(crowd, milliseconds(0));
  EXPECT_EQ(tracker.update(crowd, milliseconds(100)).size(), 3u);
  EXPECT_EQ(tracker.refused(), 4u);

  Tracker flooded;
  crowd.assign(Tracker::kDetectionsMax + 5, person(100));
  crowd.push_back(person(std::numeric_limits<float>::quiet_NaN()));
  (void)flooded.update(crowd, milliseconds(0));
  EXPECT_EQ(flooded.refused(), 5u + 1u + (Tracker::kDetectionsMax - 300));
}

TEST(Tracker, OfTooManyItLooksAtTheBest) {
  Tracker tracker;
  std::vector<geom::Detection> flood(Tracker::kDetectionsMax, person(100, 100, 0.6f));
  flood.push_back(person(900, 100, 0.95f));
  (void)tracker.update(flood, milliseconds(0));
  bool found = false;
  for (const Track& track : tracker.update(flood, milliseconds(100))) found |= track.box.x > 800;
  EXPECT_TRUE(found);
}

TEST(TrackerOptions, FollowThresholdAndRate) {
  const TrackerOptions usual = options_for(0.6f, 10);
  EXPECT_FLOAT_EQ(usual.high, 0.6f);
  EXPECT_FLOAT_EQ(usual.low, 0.42f);
  EXPECT_EQ(usual.lost_max, milliseconds(2000));
  EXPECT_EQ(options_for(0.6f, 0).lost_max, milliseconds(2000));
  EXPECT_EQ(options_for(0.6f, 0.5).lost_max, milliseconds(5000));
}

}  // namespace
}  // namespace pasu::track
