// All steps of a small run, for tests that learn by heart.
#pragma once

#include <gtest/gtest.h>

#include "train/fit/plan.h"
#include "train/fit/trainer.h"
#include "train/load/loader.h"

namespace pasu::train {

/// Of the first step and of the last.
struct Losses {
  double first = 0, last = 0;
};

/// Fails the test at a step that fails.
inline void learn(Trainer& trainer, const Settings& settings,
                  const std::shared_ptr<PictureSet>& pictures, Losses& out) {
  const auto loader = Loader::create({.pictures = pictures, .plan = plan_rule(settings)}).value();
  for (int64_t i = 0; i < settings.steps; ++i) {
    const auto result = trainer.step(loader->next().value());
    ASSERT_TRUE(result) << result.error().message();
    (i == 0 ? out.first : out.last) = result->loss;
  }
}

}  // namespace pasu::train
