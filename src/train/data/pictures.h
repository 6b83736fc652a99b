// Where the pictures of a data set are: files in a folder, or bytes in records.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "train/data/record_set.h"

namespace pasu::data {

/// Numbered as DataSet::pictures. One thread at a time, unless is_folder().
class Pictures {
 public:
  static constexpr size_t kFileBytesMax = 256u << 20;

  virtual ~Pictures() = default;
  /// The file's bytes as they are. Of compressed records it is fastest in order. Errors: not_found,
  /// io, too_large, and those of RecordReader.
  [[nodiscard]] virtual Result<std::string> load(size_t picture) = 0;
  /// The file; nothing for pictures in records.
  [[nodiscard]] virtual std::optional<std::filesystem::path> path(size_t picture) const = 0;
  /// Any thread may load() then.
  [[nodiscard]] virtual bool is_folder() const = 0;
  /// Keeps only these pictures, in this order.
  virtual void keep(const std::vector<size_t>& kept) = 0;
};

/// Is `name` a path that stays inside the folder it is relative to.
[[nodiscard]] bool stays_inside(const std::string& name);

/// Files of `folder`; a name that leads out of it is not found.
[[nodiscard]] std::unique_ptr<Pictures> pictures_in_folder(std::filesystem::path folder,
                                                           std::vector<std::string> names);
/// image/encoded of the records at `places`, which ascend.
[[nodiscard]] std::unique_ptr<Pictures> pictures_in_records(
    std::vector<std::filesystem::path> files, std::vector<RecordSet::At> places);

/// All pictures under `folder` by their extension, relative to it, by name.
/// Errors: io; too_large (over kPicturesMax).
[[nodiscard]] Result<std::vector<std::string>> list_pictures(const std::filesystem::path& folder);
inline constexpr size_t kPicturesMax = 20'000'000;

}  // namespace pasu::data
