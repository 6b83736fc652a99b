#include "wire/rtp/track_sync.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pasu::rtp {
namespace {

using namespace std::chrono_literals;
using media::Pts;

constexpr UtcTime kNoon{std::chrono::seconds(1'700'000'000)};

struct Line {
  TrackSync sync;
  MonoTime start{1h};

  // The pts that a unit of `track` gets, which came `at` behind the first.
  Pts place(size_t track, Pts pts, std::chrono::milliseconds at,
            std::optional<UtcTime> zero = std::nullopt) {
    media::AccessUnit unit;
    unit.pts = unit.dts = pts;
    sync.place(track, zero, start + at, unit);
    EXPECT_LE(unit.dts, unit.pts);
    return unit.pts;
  }
};

TEST(TrackSync, WhatRtpInfoSaysIsTaken) {
  Line line{TrackSync({{.told = true}, {.told = true}})};
  EXPECT_EQ(line.place(0, 0ms, 0ms), 0ms);
  EXPECT_EQ(line.place(1, 70ms, 300ms), 70ms);
}

TEST(TrackSync, OtherwiseByWhenTheFirstUnitCame) {
  Line line{TrackSync({{.told = true}, {}})};
  EXPECT_EQ(line.place(1, 0ms, 0ms), 0ms);
  EXPECT_EQ(line.place(1, 20ms, 20ms), 20ms);
  EXPECT_EQ(line.place(0, 5ms, 300ms), 300ms);
  EXPECT_EQ(line.place(0, 45ms, 350ms), 340ms);  // Not again by arrival.
}

TEST(TrackSync, ReportsPutTracksRight) {
  Line line{TrackSync({{}, {}})};
  EXPECT_EQ(line.place(0, 0ms, 0ms, kNoon), 0ms);
  EXPECT_EQ(line.place(1, 0ms, 300ms), 300ms);
  // Its report says that track 1 began 500 ms behind track 0.
  EXPECT_EQ(line.place(1, 20ms, 320ms, kNoon + 500ms), 520ms);
  EXPECT_EQ(line.sync.moves(), 1u);
  // Jitter of reports moves nothing.
  EXPECT_EQ(line.place(1, 40ms, 340ms, kNoon + 510ms), 540ms);
  EXPECT_EQ(line.sync.moves(), 1u);
}

TEST(TrackSync, TheFirstReportsAreTakenAsTheyAre) {
  Line line{TrackSync({{}, {}})};
  line.place(0, 0ms, 0ms, kNoon);
  EXPECT_EQ(line.place(1, 0ms, 15ms, kNoon), 0ms);
  EXPECT_EQ(line.place(1, 20ms, 35ms, kNoon + 10ms), 20ms);
  // What RTP-Info said is more exact than they are.
  Line told{TrackSync({{.told = true}, {.told = true}})};
  told.place(0, 0ms, 0ms, kNoon);
  EXPECT_EQ(told.place(1, 0ms, 0ms, kNoon + 15ms), 0ms);
}

TEST(TrackSync, DecodingTimeGrowsWhenATrackMovesBack) {
  Line line{TrackSync({{}, {}})};
  line.place(0, 0ms, 0ms, kNoon);
  EXPECT_EQ(line.place(1, 0ms, 300ms), 300ms);
  const Pts moved = line.place(1, 20ms, 320ms, kNoon + 100ms);
  EXPECT_GT(moved, 300ms);
  EXPECT_LT(moved, 301ms);
  EXPECT_EQ(line.place(1, 400ms, 700ms, kNoon + 100ms), 500ms);
}

TEST(TrackSync, ClocksOfDifferentDaysAreNotBelieved) {
  Line line{TrackSync({{}, {}})};
  line.place(0, 0ms, 0ms, kNoon);
  EXPECT_EQ(line.place(1, 0ms, 300ms, kNoon + 24h), 300ms);
  EXPECT_EQ(line.sync.moves(), 0u);
}

}  // namespace
}  // namespace pasu::rtp
