// KITTI object labels: one text file a picture, 15 columns a line (object development kit, 2012).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "train/data/dataset.h"
#include "train/data/finding.h"

namespace pasu::data {

/// A label file's boxes before class names are numbered.
struct KittiObject {
  std::string type;
  Object object;
};

/// Columns: type, truncated, occluded, alpha, left, top, right, bottom, then 3-D dimensions,
/// location and rotation, which are passed over, and maybe a score. Edges are pixels from 0, taken
/// as they are (w = right - left), as TF OD API does. Anything truncated above 0 is truncated.
/// DontCare regions, where nothing was labelled, are objects of the class DontCare.
/// Errors ("path: line N"), or findings: too few columns, numbers that are none or not finite.
[[nodiscard]] Result<std::vector<KittiObject>> parse_kitti(std::string_view text,
                                                           const std::string& path,
                                                           const ReadOptions& options = {});

/// With what KITTI writes for unknown in the columns nobody here knows. White space in class names
/// becomes '_': columns are parted by it.
[[nodiscard]] std::string kitti_text(const Picture& picture, const DataSet& set);

}  // namespace pasu::data
