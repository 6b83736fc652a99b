#include "job/detail/analysis.h"

#include <gtest/gtest.h>

namespace pasu::job::detail {
namespace {

using std::chrono::milliseconds;

detect::DetectorInfo person_detector() {
  detect::DetectorInfo info;
  info.labels = {"person"};
  return info;
}

TEST(Sampler, KeepsARateThatIsNoPartOfTheSources) {
  Sampler sampler(10);
  int due = 0;
  for (int i = 0; i < 250; ++i) due += sampler.is_due(milliseconds(40) * i);  // 10 s of 25/s.
  EXPECT_EQ(due, 100);
}

TEST(Sampler, AllFramesUnlessTold) {
  Sampler sampler(0);
  for (int i = 0; i < 10; ++i) EXPECT_TRUE(sampler.is_due(milliseconds(i)));
}

TEST(Sampler, GoesOnAfterGapsAndJumpsBack) {
  Sampler sampler(1);
  EXPECT_TRUE(sampler.is_due(milliseconds(0)));
  EXPECT_TRUE(sampler.is_due(milliseconds(60'000)));
  EXPECT_FALSE(sampler.is_due(milliseconds(60'500)));
  EXPECT_TRUE(sampler.is_due(milliseconds(100)));
  EXPECT_FALSE(sampler.is_due(milliseconds(600)));
}

TEST(Analysis, LowScoresKeepAnIdButAreNotReported) {
  Analysis analysis(person_detector(), {.threshold = 0.5f, .fps = 10, .tracked = true});
  const geom::Box box{100, 100, 40, 100};
  const float scores[] = {0.9f, 0.9f, 0.3f, 0.3f, 0.9f};
  for (int i = 0; i < 5; ++i) {
    const std::vector<geom::Detection> found = {{box, scores[i], 0}};
    const auto shown = analysis.update(found, {640, 360}, milliseconds(100 * i));
    ASSERT_EQ(shown.size(), scores[i] >= 0.5f ? 1u : 0u) << i;
    for (const Shown& one : shown) EXPECT_EQ(one.found.track, i == 0 ? 0u : 1u) << i;
  }
  EXPECT_EQ(analysis.tracks(), 1u);
}

TEST(Analysis, MarksMoveOnBetweenAnalysedFrames) {
  Analysis analysis(person_detector(), {.threshold = 0.5f, .fps = 10, .tracked = true});
  for (int i = 0; i <= 30; ++i) {
    const std::vector<geom::Detection> found = {{{100.f + 8.f * i, 50, 40, 100}, 0.9f, 0}};
    (void)analysis.update(found, {640, 360}, milliseconds(100 * i));
  }
  const auto marks = analysis.marks_at(milliseconds(3050));
  ASSERT_EQ(marks.size(), 1u);
  EXPECT_NEAR(marks[0].box.x, 344, 1.5);
  EXPECT_EQ(marks[0].text, "person #1 0.90");
}

TEST(Analysis, ANewSizeKeepsTheIds) {
  Analysis analysis(person_detector(), {.threshold = 0.5f, .fps = 10, .tracked = true});
  std::span<const Shown> shown;
  for (int i = 0; i < 10; ++i) {
    const float scale = i < 5 ? 1 : 0.5f;
    const geom::Box box{(100 + 5.f * i) * scale, 100 * scale, 40 * scale, 100 * scale};
    const std::vector<geom::Detection> found = {{box, 0.9f, 0}};
    const geom::Size size{i < 5 ? 640 : 320, i < 5 ? 360 : 180};
    shown = analysis.update(found, size, milliseconds(100 * i));
    ASSERT_EQ(shown.size(), 1u);
    EXPECT_EQ(shown[0].found.box, box);
  }
  EXPECT_EQ(shown[0].found.track, 1u);
  EXPECT_NEAR(shown[0].vx, 25, 3);
}

TEST(Analysis, PicturesHaveNoIds) {
  Analysis analysis(person_detector(), {.threshold = 0.5f, .fps = 0, .tracked = false});
  const std::vector<geom::Detection> found = {{{0, 0, 10, 10}, 0.9f, 0}};
  for (int i = 0; i < 3; ++i)
    EXPECT_EQ(analysis.update(found, {64, 64}, milliseconds(i))[0].found.track, 0u);
}

}  // namespace
}  // namespace pasu::job::detail
