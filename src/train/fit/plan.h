// Which size and which augmentation each step is trained with.
#pragma once

#include <string>
#include <vector>

#include "train/fit/settings.h"
#include "train/load/loader.h"

namespace pasu::train {

/// Batch `number` is of a size drawn by the shares, from (seed, number) alone. The settings must
/// live as long as the rule.
[[nodiscard]] PlanRule plan_rule(const Settings& settings);

// What a run goes by, to see that it is the same when it goes on: a line each of "WHAT HASH".

/// The seed and the input sizes.
[[nodiscard]] std::string fingerprint_of(const Settings& settings);
/// Of each data set the pictures (names, weight) and the boxes with all that is said of them.
/// `kind` is what it is called: "set", "evaluation set".
[[nodiscard]] std::string fingerprint_of(const PictureSet& pictures, const std::string& kind);

/// What is not as it was, of two such texts: "the boxes of set 'street'". Empty: all is.
[[nodiscard]] std::vector<std::string> changes(const std::string& before, const std::string& now);

}  // namespace pasu::train
