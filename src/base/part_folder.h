// A folder that is there whole or not at all.
#pragma once

#include <filesystem>

#include "base/result.h"

namespace pasu {

/// Filled under one name, it gets another at the end. Without keep_as() it vanishes. One thread at
/// a time.
class PartFolder {
 public:
  /// What somebody who was killed left under `path` goes; whoever fills it makes it.
  [[nodiscard]] static PartFolder claim(std::filesystem::path path);
  /// The same, made anew. Errors: io.
  [[nodiscard]] static Result<PartFolder> create(std::filesystem::path path);
  PartFolder(PartFolder&& other) noexcept;
  PartFolder& operator=(PartFolder&&) = delete;
  ~PartFolder();

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  /// Errors: io; then it vanishes all the same.
  [[nodiscard]] Result<void> keep_as(const std::filesystem::path& name);

 private:
  explicit PartFolder(std::filesystem::path path) : path_(std::move(path)) {}

  std::filesystem::path path_;  // Empty once it is somebody else's.
};

}  // namespace pasu
