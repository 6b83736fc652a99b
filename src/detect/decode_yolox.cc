// YOLOX (Ge et al. 2021): N images, A cells of all grids, K classes.
//   predictions [N, A, 5+K]: cx, cy, w, h, objectness, K class scores (both already sigmoid).
// With strides, boxes are still in cells: centre = (t + cell) * stride, size = exp(t) * stride.
#include <algorithm>
#include <cmath>

#include "detect/detail/decoder.h"

namespace pasu::detect::detail {
namespace {

/// Where a prediction's cell lies; stride 0: the box is in pixels already.
struct Cell {
  float x = 0, y = 0, stride = 0;
};

class YoloxDecoder final : public Decoder {
 public:
  YoloxDecoder(std::vector<Cell> cells, int labels) : cells_(std::move(cells)), labels_(labels) {}

  void append(std::span<const Tensor> outputs, size_t image, float score_min,
              std::vector<geom::Detection>& out) const override {
    const size_t count = dimension(outputs[0], 1);
    const auto row = static_cast<size_t>(5 + labels_);
    const float* p = outputs[0].data + image * count * row;
    for (size_t i = 0; i < count; ++i, p += row) {
      if (!(p[4] >= score_min)) continue;  // The product can only be less.
      const float* best = std::max_element(p + 5, p + row);
      const float score = p[4] * *best;
      if (!(score >= score_min)) continue;
      const auto box = cells_.empty() ? from_centre(p[0], p[1], p[2], p[3]) : decode(p, cells_[i]);
      out.push_back({box, score, static_cast<int>(best - (p + 5))});
    }
  }

 private:
  static geom::Box from_centre(float cx, float cy, float w, float h) {
    return {cx - w / 2, cy - h / 2, w, h};
  }
  static geom::Box decode(const float* p, const Cell& cell) {
    constexpr float kExponentMax = 16;  // Far beyond any picture; keeps infinities out.
    return from_centre((p[0] + cell.x) * cell.stride, (p[1] + cell.y) * cell.stride,
                       std::exp(std::min(p[2], kExponentMax)) * cell.stride,
                       std::exp(std::min(p[3], kExponentMax)) * cell.stride);
  }

  const std::vector<Cell> cells_;
  const int labels_;
};

int64_t count_cells(geom::Size input, const std::vector<double>& strides) {
  int64_t count = 0;
  for (const double s : strides) {
    const int stride = static_cast<int>(s);
    count += int64_t{input.width / stride} * (input.height / stride);
  }
  return count;
}

std::vector<Cell> lay_cells(geom::Size input, const std::vector<double>& strides) {
  std::vector<Cell> cells;
  for (const double s : strides) {
    const int stride = static_cast<int>(s);
    for (int y = 0; y < input.height / stride; ++y)
      for (int x = 0; x < input.width / stride; ++x)
        cells.push_back({static_cast<float>(x), static_cast<float>(y), static_cast<float>(stride)});
  }
  return cells;
}

}  // namespace

MadeDecoder make_yolox_decoder(const DecoderParts& parts) {
  const auto& strides = parts.manifest.decode.strides;
  const int64_t count = strides.empty() ? -1 : count_cells(parts.input, strides);
  TRY(parts.expect_shape(
      parts.index("predictions"), {-1, count, 5 + parts.labels()},
      fmt::format("a row a cell of decode.strides, 4 + objectness + {} label(s)", parts.labels())));
  return std::make_unique<YoloxDecoder>(lay_cells(parts.input, strides), parts.labels());
}

}  // namespace pasu::detect::detail
