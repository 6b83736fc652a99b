// One network: what a step does, and that it learns eight pictures by heart.
#include "train/fit/trainer.h"

#include <ATen/Parallel.h>
#include <cmath>
#include <torch/torch.h>

#include <gmock/gmock.h>

#include "train/fit/evaluate.h"
#include "train/fit/plan.h"
#include "train/fit/test_learning.h"
#include "train/fit/test_settings.h"
#include "train/load/loader.h"
#include "train/load/test_pictures.h"

namespace pasu::train {
namespace {

using testing::HasSubstr;

Batch grey_batch(int count) {
  Batch out;
  out.size = {64, 64};
  out.rgb.assign(static_cast<size_t>(count) * 64 * 64 * 3, 120);
  for (int i = 0; i < count; ++i) {
    Batch::Entry entry;
    entry.name = "set/" + std::to_string(i);
    entry.truths = {{.x1 = 8, .y1 = 8, .x2 = 24, .y2 = 40}};
    out.samples.push_back(entry);
  }
  return out;
}

TEST(Trainer, NamesThePictureWhoseLossIsNoNumber) {
  Trainer trainer(small_settings("unused", 10));
  Batch batch = grey_batch(3);
  ASSERT_TRUE(trainer.step(batch));
  batch.samples[1].truths[0].x2 = std::nanf("");
  batch.samples[1].truths.push_back({.x1 = 0, .y1 = 0, .x2 = 64, .y2 = 64});
  batch.samples[1].truths[1].score = std::nanf("");
  const auto before = trainer.network().weights();
  const auto result = trainer.step(batch);
  ASSERT_FALSE(result);
  EXPECT_THAT(result.error().message(), HasSubstr("the pictures that make it so: set/1."));
  EXPECT_EQ(trainer.steps_done(), 1);
  // Batch norm's statistics have seen the batch, the weights have not.
  EXPECT_TRUE(before.at("stem.0/weights") == trainer.network().weights().at("stem.0/weights"));
}

TEST(Trainer, NamesThemAllWhereTheWeightsAreNoNumbers) {
  Trainer trainer(small_settings("unused", 10));
  {
    const torch::NoGradGuard no_grad;
    trainer.network().parameters()[0].tensor.fill_(std::nan(""));
  }
  const auto result = trainer.step(grey_batch(9));
  ASSERT_FALSE(result);
  EXPECT_THAT(result.error().message(), HasSubstr("the weights are no numbers; it has: set/0"));
  EXPECT_THAT(result.error().message(), HasSubstr("and 3 more"));
}

TEST(Trainer, BeginsByFindingNobody) {
  Trainer trainer(small_settings("unused", 10));
  trainer.network().train(false);
  const torch::NoGradGuard no_grad;
  const auto out = trainer.network().forward(torch::zeros({1, 3, 64, 64}, torch::kByte));
  EXPECT_NEAR(out[0].select(1, 0).sigmoid().mean().item<double>(), kFirstScore, 1e-4);
}

TEST(Trainer, LearnsEightPicturesByHeart) {
  at::set_num_threads(1);  // The same on every machine.
  const std::vector<data::Box> boxes = {{40, 30, 40, 60},   {10, 5, 30, 90},  {90, 50, 24, 40},
                                        {0, 0, 0, 0},       {60, 20, 50, 70}, {20, 60, 20, 40},
                                        {100, 10, 40, 100}, {70, 40, 26, 60}};
  Settings settings = small_settings(red_set("by_heart", {160, 120}, boxes), 300);
  settings.model.stem = {8, 16};
  settings.model.widths = {24, 24, 24};
  settings.model.neck = settings.model.head = 24;
  settings.sizes = {{.size = {96, 64}, .batch = 8}};
  settings.augmentation = settings.late_augmentation = Augmentation::none();
  settings.rate =
      CosineRate{.rate = 0.004, .total_steps = 301, .warmup = 0.001, .warmup_steps = 10};
  const auto pictures = PictureSet::open(settings.pictures).value();
  Trainer trainer(settings);
  Losses losses;
  learn(trainer, settings, pictures, losses);
  ASSERT_FALSE(HasFatalFailure());
  EXPECT_LT(losses.last, losses.first / 4);
  const std::atomic<bool> stop = false;
  const auto measured = trainer.in_use([&](Network& network) {
    return measure(network, trainer.head(), *pictures, {.size = {96, 64}}, stop);
  });
  ASSERT_TRUE(measured);
  const Score score = score_of("eight", {96, 64}, *measured);
  EXPECT_EQ(score.truths, 7U);
  EXPECT_GT(score.ap50, 0.99);
  EXPECT_GT(score.ap, 0.7);
}

}  // namespace
}  // namespace pasu::train
