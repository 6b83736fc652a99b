// Boxes: top-left corner and size, in whatever pixels the context names.
#pragma once

#include <algorithm>

namespace pasu::geom {

struct Size {
  int width = 0;
  int height = 0;
  bool operator==(const Size&) const = default;
};

/// [x, x + w) by [y, y + h), origin top left, x to the right, y down.
struct Box {
  float x = 0, y = 0, w = 0, h = 0;

  [[nodiscard]] static Box from_corners(float x1, float y1, float x2, float y2) {
    return {x1, y1, x2 - x1, y2 - y1};
  }
  [[nodiscard]] float right() const { return x + w; }
  [[nodiscard]] float bottom() const { return y + h; }
  [[nodiscard]] float area() const { return w > 0 && h > 0 ? w * h : 0; }
  bool operator==(const Box&) const = default;
};

[[nodiscard]] inline float intersection_area(const Box& a, const Box& b) {
  const float w = std::min(a.right(), b.right()) - std::max(a.x, b.x);
  const float h = std::min(a.bottom(), b.bottom()) - std::max(a.y, b.y);
  return w > 0 && h > 0 ? w * h : 0;
}

/// Intersection over union, 0 where both are empty.
[[nodiscard]] inline float iou(const Box& a, const Box& b) {
  const float both = intersection_area(a, b);
  const float either = a.area() + b.area() - both;
  return either > 0 ? both / either : 0;
}

/// The part of `box` inside a picture of `size`; empty (w or h 0) where nothing is.
[[nodiscard]] inline Box clip(const Box& box, Size size) {
  const float x1 = std::clamp(box.x, 0.f, static_cast<float>(size.width));
  const float y1 = std::clamp(box.y, 0.f, static_cast<float>(size.height));
  const float x2 = std::clamp(box.right(), 0.f, static_cast<float>(size.width));
  const float y2 = std::clamp(box.bottom(), 0.f, static_cast<float>(size.height));
  return Box::from_corners(x1, y1, std::max(x1, x2), std::max(y1, y2));
}

}  // namespace pasu::geom
