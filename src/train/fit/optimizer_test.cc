// Optimisers against their formulas, a number at a time in double.
#include "train/fit/optimizer.h"

#include <cmath>
#include <torch/torch.h>

#include <gtest/gtest.h>

namespace pasu::train {
namespace {

using Kind = OptimizerOptions::Kind;

/// A weight that begins at 1 and is pulled with these gradients.
const std::vector<double> kGradients = {0.5, -0.25, 1, 0.125, 0};

struct One {
  torch::Tensor w = torch::ones({2}, torch::requires_grad());
  std::unique_ptr<Optimizer> optimizer;

  explicit One(const OptimizerOptions& options, double decay = 0)
      : optimizer(Optimizer::create(options, {{"w", w, decay}})) {}
  double step(double gradient, double rate) {
    optimizer->zero_grad();
    w.mutable_grad() = torch::full({2}, gradient);
    optimizer->step(rate);
    return w[0].item<double>();
  }
};

TEST(Optimizer, MomentumAsTensorFlowHasIt) {
  One one({.kind = Kind::momentum, .momentum = 0.9});
  double w = 1, a = 0;
  for (const double g : kGradients) {
    a = 0.9 * a + g;
    w -= 0.1 * a;
    EXPECT_NEAR(one.step(g, 0.1), w, 1e-6);
  }
}

TEST(Optimizer, RmsPropHasEpsilonInsideTheRootAndBeginsAtOne) {
  One one({.kind = Kind::rms_prop, .momentum = 0.9, .rms_decay = 0.8, .epsilon = 0.5});
  double w = 1, s = 1, a = 0;
  for (const double g : kGradients) {
    s = 0.8 * s + 0.2 * g * g;
    a = 0.9 * a + 0.1 * g / std::sqrt(s + 0.5);
    w -= a;
    EXPECT_NEAR(one.step(g, 0.1), w, 1e-6);
  }
}

TEST(Optimizer, AdamWithDecayApart) {
  One one({.kind = Kind::adam, .beta1 = 0.9, .beta2 = 0.98, .decoupled_decay = true}, 0.03);
  double w = 1, m = 0, v = 0;
  int t = 0;
  for (const double g : kGradients) {
    ++t;
    w -= 0.1 * 0.03 * w;
    m = 0.9 * m + 0.1 * g;
    v = 0.98 * v + 0.02 * g * g;
    w -=
        0.1 * std::sqrt(1 - std::pow(0.98, t)) / (1 - std::pow(0.9, t)) * m / (std::sqrt(v) + 1e-8);
    EXPECT_NEAR(one.step(g, 0.1), w, 1e-6);
  }
}

TEST(Optimizer, CoupledDecayIsPartOfTheGradient) {
  One one({.kind = Kind::momentum, .momentum = 0}, 0.5);
  EXPECT_NEAR(one.step(1, 0.1), 1 - 0.1 * 1.5, 1e-6);
}

TEST(Optimizer, ClipsByTheNormOfAllGradientsTogether) {
  auto a = torch::zeros({1}, torch::requires_grad()), b = torch::zeros({1}, torch::requires_grad());
  const auto optimizer = Optimizer::create({}, {{"a", a}, {"b", b}});
  a.mutable_grad() = torch::full({1}, 30.F);
  b.mutable_grad() = torch::full({1}, 40.F);
  EXPECT_NEAR(optimizer->clip(0), 50, 1e-4);
  EXPECT_NEAR(optimizer->clip(10), 50, 1e-4);
  EXPECT_NEAR(a.grad().item<float>(), 6, 1e-5);
  EXPECT_NEAR(b.grad().item<float>(), 8, 1e-5);
  EXPECT_NEAR(optimizer->clip(10), 10, 1e-4);
  EXPECT_NEAR(b.grad().item<float>(), 8, 1e-5);
}

TEST(Optimizer, SlotsAreTheTensorsItWorksWith) {
  One one({.kind = Kind::momentum, .momentum = 0.9}), other({.kind = Kind::momentum});
  one.step(1, 0.1);
  auto slots = other.optimizer->slots();
  ASSERT_EQ(slots.size(), 1U);
  EXPECT_EQ(slots[0].first, "momentum/w");
  slots[0].second.copy_(one.optimizer->slots()[0].second);
  EXPECT_NEAR(other.step(0, 0.1), 1 - 0.09, 1e-6);
}

TEST(MovingAverage, RisesToItsDecayAndSwaps) {
  auto w = torch::zeros({1}, torch::requires_grad());
  MovingAverage average(0.99, {{"w", w}});
  double a = 0;
  for (int n = 1; n <= 2000; ++n) {
    {
      const torch::NoGradGuard no_grad;
      w.fill_(n);
    }
    average.update();
    a += (1 - std::min(0.99, (1.0 + n) / (10.0 + n))) * (n - a);
  }
  EXPECT_NEAR(average.averages()[0].second.item<double>(), a, 0.1);
  average.swap();
  EXPECT_NEAR(w.item<double>(), a, 0.1);
  average.swap();
  EXPECT_EQ(w.item<double>(), 2000);
}

}  // namespace
}  // namespace pasu::train
