#include "train/ssd/anchors.h"

#include <algorithm>
#include <cmath>

#include "base/assert.h"

namespace pasu::train::ssd {
namespace {

struct Shape {
  double scale = 1, ratio = 1;
};

/// One a layer, and one after the last: the whole picture.
std::vector<double> scales_of(const AnchorOptions& options) {
  std::vector<double> out(options.scales.begin(), options.scales.end());
  if (out.empty())
    for (int i = 0; i < options.layers; ++i)
      out.push_back(options.scale_min + (double{options.scale_max} - options.scale_min) * i /
                                            std::max(1, options.layers - 1));
  out.push_back(1);
  return out;
}

std::vector<std::vector<Shape>> shapes_of(const AnchorOptions& options) {
  const std::vector<double> scales = scales_of(options);
  std::vector<std::vector<Shape>> out;
  for (size_t layer = 0; layer + 1 < scales.size(); ++layer) {
    const double scale = scales[layer];
    std::vector<Shape>& shapes = out.emplace_back();
    if (layer == 0 && options.reduce_lowest) {
      shapes = {{0.1, 1}, {scale, 2}, {scale, 0.5}};
      continue;
    }
    for (const float ratio : options.aspect_ratios) shapes.push_back({scale, ratio});
    if (options.interpolated_ratio > 0)
      shapes.push_back({std::sqrt(scale * scales[layer + 1]), options.interpolated_ratio});
  }
  return out;
}

}  // namespace

std::vector<int> anchors_per_cell(const AnchorOptions& options) {
  std::vector<int> out;
  for (const auto& shapes : shapes_of(options)) out.push_back(static_cast<int>(shapes.size()));
  return out;
}

std::vector<Corners> anchors(const AnchorOptions& options, const std::vector<geom::Size>& grids,
                             geom::Size input) {
  const auto layers = shapes_of(options);
  ASSERT(grids.size() == layers.size() && input.width > 0 && input.height > 0);
  const double shorter = std::min(input.width, input.height);
  const double base_h = options.base_height * shorter / input.height;
  const double base_w = options.base_width * shorter / input.width;
  std::vector<Corners> out;
  for (size_t layer = 0; layer < layers.size(); ++layer)
    for (int row = 0; row < grids[layer].height; ++row)
      for (int column = 0; column < grids[layer].width; ++column)
        for (const Shape& shape : layers[layer]) {
          const double root = std::sqrt(shape.ratio);
          out.push_back(corners_of({.y = static_cast<float>((row + 0.5) / grids[layer].height),
                                    .x = static_cast<float>((column + 0.5) / grids[layer].width),
                                    .h = static_cast<float>(shape.scale / root * base_h),
                                    .w = static_cast<float>(shape.scale * root * base_w)}));
        }
  return out;
}

}  // namespace pasu::train::ssd
