#include "train/eval/voc.h"

#include <gtest/gtest.h>

namespace pasu::eval {
namespace {

constexpr VocRule kRules[] = {VocRule::voc07, VocRule::voc10, VocRule::tfod_voc, VocRule::oid};

GroundTruth one_class(std::vector<Truth> truths) {
  return {.categories = {{1, "person"}}, .pictures = {1, 2}, .truths = std::move(truths)};
}

TEST(Voc, NothingToMeasure) {
  for (const VocRule rule : kRules) {
    EXPECT_EQ(evaluate_voc(GroundTruth{}, {}, rule).mean_ap, -1);
    const VocResult no_objects =
        evaluate_voc(one_class({}), std::vector<Detection>{{.box = {0, 0, 9, 9}}}, rule);
    EXPECT_EQ(no_objects.mean_ap, -1);
    EXPECT_EQ(no_objects.classes[0].ap, -1);
    EXPECT_EQ(evaluate_voc(one_class({{.box = {0, 0, 9, 9}}}), {}, rule).mean_ap, 0);
  }
}

// IoU of exactly a half: 10 x 10 against 10 x 5 without the added pixel.
TEST(Voc, HalfAnOverlap) {
  const GroundTruth truth = one_class({{.box = {0, 0, 10, 10}}});
  const std::vector<Detection> found = {{.box = {0, 0, 10, 5}, .score = 1}};
  EXPECT_EQ(evaluate_voc(truth, found, VocRule::tfod_voc).mean_ap, 1);
  EXPECT_GT(evaluate_voc(truth, found, VocRule::voc10).mean_ap, 0.99);  // 66 / 121.
  const GroundTruth exact = one_class({{.box = {0, 0, 9, 9}}});  // 100 and 50 pixels inclusively.
  const std::vector<Detection> half = {{.box = {0, 0, 9, 4}, .score = 1}};
  EXPECT_EQ(evaluate_voc(exact, half, VocRule::voc10).mean_ap, 0);
  EXPECT_EQ(evaluate_voc(exact, half, VocRule::tfod_voc).mean_ap, 0);  // 36 / 81.
}

TEST(Voc, DifficultObjectsAreNeitherRightNorWrong) {
  const GroundTruth truth =
      one_class({{.box = {0, 0, 10, 10}}, {.box = {50, 0, 10, 10}, .difficult = true}});
  const std::vector<Detection> found = {{.box = {50, 0, 10, 10}, .score = 0.9},
                                        {.box = {50, 0, 10, 10}, .score = 0.8},
                                        {.box = {0, 0, 10, 10}, .score = 0.7}};
  for (const VocRule rule : {VocRule::voc07, VocRule::voc10, VocRule::tfod_voc}) {
    const VocResult result = evaluate_voc(truth, found, rule);
    EXPECT_NEAR(result.mean_ap, 1, 1e-12);
    EXPECT_EQ(result.classes[0].truths, 1u);
  }
}

// Half of a detection in a group-of box: ignored. A little less: wrong.
TEST(OpenImages, GroupOf) {
  const GroundTruth truth =
      one_class({{.box = {0, 0, 10, 10}}, {.box = {50, 0, 100, 100}, .crowd = true}});
  std::vector<Detection> found = {{.box = {40, 0, 20, 10}, .score = 0.9},
                                  {.box = {60, 60, 5, 5}, .score = 0.8},
                                  {.box = {0, 0, 10, 10}, .score = 0.7}};
  const VocResult result = evaluate_voc(truth, found, VocRule::oid);
  EXPECT_EQ(result.mean_ap, 1);
  EXPECT_EQ(result.classes[0].truths, 1u);
  found[0].box.x = 39;
  EXPECT_EQ(evaluate_voc(truth, found, VocRule::oid).mean_ap, 0.5);
}

// TF OD API removes boxes without area before it counts.
TEST(TfOdApi, EmptyDetectionsDoNotExist) {
  const GroundTruth truth = one_class({{.box = {0, 0, 10, 10}}});
  const std::vector<Detection> found = {{.box = {0, 0, 0, 10}, .score = 0.9},
                                        {.box = {0, 0, 10, 10}, .score = 0.7}};
  EXPECT_EQ(evaluate_voc(truth, found, VocRule::tfod_voc).mean_ap, 1);
  EXPECT_LT(evaluate_voc(truth, found, VocRule::voc10).mean_ap, 1);
}

TEST(Voc, EqualScoresCountInTheOrderGiven) {
  const GroundTruth truth = one_class({{.picture = 0, .box = {0, 0, 10, 10}}});
  const Detection right{.picture = 0, .box = {0, 0, 10, 10}, .score = 0.5};
  const Detection wrong{.picture = 1, .box = {0, 0, 10, 10}, .score = 0.5};
  EXPECT_EQ(evaluate_voc(truth, std::vector{right, wrong}, VocRule::tfod_voc).mean_ap, 1);
  EXPECT_EQ(evaluate_voc(truth, std::vector{wrong, right}, VocRule::tfod_voc).mean_ap, 0.5);
}

}  // namespace
}  // namespace pasu::eval
