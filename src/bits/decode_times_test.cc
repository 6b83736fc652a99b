#include "bits/decode_times.h"

#include <random>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

namespace pasu::bits {
namespace {

using std::chrono::milliseconds;

constexpr media::Pts kFrame = milliseconds(40);

// Groups of pictures as their places in showing, in decoding order; each begins with an IDR
// picture.
struct Pattern {
  const char* name;
  std::vector<int> places;
  int said;     // max_reorder of the SPS.
  int reorder;  // Believed at the end of a group.
  int lag;      // Frames that dts may be behind pts.
};

const Pattern kPatterns[] = {
    {"IPPP", {0, 1, 2, 3, 4, 5, 6, 7}, -1, 0, 0},
    {"IPPP_SaidZero", {0, 1, 2, 3, 4, 5}, 0, 0, 0},
    {"IBP_Said", {0, 2, 1, 4, 3, 6, 5}, 1, 1, 2},
    {"Pyramid_Said_x264", {0, 4, 2, 1, 3, 8, 6, 5, 7, 9, 10}, 2, 2, 5},
    {"IBP_NotSaid_mediamtx1002", {0, 2, 1, 4, 3, 6, 5}, -1, 1, 2},
    {"IBBBP_NotSaid_retina61", {0, 4, 1, 2, 3, 8, 5, 6, 7}, -1, 2, 5},
    {"Pyramid_PocType0_NotSaid_mediamtx5808", {0, 4, 2, 1, 3, 8, 6, 5, 7}, -1, 2, 5},
    {"DeepPyramid_NotSaid_mediamtx4768",
     {0, 8, 4, 2, 1, 3, 6, 5, 7, 16, 12, 10, 9, 11, 14, 13, 15},
     -1,
     4,
     11},
    {"SaidTooLittle", {0, 4, 2, 1, 3, 8, 6, 5, 7, 12, 10, 9, 11}, 1, 2, 5},
};

TEST(DecodeTimes, GrowAndAreNotAfterPts) {
  for (const Pattern& pattern : kPatterns) {
    SCOPED_TRACE(pattern.name);
    DecodeTimes times;
    SequenceInfo sequence;
    sequence.max_reorder = pattern.said;
    media::Pts last(-1);
    const auto count = static_cast<int>(pattern.places.size());
    const bool lifts = std::string_view(pattern.name) == "SaidTooLittle";
    for (int group = 0; group < 6; ++group) {
      for (const int place : pattern.places) {
        Picture picture{.type = place == 0 ? PictureType::idr : PictureType::p};
        picture.order = 2 * place;
        picture.restarts_order = place == 0;
        const media::Pts pts = kFrame * (group * count + place);
        const auto [shown, decoded] = times.next(pts, &picture, &sequence);
        EXPECT_GT(decoded, last);
        EXPECT_LE(decoded, shown);
        if (!lifts || group > 0) {
          EXPECT_EQ(shown, pts) << "group " << group << " place " << place;
        }
        EXPECT_LE(shown - decoded, kFrame * pattern.lag) << "group " << group << " place " << place;
        last = decoded;
      }
      if (group == 5) {
        EXPECT_LE(times.reorder(), pattern.reorder);
      }
    }
    if (!lifts) {
      EXPECT_EQ(times.moved(), 0u);
    }
  }
}

// retina#64: what a camera's clock does must not become a decoding time that goes back.
TEST(DecodeTimes, TimeGoesBackOrStandsStill) {
  DecodeTimes times;
  media::Pts last(-1);
  for (const int ms : {0, 40, 80, 20, 60, 100, 100, 100, 140, 5000, 5040}) {
    const auto [pts, dts] = times.next(milliseconds(ms), nullptr, nullptr);
    EXPECT_GT(dts, last);
    EXPECT_LE(dts, pts);
    last = dts;
  }
  EXPECT_EQ(last, milliseconds(5040));
  EXPECT_GT(times.moved(), 0u);
}

TEST(DecodeTimes, LossLeavesNoDelayBehind) {
  DecodeTimes times;
  SequenceInfo sequence;
  for (int i = 0; i < 100; ++i) {
    if (i == 10 || i == 11) continue;  // Lost: the order count leaves a gap.
    const int place = i % 25;
    Picture picture{.type = place == 0 ? PictureType::idr : PictureType::p};
    picture.order = 2 * place;
    picture.restarts_order = place == 0;
    const auto [pts, dts] = times.next(kFrame * i, &picture, &sequence);
    EXPECT_EQ(pts, kFrame * i);
    if (i >= 25) {
      EXPECT_EQ(dts, pts);
    }
  }
}

TEST(DecodeTimes, WhateverComes) {
  std::mt19937 random(3);
  for (int run = 0; run < 50; ++run) {
    DecodeTimes times;
    media::Pts last = media::Pts::min();
    for (int i = 0; i < 300; ++i) {
      SequenceInfo sequence;
      sequence.max_reorder = static_cast<int>(random() % 18) - 1;
      Picture picture{.type = random() % 20 == 0 ? PictureType::idr : PictureType::b};
      picture.order = static_cast<int64_t>(random() % 100);
      picture.restarts_order = picture.type == PictureType::idr || random() % 50 == 0;
      const media::Pts pts = milliseconds(random() % 2000);
      const auto [shown, decoded] =
          times.next(pts, random() % 5 == 0 ? nullptr : &picture, &sequence);
      ASSERT_GT(decoded, last);
      ASSERT_GE(shown, decoded);
      ASSERT_LE(times.reorder(), 17);
      last = decoded;
    }
  }
}

}  // namespace
}  // namespace pasu::bits
