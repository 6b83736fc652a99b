// The subcommands of pasu data that live in files of their own.
#pragma once

#include <CLI/CLI.hpp>

#include "base/result.h"
#include "geom/box.h"

namespace pasu::cli {

void add_data_label(CLI::App& data, int& exit_code);
void add_data_preview(CLI::App& data, int& exit_code);

/// "320x192". Errors: invalid_argument.
[[nodiscard]] Result<geom::Size> size_of_words(const std::string& words);

}  // namespace pasu::cli
