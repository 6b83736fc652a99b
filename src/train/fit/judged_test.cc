#include "train/fit/judged.h"

#include <gtest/gtest.h>

namespace pasu::train {
namespace {

Measured measured(std::vector<eval::Detection> detections) {
  Measured out;
  out.truth.categories = {{1, "person"}};
  out.truth.pictures = {1, 2};
  out.truth.truths = {{.picture = 0, .box = {0, 0, 10, 20}, .area = 200},
                      {.picture = 0, .box = {50, 0, 10, 20}, .area = 200},
                      {.picture = 1, .box = {0, 0, 100, 100}, .area = 10000, .crowd = true}};
  out.detections = std::move(detections);
  return out;
}

TEST(Judge, RightWrongMissedAndCrowds) {
  const Judged f = judge(measured({{.picture = 0, .box = {0, 0, 10, 18}, .score = 0.5},
                                   {.picture = 0, .box = {0, 0, 10, 20}, .score = 0.9},
                                   {.picture = 1, .box = {5, 5, 10, 20}, .score = 0.8},
                                   {.picture = 1, .box = {200, 5, 10, 20}, .score = 0.7}}));
  ASSERT_EQ(f.found.size(), 3U);  // The one in the crowd is neither.
  EXPECT_TRUE(f.found[0].right);
  EXPECT_FALSE(f.found[1].right);  // Of .7.
  EXPECT_FALSE(f.found[2].right);  // The second one of a person who is found.
  ASSERT_EQ(f.people.size(), 2U);
  EXPECT_EQ(f.people[0].best_score, 0.9);
  EXPECT_EQ(f.people[1].best_score, 0);
}

TEST(Judge, CurveAndBestPoint) {
  const Judged f = judge(measured({{.picture = 0, .box = {0, 0, 10, 20}, .score = 0.9},
                                   {.picture = 1, .box = {200, 0, 10, 20}, .score = 0.6},
                                   {.picture = 0, .box = {50, 0, 10, 20}, .score = 0.6}}));
  const auto curve = precision_recall(f);
  ASSERT_EQ(curve.size(), 3U);
  EXPECT_DOUBLE_EQ(curve[1].precision, 0.5);
  EXPECT_DOUBLE_EQ(curve[2].recall, 1);
  const WorkingPoint best = best_f1(curve);
  EXPECT_DOUBLE_EQ(best.score, 0.6);
  EXPECT_NEAR(best.f1, 0.8, 1e-9);
  EXPECT_EQ(best_f1({}).score, 0);
}

}  // namespace
}  // namespace pasu::train
