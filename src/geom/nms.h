// Non-maximum suppression: of overlapping boxes for one thing, the best stays.
#pragma once

#include <vector>

#include "geom/detection.h"

namespace pasu::geom {

struct NmsOptions {
  float iou = 0.5f;             ///< A box overlapping a better one of its label by more is dropped.
  size_t candidates_max = 300;  ///< Only so many of the highest scores are looked at.
  size_t kept_max = 100;
  bool per_label = true;          ///< False: boxes of all labels suppress each other.
  size_t kept_per_label_max = 0;  ///< At most so many of each label; 0: kept_max alone counts.
  bool operator==(const NmsOptions&) const = default;
};

/// Greedy NMS in place; the survivors stand in falling order of score. Equal scores keep their
/// order.
void nms(std::vector<Detection>& detections, const NmsOptions& options);

}  // namespace pasu::geom
