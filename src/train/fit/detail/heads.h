// The heads there are.
#pragma once

#include <memory>

#include "train/fit/head.h"

namespace pasu::train::detail {

[[nodiscard]] std::unique_ptr<Head> person_head(const PersonLossOptions& loss, const Graph& graph);
[[nodiscard]] std::unique_ptr<Head> ssd_head(const ssd::Settings& settings);

}  // namespace pasu::train::detail
