// Another program, started beside this one.
#pragma once

#include <string>
#include <sys/types.h>
#include <vector>

#include "base/result.h"

namespace pasu::job {

/// Starts `command`, found in PATH, with nothing to read; what it says is added to the file
/// `output`. Whoever starts it waits for it. Errors: not_found.
[[nodiscard]] Result<pid_t> spawn(const std::vector<std::string>& command,
                                  const std::string& output);

}  // namespace pasu::job
