// pasu_person's loss: by hand, and its gradients against differences.
#include "train/fit/person_loss.h"

#include <torch/torch.h>

#include <gtest/gtest.h>

namespace pasu::train {
namespace {

constexpr int kStrides[] = {8, 16};

std::vector<torch::Tensor> outputs(int64_t pictures, float logit) {
  std::vector<torch::Tensor> out = {torch::zeros({pictures, 5, 4, 4}),
                                    torch::zeros({pictures, 5, 2, 2})};
  for (auto& level : out) {
    level.select(1, 0).fill_(logit);
    level.set_requires_grad(true);
  }
  return out;
}

TEST(PersonLoss, CellsDecodeAsTheServerDoes) {
  auto out = outputs(1, 0);
  {
    const torch::NoGradGuard no_grad;
    out[1].index_put_({0, 1, 1, 0},
                      std::log(0.5));    // Left distance of stride 16's row 1, column 0.
    out[0].index_put_({0, 4, 0, 3}, 9);  // Beyond the clamp.
  }
  const auto cells = person_cells(out, CellGrid::of({32, 32}, kStrides), 4);
  EXPECT_EQ(cells.logits.sizes(), torch::IntArrayRef({1, 20}));
  const auto box = [&](int64_t cell, int64_t side) {
    return cells.boxes[0][cell][side].item<float>();
  };
  EXPECT_FLOAT_EQ(box(18, 0), 8 - 8);  // (8, 24) is its centre.
  EXPECT_FLOAT_EQ(box(18, 1), 24 - 16);
  EXPECT_FLOAT_EQ(box(18, 2), 8 + 16);
  EXPECT_NEAR(box(3, 3), 4 + 8 * std::exp(4.0), 1e-3);
}

TEST(PersonLoss, AnEmptyPictureByHand) {
  auto out = outputs(1, 0);  // p = .5 everywhere.
  const std::vector<std::vector<Truth>> nobody(1);
  const PersonLoss loss = person_loss(out, CellGrid::of({32, 32}, kStrides), nobody, {});
  const double weight = 0.75 * std::pow(0.5, 1.5);
  EXPECT_NEAR(loss.score, 1.5 * 20 * weight * std::log(2.0), 1e-4);
  EXPECT_EQ(loss.box, 0);
  EXPECT_EQ(loss.positives, 0U);
  loss.total.backward();
  EXPECT_NEAR(out[0].grad()[0][0][0][0].item<float>(), 1.5 * weight * 0.5, 1e-5);
  EXPECT_EQ(out[0].grad()[0][1][0][0].item<float>(), 0);
}

TEST(PersonLoss, OneBoxByHand) {
  auto out = outputs(1, 0);
  // Cell 5 is centred at (12, 12) and says 4..20: the box exactly, so its target is 1.
  {
    const torch::NoGradGuard no_grad;
    out[0].slice(1, 1, 5).fill_(0);
  }
  PersonLossOptions options;
  options.assign.cells_per_box = 1;
  const std::vector<std::vector<Truth>> truths = {{{.x1 = 4, .y1 = 4, .x2 = 20, .y2 = 20}}};
  const PersonLoss loss = person_loss(out, CellGrid::of({32, 32}, kStrides), truths, options);
  const double negative = 0.75 * std::pow(0.5, 1.5);
  EXPECT_EQ(loss.positives, 1U);
  EXPECT_NEAR(loss.target_sum, 1, 1e-6);
  EXPECT_NEAR(loss.score, 1.5 * (19 * negative + 1 * 1.0) * std::log(2.0), 1e-4);
  EXPECT_NEAR(loss.box, 0, 1e-5);
  EXPECT_NEAR(loss.total.item<double>(), loss.score + loss.box, 1e-6);
  loss.total.backward();
  EXPECT_NEAR(out[0].grad()[0][0][1][1].item<float>(), 1.5 * 1.0 * (0.5 - 1), 1e-5);
}

TEST(PersonLoss, IgnoredCellsCarryNoScore) {
  auto out = outputs(1, 2);
  const std::vector<std::vector<Truth>> truths = {
      {{.x1 = 0, .y1 = 0, .x2 = 32, .y2 = 32, .ignore = true}}};
  const PersonLoss loss = person_loss(out, CellGrid::of({32, 32}, kStrides), truths, {});
  EXPECT_EQ(loss.total.item<float>(), 0);
  loss.total.backward();
  EXPECT_EQ(out[0].grad().abs().sum().item<float>(), 0);
}

TEST(PersonLoss, NaNComesOutAsNaN) {
  auto out = outputs(2, 0);
  {
    const torch::NoGradGuard no_grad;
    out[0].index_put_({1, 0, 2, 2}, std::nan(""));
  }
  const std::vector<std::vector<Truth>> truths = {{}, {{.x1 = 4, .y1 = 4, .x2 = 20, .y2 = 20}}};
  const PersonLoss loss = person_loss(out, CellGrid::of({32, 32}, kStrides), truths, {});
  EXPECT_TRUE(std::isnan(loss.total.item<double>()));
}

TEST(GiouLoss, ByHand) {
  const auto a = torch::tensor({{0.F, 0.F, 2.F, 2.F}, {0.F, 0.F, 1.F, 1.F}, {0.F, 0.F, 2.F, 2.F}});
  const auto b = torch::tensor({{0.F, 0.F, 2.F, 2.F}, {2.F, 0.F, 3.F, 1.F}, {1.F, 0.F, 3.F, 2.F}});
  const auto loss = giou_loss(a, b);
  EXPECT_NEAR(loss[0].item<float>(), 0, 1e-5);
  EXPECT_NEAR(loss[1].item<float>(), 1 + 1.0 / 3, 1e-5);  // No overlap, a hull of 3 for 2.
  EXPECT_NEAR(loss[2].item<float>(), 1 - 2.0 / 6, 1e-5);
}

TEST(GiouLoss, GradientsAreThoseOfDifferences) {
  auto boxes = torch::tensor({{1.0, 2.0, 9.0, 7.5}, {0.5, 0.5, 3.0, 4.0}, {10.0, 10.0, 12.0, 18.0}},
                             torch::kDouble);
  const auto truths = torch::tensor(
      {{2.0, 1.0, 8.0, 9.0}, {6.0, 5.0, 9.0, 8.0}, {9.0, 11.0, 13.0, 15.0}}, torch::kDouble);
  boxes.set_requires_grad(true);
  giou_loss(boxes, truths).sum().backward();
  const torch::NoGradGuard no_grad;
  constexpr double kStep = 1e-6;
  for (int64_t i = 0; i < boxes.numel(); ++i) {
    auto more = boxes.detach().clone(), less = boxes.detach().clone();
    more.view(-1)[i] += kStep;
    less.view(-1)[i] -= kStep;
    const double slope =
        (giou_loss(more, truths).sum() - giou_loss(less, truths).sum()).item<double>() /
        (2 * kStep);
    EXPECT_NEAR(boxes.grad().view(-1)[i].item<double>(), slope, 1e-6) << i;
  }
}

}  // namespace
}  // namespace pasu::train
