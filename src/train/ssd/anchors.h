// The boxes that an SSD's predictions start from.
#pragma once

#include <vector>

#include "geom/box.h"
#include "train/ssd/boxes.h"

namespace pasu::train::ssd {

/// As ssd_anchor_generator of anchor_generator.proto has them.
struct AnchorOptions {
  int layers = 6;
  float scale_min = 0.2f, scale_max = 0.95f;
  std::vector<float> scales = {};  ///< One a layer, instead of the two above, where not empty.
  std::vector<float> aspect_ratios = {1, 2, 0.5f, 3, 1.f / 3};
  /// Of one more anchor a cell, between the layer's scale and the next one's; 0: none.
  float interpolated_ratio = 1;
  /// The first layer has but three: scale .1 and ratio 1, its own scale and ratios 2 and .5.
  bool reduce_lowest = true;
  float base_height = 1, base_width = 1;
  bool operator==(const AnchorOptions&) const = default;
};

/// Anchors a cell, by layer.
[[nodiscard]] std::vector<int> anchors_per_cell(const AnchorOptions& options);

/// [A]: by layer, row, column, and then the cell's. `grids` are the layers' feature maps; `input`
/// the network's, whose shorter side scales count in. They may reach out of the picture.
[[nodiscard]] std::vector<Corners> anchors(const AnchorOptions& options,
                                           const std::vector<geom::Size>& grids, geom::Size input);

}  // namespace pasu::train::ssd
