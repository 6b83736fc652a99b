// Which size and which augmentation each step is trained with.
#pragma once

#include <string>

#include "train/fit/settings.h"
#include "train/load/loader.h"

namespace pasu::train {

/// Batch `number` is of a size drawn by the shares, from (seed, number) alone. The settings must
/// live as long as the rule.
[[nodiscard]] PlanRule plan_rule(const Settings& settings);

/// Differs where another run's batches would: names and weights of the pictures, sizes, seed.
[[nodiscard]] std::string fingerprint_of(const PictureSet& pictures, const Settings& settings);

}  // namespace pasu::train
