// /metrics: the program's registry, and each camera's state.
#pragma once

#include <string>

#include "node/node.h"

namespace pasu::api {

/// Prometheus text format 0.0.4.
[[nodiscard]] std::string metrics_text(const node::Node& node);

}  // namespace pasu::api
