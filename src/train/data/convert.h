// Data sets written in any of the formats, whole or not at all.
#pragma once

#include <atomic>
#include <functional>
#include <string>
#include <vector>

#include "base/result.h"
#include "train/data/source.h"
#include "train/data/tfrecord.h"

namespace pasu::data {

struct ConvertOptions {
  std::optional<Format>
      format;          ///< Unless given, by the target's name: .json, .record; else needed.
  bool link = false;   ///< Hard links to the pictures where the disk allows, not copies.
  bool images = true;  ///< False: annotations alone, naming the pictures as the source does.
  int shards = 1;      ///< Of records, each split.
  Compression compression = Compression::none;
  ReadOptions read = {};  ///< Pictures that cannot be read: an error, or findings and left out.
  const std::atomic<bool>* stop = nullptr;
  std::function<void(uint64_t done, uint64_t all)> progress = {};  ///< Pictures.
};

struct Converted {
  Format format = Format::coco;
  uint64_t pictures = 0, objects = 0;
  std::vector<std::string> notes;  ///< What the format could not hold, in sentences.
};

/// The format that `target` is written in. Errors: invalid_argument.
[[nodiscard]] Result<Format> target_format(const std::string& target,
                                           const ConvertOptions& options);

/// Writes `splits` to `target`: one file (.json; .record or .tfrecord) for a single split, else a
/// folder. A file grows as FILE.part, a folder as FOLDER.part, and gets its name when it is whole;
/// what an interrupted run left there is removed first. Names of pictures that lead out of their
/// folder, repeat, or share a stem where the format tells pictures apart by it, are changed. Class
/// lists that differ between splits become one, by name; `splits` is changed so.
///
/// Errors: exists (target, or a FOLDER.part that this did not make), invalid_argument, cancelled,
/// io, no_space, and those of the pictures.
[[nodiscard]] Result<Converted> convert(std::vector<Split>& splits, const std::string& target,
                                        const ConvertOptions& options);

}  // namespace pasu::data
