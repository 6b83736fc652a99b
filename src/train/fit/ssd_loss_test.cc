#include "train/fit/ssd_loss.h"

#include <torch/torch.h>

#include <gmock/gmock.h>

#include "train/fit/evaluate.h"
#include "train/fit/plan.h"
#include "train/fit/test_learning.h"
#include "train/fit/test_settings.h"
#include "train/fit/trainer.h"
#include "train/load/loader.h"
#include "train/load/test_pictures.h"

namespace pasu::train {
namespace {

TEST(SsdLoss, GivesBackwardTheLossAndItsSlope) {
  const std::vector<ssd::Corners> anchors = {{0, 0, 0.5F, 0.5F}, {0.4F, 0.4F, 1, 1}};
  const std::vector<ssd::Truths> truths = {
      {.boxes = {{0, 0, 0.5F, 0.6F}}, .labels = {0}, .ignore = {}}};
  const ssd::LossOptions options;
  auto codes = torch::randn({1, 2, 4}).set_requires_grad(true);
  auto logits = torch::randn({1, 2, 2}).set_requires_grad(true);
  const SsdLoss loss = ssd_loss(codes, logits, anchors, truths, options);
  EXPECT_NEAR(loss.total.item<double>(), loss.box + loss.classes, 1e-5);
  (2 * loss.total).backward();
  const std::span<const float> plain_codes(codes.data_ptr<float>(), 8);
  const std::span<const float> plain_logits(logits.data_ptr<float>(), 4);
  const ssd::Loss plain =
      ssd::loss({.codes = plain_codes, .logits = plain_logits}, anchors, truths, options);
  for (size_t i = 0; i < 8; ++i)
    EXPECT_NEAR(codes.grad().data_ptr<float>()[i], 2 * plain.codes_gradient[i], 1e-6);
  for (size_t i = 0; i < 4; ++i)
    EXPECT_NEAR(logits.grad().data_ptr<float>()[i], 2 * plain.logits_gradient[i], 1e-6);
}

TEST(SsdTrainer, LearnsEightPicturesByHeart) {
  const std::vector<data::Box> boxes = {{40, 30, 40, 60},   {10, 5, 30, 90},  {90, 50, 30, 50},
                                        {0, 0, 0, 0},       {60, 20, 50, 70}, {20, 60, 30, 50},
                                        {100, 10, 40, 100}, {70, 40, 36, 60}};
  Settings settings = small_settings(red_set("ssd_by_heart", {160, 120}, boxes), 120);
  settings.ssd = ssd::Settings{};
  settings.ssd->extractor = "ssd_mobilenet_v1";
  settings.ssd->input = {96, 96};
  settings.ssd->model.depth_multiplier = 0.25;
  settings.ssd->model.min_depth = 8;
  settings.ssd->model.norm.momentum = settings.ssd->model.base_norm.momentum = 0.1;
  settings.sizes = {{.size = {96, 96}, .batch = 8}};
  settings.augmentation = settings.late_augmentation = Augmentation::none();
  settings.rate = ConstantRate{0.005};
  settings.average_decay = 0;
  settings.weight_decay = 0;
  const auto pictures = PictureSet::open(settings.pictures).value();
  Trainer trainer(settings);
  Losses losses;
  learn(trainer, settings, pictures, losses);
  ASSERT_FALSE(HasFatalFailure());
  EXPECT_LT(losses.last, losses.first / 10);
  const std::atomic<bool> stop = false;
  const auto measured = trainer.in_use([&](Network& network) {
    return measure(network, trainer.head(), *pictures, {.size = {96, 96}}, stop);
  });
  ASSERT_TRUE(measured);
  EXPECT_GT(score_of("eight", {96, 96}, *measured).ap50, 0.9);
  const Checkpoint checkpoint = trainer.averages();
  EXPECT_EQ(checkpoint.facts.at(kResizeFact), "stretch");
  EXPECT_EQ(checkpoint.facts.at(kBoxCoderFact), "10,10,5,5");
  EXPECT_EQ(checkpoint.arrays.at(kAnchorsArray).shape[1], 4);
}

}  // namespace
}  // namespace pasu::train
