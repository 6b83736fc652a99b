#include "base/part_folder.h"

#include <system_error>
#include <utility>

namespace pasu {
namespace fs = std::filesystem;

PartFolder PartFolder::claim(fs::path path) {
  std::error_code ignored;
  fs::remove_all(path, ignored);
  return PartFolder(std::move(path));
}

Result<PartFolder> PartFolder::create(fs::path path) {
  PartFolder out = claim(std::move(path));
  std::error_code error;
  fs::create_directories(out.path_, error);
  if (error) return fail(Errc::io, "{}: cannot be made: {}", out.path_.string(), error.message());
  return out;
}

PartFolder::PartFolder(PartFolder&& other) noexcept : path_(std::exchange(other.path_, {})) {}

PartFolder::~PartFolder() {
  std::error_code ignored;
  if (!path_.empty()) fs::remove_all(path_, ignored);
}

Result<void> PartFolder::keep_as(const fs::path& name) {
  std::error_code error;
  fs::rename(path_, name, error);
  if (error) return fail(Errc::io, "{}: cannot be made: {}", name.string(), error.message());
  path_.clear();
  return {};
}

}  // namespace pasu
