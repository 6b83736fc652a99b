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

/// Pictures that differ, each as often as the other.
Batch batch_of_two(int count) {
  Batch out = grey_batch(count);
  const size_t picture = out.rgb.size() / static_cast<size_t>(count);
  for (size_t i = 0; i < out.samples.size(); ++i)
    if (i % 2 == 1) {
      for (size_t k = 0; k < picture; ++k) out.rgb[i * picture + k] = (k * 31) % 251;
      out.samples[i].truths = {{.x1 = 20, .y1 = 16, .x2 = 52, .y2 = 60}};
    }
  return out;
}

TEST(Trainer, ClonesLearnWhatOneNetworkDoes) {
  // Each part holds the same pictures, so that its batch norm sees what the whole batch's would.
  Settings settings = small_settings("unused", 10);
  settings.optimizer = {.kind = OptimizerOptions::Kind::momentum};
  settings.rate = ConstantRate{1e-4};  // Which does not make much of the last bits.
  Trainer alone(settings);
  settings.clones = 3;
  Trainer three(settings);
  const auto first = alone.network().weights();
  for (int i = 0; i < 3; ++i) {
    const auto expected = alone.step(batch_of_two(6));
    const auto result = three.step(batch_of_two(6));
    ASSERT_TRUE(expected && result);
    EXPECT_NEAR(result->loss, expected->loss, 1e-5 * expected->loss);
    EXPECT_NEAR(result->gradient_norm, expected->gradient_norm, 1e-4 * expected->gradient_norm);
    EXPECT_EQ(result->positives, expected->positives);
  }
  const auto one = alone.network().weights(), other = three.network().weights();
  for (const NamedTensor& named : alone.network().parameters()) {
    const auto &a = one.at(named.name).values, &b = other.at(named.name).values;
    for (size_t i = 0; i < a.size(); ++i) ASSERT_NEAR(a[i], b[i], 1e-5) << named.name;
  }
  EXPECT_NE(first, one);
}

TEST(Trainer, ClonesShareOutWhatDoesNotDivide) {
  Settings settings = small_settings("unused", 10);
  settings.clones = 3;
  Trainer trainer(settings);
  for (const int count : {4, 2, 1}) {
    const auto result = trainer.step(grey_batch(count));
    ASSERT_TRUE(result) << result.error().message();
    EXPECT_EQ(result->pictures, static_cast<size_t>(count));
    EXPECT_GT(result->gradient_norm, 0);
  }
  Batch batch = grey_batch(5);
  batch.samples[4].truths[0].score = std::nanf("");
  const auto result = trainer.step(batch);
  ASSERT_FALSE(result);
  EXPECT_THAT(result.error().message(), HasSubstr("the pictures that make it so: set/4."));
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
