#include "detect/models.h"

#include <algorithm>
#include <cstdlib>
#include <map>
#include <string_view>

#include "artifact/package.h"
#include "base/nearest.h"

namespace pasu::detect {
namespace fs = std::filesystem;
namespace {

bool is_package(const fs::path& folder) {
  std::error_code error;
  return fs::is_regular_file(folder / artifact::kManifestName, error);
}

}  // namespace

std::vector<fs::path> model_folders() {
  std::vector<fs::path> out;
  if (const char* list = std::getenv("PASU_MODELS")) {
    for (std::string_view rest = list; !rest.empty();) {
      const size_t end = std::min(rest.find(':'), rest.size());
      if (end > 0) out.emplace_back(rest.substr(0, end));
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
  }
  std::error_code error;
  // build/release/pasu in a checkout.
  const fs::path program = fs::read_symlink("/proc/self/exe", error);
  if (!error) out.push_back(program.parent_path().parent_path().parent_path() / "models");
  out.emplace_back("models");
  out.emplace_back("/usr/share/pasu/models");
  return out;
}

std::vector<FoundModel> list_models(const std::vector<fs::path>& folders) {
  std::map<std::string, fs::path> found;
  for (const fs::path& folder : folders) {
    std::error_code error;
    for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error))
      if (is_package(at->path())) found.emplace(at->path().filename().string(), at->path());
  }
  std::vector<FoundModel> out;
  for (auto& [name, folder] : found) out.push_back({name, folder});
  return out;
}

Result<fs::path> find_model(const std::string& model, const std::vector<fs::path>& folders) {
  std::error_code error;
  const bool is_path = model.find('/') != model.npos;
  if (!model.empty()) {
    if (is_package(model) || fs::is_regular_file(model, error)) return fs::path(model);
    // A manifest was meant: let the package say that it is missing.
    if (is_path && fs::is_directory(model, error)) return fs::path(model);
  }
  const auto known = list_models(folders);
  std::vector<std::string> names{"hog"};
  for (const FoundModel& entry : known) {
    if (entry.name == model) return entry.folder;
    names.push_back(entry.name);
  }
  std::string list;
  for (const std::string& name : names) list += (list.empty() ? "" : ", ") + name;
  const auto guess = nearest(model, names);
  return fail(Errc::not_found,
              "no model '{}'{} There are: {}. A package's folder or a network's .xml, .onnx or .pb "
              "file will do too; PASU_MODELS names further folders of models",
              model, guess ? fmt::format("; did you mean '{}'?", *guess) : ".", list);
}

}  // namespace pasu::detect
