// Boxes as SSD counts them, and their codes.
//
// Legend: N pictures, A anchors, G truths of a picture, K classes. Boxes are shares of the
// network's input, 0 to 1, y before x, as in the TF Object Detection API.
#pragma once

#include <array>
#include <span>
#include <vector>

namespace pasu::train::ssd {

struct Corners {
  float y1 = 0, x1 = 0, y2 = 0, x2 = 0;
  [[nodiscard]] float area() const { return (y2 - y1) * (x2 - x1); }
  bool operator==(const Corners&) const = default;
};

struct Centre {
  float y = 0, x = 0, h = 0, w = 0;
};

[[nodiscard]] Centre centre_of(const Corners& box);
[[nodiscard]] Corners corners_of(const Centre& box);

/// Intersection over union; 0 where they do not meet.
[[nodiscard]] float iou(const Corners& a, const Corners& b);

/// How many units of code a box's size is (faster_rcnn_box_coder): y, x, height, width.
using CodeScales = std::array<float, 4>;
inline constexpr CodeScales kCodeScales = {10, 10, 5, 5};
using Code = std::array<float, 4>;  ///< Of y, x, height, width.

/// Centre's distance in anchor sizes, and logarithm of the sizes' ratio, times `scales`.
[[nodiscard]] Code encode(const Corners& box, const Corners& anchor,
                          const CodeScales& scales = kCodeScales);
/// encode()'s inverse.
[[nodiscard]] Corners decode(const Code& code, const Corners& anchor,
                             const CodeScales& scales = kCodeScales);

}  // namespace pasu::train::ssd
