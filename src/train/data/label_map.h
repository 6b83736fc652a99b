// Label maps: which number stands for which class (TF Object Detection API's StringIntLabelMap, in
// protobuf's text format).
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "train/data/dataset.h"
#include "train/data/finding.h"

namespace pasu::data {

struct Label {
  int64_t id = 0;            ///< From 1; 0 is the background's.
  std::string name;          ///< What records say in image/object/class/text; may be "/m/01g317".
  std::string display_name;  ///< For people; may be empty.

  [[nodiscard]] const std::string& shown() const {
    return display_name.empty() ? name : display_name;
  }
  bool operator==(const Label&) const = default;
};

struct LabelMap {
  std::string path;           ///< Of the file, for messages.
  std::vector<Label> labels;  ///< In order of id, each id once, without the background.

  /// Null where there is none.
  [[nodiscard]] const Label* find(int64_t id) const;
  /// By name, else by display name.
  [[nodiscard]] const Label* find(std::string_view name) const;
  /// Named as people read them.
  [[nodiscard]] std::vector<Category> categories() const;
};

/// A repeated id keeps its first item, and a finding says so where the caller wants them. An item 0
/// must be the background and is left out. Other fields of the format (keypoints, ancestor_ids ...)
/// are passed over.
/// Errors (malformed) as "path:line:column: what": broken text, a field the format does not have
/// (with the nearest it has), an item without id or name, ids below 0 or beyond 31 bits.
[[nodiscard]] Result<LabelMap> parse_label_map(std::string_view text, const std::string& path,
                                               std::vector<Finding>* findings = nullptr);
/// Errors as parse_label_map(), not_found, io, too_large (over 64 MiB).
[[nodiscard]] Result<LabelMap> read_label_map(const std::filesystem::path& path,
                                              std::vector<Finding>* findings = nullptr);

/// What parse_label_map() reads back. Errors: io, no_space.
[[nodiscard]] Result<void> write_label_map(const std::vector<Category>& categories,
                                           const std::filesystem::path& path);

}  // namespace pasu::data
