// The task-aligned assigner, by hand-computed cases.
#include "train/fit/assign.h"

#include <gmock/gmock.h>

namespace pasu::train {
namespace {

using testing::Each;
using testing::FloatNear;

constexpr int kStrides[] = {8, 16};

struct Cells {
  CellGrid grid = CellGrid::of({32, 32}, kStrides);  // 4x4 and 2x2 cells.
  std::vector<float> scores = std::vector<float>(20, 0.25F);
  std::vector<geom::Box> boxes = std::vector<geom::Box>(20);
  AssignOptions options;

  [[nodiscard]] Targets run(const std::vector<Truth>& truths) const {
    return assign(grid, scores, boxes, truths, options);
  }
};

TEST(Assign, GridRunsThroughLevelsRowByRow) {
  const Cells c;
  ASSERT_EQ(c.grid.levels.size(), 2U);
  EXPECT_EQ(c.grid.cells(), 20U);
  EXPECT_EQ(c.grid.levels[1].width, 2);
}

TEST(Assign, BestCellsInsideTheBoxGetNormalisedTargets) {
  Cells c;
  // Inside 0..16 lie cells 0, 1, 4, 5 of stride 8 and cell 16 of stride 16.
  const Truth truth{.x1 = 0, .y1 = 0, .x2 = 16, .y2 = 16};
  c.boxes[0] = geom::Box::from_corners(0, 0, 16, 16);  // IoU 1, score .25: rank .5
  c.boxes[5] = geom::Box::from_corners(0, 0, 16, 8);   // IoU .5: rank .5 / 16
  c.boxes[16] = geom::Box::from_corners(0, 0, 16, 16);
  c.scores[16] = 0.01F;  // rank .1
  c.options.cells_per_box = 3;
  const Targets t = c.run({truth});
  EXPECT_FLOAT_EQ(t.score[0], 1);
  EXPECT_FLOAT_EQ(t.score[5], 1.F / 16);
  EXPECT_NEAR(t.score[16], 0.2, 1e-6);
  EXPECT_EQ(t.truth[0], 0);
  EXPECT_EQ(t.truth[1], kNobody);  // A fourth one, of rank 0.
  EXPECT_NEAR(t.sum, 1 + 1.0 / 16 + 0.2, 1e-6);
  EXPECT_THAT(t.ignored, Each(0));
}

TEST(Assign, TargetFollowsTheBestIou) {
  Cells c;
  const Truth truth{.x1 = 0, .y1 = 0, .x2 = 16, .y2 = 16};
  c.boxes[0] = geom::Box::from_corners(0, 0, 16, 4);  // IoU .25
  c.options.cells_per_box = 1;
  EXPECT_FLOAT_EQ(c.run({truth}).score[0], 0.25F);
  c.options.target_iou_power = 0.5F;
  EXPECT_FLOAT_EQ(c.run({truth}).score[0], 0.5F);
  c.options.target_iou_min = 0.81F;
  EXPECT_FLOAT_EQ(c.run({truth}).score[0], 0.9F);
}

TEST(Assign, TeachersScoreScalesTheTarget) {
  Cells c;
  c.boxes[0] = geom::Box::from_corners(0, 0, 16, 16);
  c.options.cells_per_box = 1;
  EXPECT_FLOAT_EQ(c.run({{.x1 = 0, .y1 = 0, .x2 = 16, .y2 = 16, .score = 0.6F}}).score[0], 0.6F);
}

TEST(Assign, ANarrowBoxBetweenCentresReachesTheCellsBeside) {
  Cells c;
  // Columns of stride 8 are centred at 4, 12, 20, 28; rows likewise. 6..10 has none inside.
  const Truth truth{.x1 = 6, .y1 = 2, .x2 = 10, .y2 = 14};
  Targets t = c.run({truth});
  EXPECT_EQ(t.truth[0], 0);
  EXPECT_EQ(t.truth[1], 0);
  EXPECT_EQ(t.truth[2], kNobody);
  c.options.slack_below = 4;  // Not narrower than that.
  t = c.run({truth});
  for (size_t cell = 0; cell < 16; ++cell) EXPECT_EQ(t.truth[cell], kNobody) << cell;
}

TEST(Assign, CellsWithoutOverlapGoByDistanceAndByTheLeastIou) {
  Cells c;  // All boxes are empty, so all ranks 0.
  c.options.cells_per_box = 1;
  c.options.target_iou_min = 0.2F;
  const Targets t = c.run({{.x1 = 0, .y1 = 0, .x2 = 26, .y2 = 26}});
  EXPECT_THAT(t.sum, testing::DoubleNear(0.2, 1e-6));
  EXPECT_EQ(t.truth[5], 0);  // (12, 12), the nearest to (13, 13).
}

TEST(Assign, ACellOfTwoBoxesGoesToTheOneItOverlapsMore) {
  Cells c;
  const Truth wide{.x1 = 0, .y1 = 0, .x2 = 16, .y2 = 8}, tall{.x1 = 0, .y1 = 0, .x2 = 8, .y2 = 16};
  for (auto& box : c.boxes) box = geom::Box::from_corners(0, 0, 7, 15);
  const Targets t = c.run({wide, tall});
  EXPECT_EQ(t.truth[0], 1);
  EXPECT_EQ(t.truth[1], 0);  // Only the wide one is there.
  EXPECT_EQ(t.truth[4], 1);
}

TEST(Assign, CellsOfAnIgnoredBoxCarryNoScoreUnlessTheyAnswerForAnother) {
  Cells c;
  c.boxes[0] = geom::Box::from_corners(0, 0, 8, 8);
  const Targets t = c.run({{.x1 = 0, .y1 = 0, .x2 = 8, .y2 = 8},
                           {.x1 = 0, .y1 = 0, .x2 = 16, .y2 = 16, .ignore = true}});
  EXPECT_EQ(t.ignored[0], 0);
  EXPECT_EQ(t.truth[0], 0);
  EXPECT_EQ(t.ignored[1], 1);
  EXPECT_EQ(t.ignored[5], 1);
  EXPECT_EQ(t.ignored[16], 1);
  EXPECT_EQ(t.ignored[2], 0);
  EXPECT_EQ(t.truth[5], kNobody);
}

TEST(Assign, BoxesBeyondTheEdgeAndOfNoSizeAreNoTrouble) {
  const Cells c;
  const Targets t = c.run({{.x1 = -50, .y1 = -50, .x2 = 90, .y2 = 90},
                           {.x1 = 40, .y1 = 40, .x2 = 60, .y2 = 60},
                           {.x1 = 5, .y1 = 5, .x2 = 5, .y2 = 5}});
  EXPECT_EQ(t.sum, 0);
}

}  // namespace
}  // namespace pasu::train
