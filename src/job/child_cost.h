// What running another program costs.
#pragma once

#include <atomic>
#include <string>
#include <vector>

#include "base/result.h"

namespace pasu::job {

struct ChildCost {
  double cpu_seconds = 0;  ///< User and system, with the children it waited for.
  double wall_seconds = 0;
};

/// Runs `command` (found in PATH) to its end, its stdout and stderr thrown away. `stop` ends it
/// early. Errors: not_found, io (it ended with another code than 0), cancelled.
[[nodiscard]] Result<ChildCost> run_child(const std::vector<std::string>& command,
                                          const std::atomic<bool>& stop);

}  // namespace pasu::job
