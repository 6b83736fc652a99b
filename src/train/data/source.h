// A data set on disk, in whatever format: recognised, read, its pictures found.
#pragma once

#include <atomic>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "train/data/dataset.h"
#include "train/data/finding.h"
#include "train/data/label_map.h"
#include "train/data/pictures.h"
#include "train/data/voc.h"

namespace pasu::data {

enum class Format { coco, voc, yolo, kitti, tfrecord };

/// "coco", as --from and --to say it.
[[nodiscard]] const char* to_string(Format format);
/// Errors: invalid_argument, with the names there are.
[[nodiscard]] Result<Format> format_from(const std::string& name);

struct OpenOptions {
  std::optional<Format> format = {};  ///< Recognised unless given.
  std::filesystem::path images = {};  ///< The folder of pictures, where it is not found by itself.
  const LabelMap* labels = nullptr;
  VocCorners corners = VocCorners::pixels_from_1;
  ReadOptions read = {};
};

/// A part of a data set that is used apart: for training, for validation. Often the only one.
struct Split {
  std::string name;  ///< "train"; empty for the only one.
  Format format = Format::coco;
  DataSet set;
  std::filesystem::path annotations;   ///< The file, or the folder of files.
  std::vector<std::string> files;      ///< Each picture's annotation file; empty: `annotations`.
  std::vector<RecordSet::At> records;  ///< Each picture's record, of records only.
  std::filesystem::path image_folder;  ///< Empty for records.
  std::unique_ptr<Pictures> pictures;

  /// The annotation file of a picture.
  [[nodiscard]] std::string file_of(size_t picture) const {
    return files.empty() ? annotations.string() : files[picture];
  }
  /// Where it stands there: "record 3 at byte 120", or empty.
  [[nodiscard]] std::string place_of(size_t picture) const;
  /// Keeps only these pictures, in this order.
  void keep(const std::vector<size_t>& kept);
};

/// What `path` is: a file or folder, records also by a pattern of shards.
/// Errors: not_found; unsupported, with what was looked for.
[[nodiscard]] Result<Format> recognise(const std::string& path);

/// Reads all splits of `path`. docs/ref/data.md says what each format looks like on disk; a folder
/// of folders train, val(id), test is one of splits. Classes that their format does not number are
/// numbered by name, the same in all splits, or as `labels` says.
/// Errors: recognise()'s, the readers', cancelled.
[[nodiscard]] Result<std::vector<Split>> open_source(const std::string& path,
                                                     const OpenOptions& options = {});

}  // namespace pasu::data
