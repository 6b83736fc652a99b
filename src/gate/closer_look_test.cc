#include "gate/closer_look.h"

#include <numeric>

#include <gmock/gmock.h>

namespace pasu::gate {
namespace {

using std::chrono::milliseconds;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr geom::Size kInput{320, 192}, kLarge{1920, 1080};

bool holds(const geom::Box& region, const geom::Box& box) {
  return geom::intersection_area(region, box) == box.area();
}

TEST(CloserLook, PicturesHardlyLargerThanTheInputHaveNoParts) {
  CloserLook look({.input = kInput, .a_frame = 4});
  const std::array moved{geom::Box{0.4f, 0.4f, 0.1f, 0.1f}};
  EXPECT_THAT(look.choose({768, 432}, moved, {}, media::Pts(0)), IsEmpty());
  EXPECT_THAT(look.choose({1280, 720}, moved, {}, media::Pts(0)), SizeIs(1));
}

TEST(CloserLook, PartsLieAroundWhatMovedWithinThePicture) {
  CloserLook look({.input = kInput, .a_frame = 2});
  const std::array moved{geom::Box{0.97f, 0.02f, 0.02f, 0.05f}};
  const auto parts = look.choose(kLarge, moved, {}, media::Pts(0));
  ASSERT_THAT(parts, SizeIs(1));
  EXPECT_TRUE(holds(parts[0], {1862, 22, 38, 54}));
  EXPECT_LE(parts[0].right(), 1920);
  EXPECT_GE(parts[0].y, 0);
  EXPECT_NEAR(parts[0].w, 768, 1);  // 2.5 times larger than the whole is seen.
}

TEST(CloserLook, LargePeopleAreSeenInTheWhole) {
  CloserLook look({.input = kInput, .a_frame = 2});
  const std::array people{geom::Box{900, 200, 200, 500}, geom::Box{100, 100, 30, 80}};
  const auto parts = look.choose(kLarge, {}, people, media::Pts(0));
  ASSERT_THAT(parts, SizeIs(1));
  EXPECT_TRUE(holds(parts[0], people[1]));
}

TEST(CloserLook, TakesTurns) {
  CloserLook look({.input = kInput, .a_frame = 1});
  const std::array people{geom::Box{100, 100, 30, 80}, geom::Box{1700, 900, 30, 80},
                          geom::Box{1700, 100, 30, 80}};
  std::array<int, 3> seen{};
  for (int i = 0; i < 30; ++i) {
    const auto parts = look.choose(kLarge, {}, people, milliseconds(200) * (i + 1));
    ASSERT_THAT(parts, SizeIs(1));
    for (size_t p = 0; p < people.size(); ++p) seen[p] += holds(parts[0], people[p]) ? 1 : 0;
  }
  for (const int times : seen) EXPECT_EQ(times, 10);
}

TEST(CloserLook, NeighboursShareAPart) {
  CloserLook look({.input = kInput, .a_frame = 4});
  const std::array people{geom::Box{900, 400, 30, 80}, geom::Box{960, 420, 30, 80}};
  EXPECT_THAT(look.choose(kLarge, {}, people, media::Pts(0)), SizeIs(1));
}

TEST(PartOf, IsTheSamePixelsFromEvenPlacesOn) {
  auto pixels = std::make_shared<std::vector<uint8_t>>(100 * 60 * 3 / 2);
  std::iota(pixels->begin(), pixels->end(), 0);
  media::Frame frame;
  frame.width = 100;
  frame.height = 60;
  frame.planes = {
      media::Plane{pixels->data(), 100}, {pixels->data() + 6000, 50}, {pixels->data() + 7500, 50}};
  frame.owner = pixels;
  const media::Frame part = part_of(frame, {31, 21, 40, 30});
  EXPECT_EQ(part.width, 40);
  EXPECT_EQ(part.height, 30);
  EXPECT_EQ(part.planes[0].data, pixels->data() + 20 * 100 + 30);
  EXPECT_EQ(part.planes[2].data, pixels->data() + 7500 + 10 * 50 + 15);
  const media::Frame beyond = part_of(frame, {90, 50, 40, 30});
  EXPECT_EQ(beyond.width, 10);
  EXPECT_EQ(beyond.height, 10);
}

TEST(AddPart, MovesBoxesIntoTheFrameAndLeavesOutWhoIsCut) {
  const geom::Box region{400, 200, 320, 192};
  std::vector<geom::Detection> all{{{410, 210, 100, 150}, 0.9f, 0}};
  const std::vector<geom::Detection> found{
      {{200, 50, 20, 60}, 0.6f, 0},   // Somebody new.
      {{0, 100, 20, 60}, 0.8f, 0},    // Cut at the left.
      {{100, 140, 20, 52}, 0.8f, 0},  // Cut at the bottom.
      {{30, 40, 30, 40}, 0.95f, 0},   // A part of who was found in the whole.
      {{11, 11, 99, 148}, 0.7f, 0},   // The same person as in the whole.
  };
  add_part(all, found, region, kLarge);
  ASSERT_THAT(all, SizeIs(2));
  EXPECT_EQ(all[0].box, (geom::Box{410, 210, 100, 150}));
  EXPECT_EQ(all[1].box, (geom::Box{600, 250, 20, 60}));
}

TEST(AddPart, AtThePicturesOwnEdgeNobodyIsCut) {
  std::vector<geom::Detection> all;
  const std::vector<geom::Detection> found{{{300, 132, 20, 60}, 0.6f, 0}};
  add_part(all, found, {1600, 888, 320, 192}, kLarge);
  EXPECT_THAT(all, SizeIs(1));
}

}  // namespace
}  // namespace pasu::gate
