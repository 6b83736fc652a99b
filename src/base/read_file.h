// Small files, whole.
#pragma once

#include <filesystem>
#include <string>

#include "base/result.h"

namespace pasu {

/// The bytes of a file of at most `bytes_max`. Errors name it: not_found, io, too_large.
[[nodiscard]] Result<std::string> read_file(const std::filesystem::path& path, size_t bytes_max);

}  // namespace pasu
