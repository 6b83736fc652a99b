// YOLO label files: one text file a picture, a line a box: class (from 0), then centre and size as
// shares of the picture's. Class names lie in data.yaml, classes.txt or obj.names.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "train/data/dataset.h"
#include "train/data/finding.h"

namespace pasu::data {

/// The boxes of a label file, in pixels of a picture of `size`. Class c is category c + 1; it must
/// be below `classes` unless that is 0, where nobody knows the names.
///
/// Lines of 5 numbers are boxes, of 6 boxes with a score (passed over), of an odd number from 7
/// polygons, of which the box around is taken. Errors ("path: line N"), or findings: other lines,
/// numbers that are none or not finite, classes that are not there.
[[nodiscard]] Result<std::vector<Object>> parse_yolo(std::string_view text, const std::string& path,
                                                     geom::Size size, size_t classes,
                                                     const ReadOptions& options = {});

/// What parse_yolo() reads back, to a millionth of a pixel. Classes are places in the set's
/// categories, whatever their ids.
[[nodiscard]] std::string yolo_text(const Picture& picture, const DataSet& set);

/// What a data.yaml says of its pictures and classes.
struct YoloConfig {
  struct Split {
    std::string name;                ///< "train", "val" or "test".
    std::vector<std::string> paths;  ///< Folders or lists of pictures, as they stand there.
  };
  std::string root;  ///< path: may be empty.
  std::vector<Split> splits;
  std::vector<std::string> names;  ///< By class.
};

/// As much YAML as data.yaml files are made of: keys at the left edge with scalars, [flow, lists],
/// block lists and one level of block or {flow} maps; other keys are passed over.
/// Errors ("path:line"): malformed (broken lists, names that are numbered with gaps or twice).
[[nodiscard]] Result<YoloConfig> parse_yolo_config(std::string_view text, const std::string& path);
[[nodiscard]] std::string yolo_config_text(const YoloConfig& config);

/// One name a line; blank lines at the end are none. Errors: malformed (a blank line between).
[[nodiscard]] Result<std::vector<std::string>> parse_class_names(std::string_view text,
                                                                 const std::string& path);

}  // namespace pasu::data
