#include "train/eval/judged.h"

#include <gtest/gtest.h>

namespace pasu::eval {
namespace {

GroundTruth truth() {
  GroundTruth out;
  out.categories = {{1, "person"}, {2, "car"}};
  out.pictures = {1, 2};
  out.truths = {{.picture = 0, .box = {0, 0, 10, 20}, .area = 200},
                {.picture = 0, .box = {50, 0, 10, 20}, .area = 200},
                {.picture = 1, .box = {0, 0, 100, 100}, .area = 10000, .crowd = true},
                {.category = 1, .picture = 0, .box = {100, 0, 10, 20}, .area = 200}};
  return out;
}

TEST(Judge, RightWrongMissedAndCrowds) {
  const std::vector<Detection> detections = {
      {.picture = 0, .box = {0, 0, 10, 18}, .score = 0.5},
      {.picture = 0, .box = {0, 0, 10, 20}, .score = 0.9},
      {.picture = 1, .box = {5, 5, 10, 20}, .score = 0.8},
      {.picture = 1, .box = {200, 5, 10, 20}, .score = 0.7},
      {.category = 1, .picture = 0, .box = {100, 0, 10, 20}, .score = 0.6}};
  const Judged j = judge(truth(), detections);
  ASSERT_EQ(j.found.size(), 3U);  // The one in the crowd is neither, the car is another category.
  EXPECT_TRUE(j.found[0].right);
  EXPECT_FALSE(j.found[1].right);  // Of .7.
  EXPECT_FALSE(j.found[2].right);  // The second one of a person who is found.
  ASSERT_EQ(j.wanted.size(), 2U);
  EXPECT_EQ(j.wanted[0].score, 0.9);
  EXPECT_EQ(j.wanted[1].score, 0);
  EXPECT_EQ(judge(truth(), detections, {.category = 1}).wanted.size(), 1U);
}

TEST(Judge, LowOnesDoNotCount) {
  GroundTruth low = truth();
  low.truths[1].box.h = 10;
  const std::vector<Detection> detections = {
      {.picture = 0, .box = {50, 0, 10, 10}, .score = 0.9},    // Of the low one.
      {.picture = 0, .box = {300, 0, 10, 11}, .score = 0.8},   // Wrong, and low.
      {.picture = 0, .box = {300, 0, 10, 40}, .score = 0.7}};  // Wrong.
  Judged j = judge(low, detections, {.height_min = 24, .scales = {2, 2}});
  EXPECT_EQ(j.wanted.size(), 1U);
  ASSERT_EQ(j.found.size(), 1U);
  EXPECT_EQ(j.found[0].score, 0.7);
  j = judge(low, detections, {.height_min = 24, .scales = {2.4, 1}});
  EXPECT_EQ(j.wanted.size(), 2U);
  EXPECT_EQ(j.found.size(), 3U);
}

TEST(Judge, CurveAndPoints) {
  const std::vector<Detection> detections = {{.picture = 0, .box = {0, 0, 10, 20}, .score = 0.9},
                                             {.picture = 1, .box = {200, 0, 10, 20}, .score = 0.6},
                                             {.picture = 0, .box = {50, 0, 10, 20}, .score = 0.6}};
  const auto curve = threshold_curve(judge(truth(), detections));
  ASSERT_EQ(curve.size(), 2U);  // Scores, not detections.
  EXPECT_DOUBLE_EQ(curve[1].precision, 2.0 / 3);
  EXPECT_DOUBLE_EQ(curve[1].recall, 1);
  EXPECT_EQ(best_point(curve), curve[1]);
  EXPECT_EQ(point_at(curve, 0.7), curve[0]);
  EXPECT_EQ(point_at(curve, 0.6), curve[1]);
  EXPECT_EQ(point_at(curve, 0.95), ThresholdPoint());
  EXPECT_EQ(best_point({}), ThresholdPoint());
}

}  // namespace
}  // namespace pasu::eval
