#include "train/fit/learning_rate.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace pasu::train {
namespace {

double at(const ConstantRate& s, double) { return s.rate; }

double at(const ExponentialRate& s, double step) {
  double rate = s.burnin != 0 ? s.burnin : s.rate;
  if (step >= s.burnin_steps) {
    const double turns = (step - s.burnin_steps) / s.decay_steps;
    rate = s.rate * std::pow(s.factor, s.staircase ? std::floor(turns) : turns);
  }
  return std::max(rate, s.least);
}

double at(const ManualRate& s, double step) {
  double rate = s.rate;
  for (const ManualRate::Step& one : s.steps)
    if (step >= one.step) rate = one.rate;
  if (s.warmup && !s.steps.empty() && step < s.steps[0].step)
    rate = s.rate + (s.steps[0].rate - s.rate) * step / s.steps[0].step;
  return rate;
}

double at(const CosineRate& s, double step) {
  if (step > s.total_steps) return 0;
  if (step < s.warmup_steps) return s.warmup + (s.rate - s.warmup) * step / s.warmup_steps;
  const double begin = s.warmup_steps + s.hold_steps;
  if (step <= begin) return s.rate;
  const double part = (step - begin) / (s.total_steps - begin);
  return 0.5 * s.rate * (1 + std::cos(std::numbers::pi * part));
}

}  // namespace

double rate_at(const LearningRate& schedule, int64_t step) {
  return std::visit([&](const auto& s) { return at(s, static_cast<double>(step)); }, schedule);
}

Result<LearningRate> learning_rate_from(const pipeline::Block& block) {
  const pipeline::Value* chosen = block.chosen("learning_rate");
  if (chosen == nullptr)
    return fail(Errc::invalid_argument, "learning_rate: none is chosen, such as {}",
                "cosine_decay_learning_rate { }");
  const pipeline::Block& b = *chosen->block;
  const auto name = chosen->field->name;
  if (name == "constant_learning_rate") return ConstantRate{b.number("learning_rate")};
  if (name == "exponential_decay_learning_rate") {
    const ExponentialRate s{.rate = b.number("initial_learning_rate"),
                            .factor = b.number("decay_factor"),
                            .decay_steps = b.number("decay_steps"),
                            .staircase = b.number("staircase") != 0,
                            .burnin = b.number("burnin_learning_rate"),
                            .burnin_steps = b.number("burnin_steps"),
                            .least = b.number("min_learning_rate")};
    if (s.decay_steps <= 0)
      return fail(Errc::invalid_argument, "{}: decay_steps is 0; it is 1 or more", name);
    return s;
  }
  if (name == "manual_step_learning_rate") {
    ManualRate s{.rate = b.number("initial_learning_rate"), .warmup = b.number("warmup") != 0};
    for (const pipeline::Value& value : b.values) {
      if (value.field->name != "schedule") continue;
      const ManualRate::Step one{value.block->number("step"), value.block->number("learning_rate")};
      if (one.step <= (s.steps.empty() ? 0 : s.steps.back().step))
        return fail(Errc::invalid_argument, "{}: line {}: step {} does not rise", name,
                    value.place.line, one.step);
      s.steps.push_back(one);
    }
    return s;
  }
  const CosineRate s{.rate = b.number("learning_rate_base"),
                     .total_steps = b.number("total_steps"),
                     .warmup = b.number("warmup_learning_rate"),
                     .warmup_steps = b.number("warmup_steps"),
                     .hold_steps = b.number("hold_base_rate_steps")};
  if (s.total_steps <= s.warmup_steps + s.hold_steps)
    return fail(Errc::invalid_argument,
                "{}: total_steps, {}, is not more than warmup_steps and hold_base_rate_steps, {}",
                name, s.total_steps, s.warmup_steps + s.hold_steps);
  return s;
}

}  // namespace pasu::train
