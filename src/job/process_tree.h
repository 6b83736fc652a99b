// What a program that runs uses, its children included.
#pragma once

#include <sys/types.h>

#include "base/result.h"

namespace pasu::job {

struct TreeUsage {
  double cpu_seconds = 0;  ///< User and system time since their start, of those that run.
  double rss_mb = 0;
};

/// Errors: not_found (no such process).
[[nodiscard]] Result<TreeUsage> tree_usage(pid_t root);

}  // namespace pasu::job
