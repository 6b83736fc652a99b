// Where models lie: packages by name in the models folders.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/result.h"

namespace pasu::detect {

/// The folders that are searched, best first: PASU_MODELS (several with ':' between them), models
/// beside the program's build folder, ./models, /usr/share/pasu/models. Some may not exist.
[[nodiscard]] std::vector<std::filesystem::path> model_folders();

struct FoundModel {
  std::string name;  ///< The folder's: what --model takes.
  std::filesystem::path folder;
};

/// All packages in `folders`, sorted by name; of two with one name the first found.
[[nodiscard]] std::vector<FoundModel> list_models(
    const std::vector<std::filesystem::path>& folders = model_folders());

/// What `model` (a name, a package's folder or a network's file) stands for. The answer is a folder
/// with a manifest, or a file. Errors: not_found, with the models there are and the nearest name.
[[nodiscard]] Result<std::filesystem::path> find_model(
    const std::string& model, const std::vector<std::filesystem::path>& folders = model_folders());

}  // namespace pasu::detect
