// Rules for the boxes of one picture, shared by what finds and what mends.
#pragma once

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

#include "train/data/dataset.h"

namespace pasu::data::detail {

[[nodiscard]] inline double iou(const Box& a, const Box& b) {
  const double w = std::min(a.x + a.w, b.x + b.w) - std::max(a.x, b.x);
  const double h = std::min(a.y + a.h, b.y + b.h) - std::max(a.y, b.y);
  if (w <= 0 || h <= 0) return 0;
  return w * h / (a.w * a.h + b.w * b.h - w * h);
}

/// Corners in order: the same rectangle.
[[nodiscard]] inline Box turned(const Box& b) {
  return {std::min(b.x, b.x + b.w), std::min(b.y, b.y + b.h), b.w < 0 ? -b.w : b.w,
          b.h < 0 ? -b.h : b.h};
}

/// The part inside a picture; empty (w or h 0) where nothing is.
[[nodiscard]] inline Box clipped(const Box& b, geom::Size size) {
  const double x1 = std::clamp(b.x, 0.0, double(size.width));
  const double y1 = std::clamp(b.y, 0.0, double(size.height));
  const double x2 = std::clamp(b.x + b.w, 0.0, double(size.width));
  const double y2 = std::clamp(b.y + b.h, 0.0, double(size.height));
  if (x2 <= x1 || y2 <= y1) return {x1, y1, 0, 0};
  return {x1, y1, x2 - x1, y2 - y1};
}

/// How far `b` reaches out of the picture, in pixels; below 0 where it does not.
[[nodiscard]] inline double reach(const Box& b, geom::Size size) {
  return std::max({-b.x, -b.y, b.x + b.w - size.width, b.y + b.h - size.height});
}

/// Places of (first, again) of boxes of one class that overlap by at least `least`. Gives up after
/// kComparisonsMax, as a hundred thousand boxes on one spot would need.
[[nodiscard]] std::vector<std::pair<size_t, size_t>> repeated(const std::vector<Object>& objects,
                                                              double least);

}  // namespace pasu::data::detail
