// Learning-rate schedules as the TF Object Detection API computes them.
#pragma once

#include <cstdint>
#include <variant>
#include <vector>

#include "base/result.h"
#include "train/pipeline/config.h"

namespace pasu::train {

struct ConstantRate {
  double rate = 0.002;
  bool operator==(const ConstantRate&) const = default;
};

/// burnin before `burnin_steps`, then rate * factor^((step - burnin_steps) / decay_steps), never
/// below `least`.
struct ExponentialRate {
  double rate = 0.002, factor = 0.95;
  double decay_steps = 4e6;
  bool staircase = true;
  double burnin = 0;  ///< 0: as `rate`.
  double burnin_steps = 0;
  double least = 0;
  bool operator==(const ExponentialRate&) const = default;
};

struct ManualRate {
  double rate = 0.002;  ///< Before the first step of the list.
  struct Step {
    double step = 0, rate = 0;
    bool operator==(const Step&) const = default;
  };
  std::vector<Step> steps{};  ///< Rising.
  bool warmup = false;        ///< The first rate glides to the second.
  bool operator==(const ManualRate&) const = default;
};

/// From `warmup` in a line to `rate`, held, then half a cosine down to 0 at `total_steps`.
struct CosineRate {
  double rate = 0.002, total_steps = 4e6;
  double warmup = 0.0002, warmup_steps = 10000;
  double hold_steps = 0;
  bool operator==(const CosineRate&) const = default;
};

using LearningRate = std::variant<ConstantRate, ExponentialRate, ManualRate, CosineRate>;

/// Of the `step`th update, from 0.
[[nodiscard]] double rate_at(const LearningRate& schedule, int64_t step);

/// A LearningRate message. Errors: invalid_argument where none is chosen or its numbers cannot be
/// (steps that do not rise, a warm-up longer than the whole).
[[nodiscard]] Result<LearningRate> learning_rate_from(const pipeline::Block& block);

}  // namespace pasu::train
