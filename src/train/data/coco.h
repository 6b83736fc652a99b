// COCO instances JSON (cocodataset.org, "Data format", object detection).
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "base/result.h"
#include "train/data/dataset.h"
#include "train/data/finding.h"

namespace pasu::data {

/// The data set of `text`, which is the file `path` in messages.
///
/// Pictures keep their order and ids, objects theirs within their picture; lists may stand in any
/// order; unknown keys are left out. Only ids and boxes are needed: a picture without file_name has
/// an empty one, a category without name has its id for a name. A missing area is the box's; of
/// segmentations nothing else is read. `difficult`, `truncated`, `occluded` and `score` of objects
/// and `source` of pictures, which write_coco() adds where they are set, are read as well. Boxes
/// are kept as they are, be they negative, empty or outside.
///
/// Named errors, each with its byte and id: NaN, infinite and missing boxes, ids that are no 64-bit
/// integers, repeated ids, annotations of unknown pictures or categories, sizes no picture has.
/// With `options.findings` they are left out one by one; broken JSON is always an error.
[[nodiscard]] Result<DataSet> parse_coco(std::string_view text, const std::string& path,
                                         const ReadOptions& options = {});

/// A file of at most kCocoBytesMax. Errors: as parse_coco(), not_found, io, too_large.
[[nodiscard]] Result<DataSet> read_coco(const std::filesystem::path& path,
                                        const ReadOptions& options = {});
inline constexpr size_t kCocoBytesMax = size_t{4} << 30;

/// One picture or annotation a line; what parse_coco() reads back as an equal set. Objects whose id
/// is 0 (their format has none) get ids after the highest, and pictures likewise.
/// Errors: io, no_space; invalid_argument (a box that is not finite, which JSON cannot hold).
[[nodiscard]] Result<void> write_coco(const DataSet& set, const std::filesystem::path& path);

}  // namespace pasu::data
