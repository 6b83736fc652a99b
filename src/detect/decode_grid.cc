// Anchor-free grids, one output a stride: N images, K classes, H x W cells.
//   grid [N, K+4, H, W]: K scores, then left, top, right, bottom distances from the cell's centre.
#include <algorithm>
#include <array>
#include <cmath>

#include "detect/detail/decoder.h"

namespace pasu::detect::detail {
namespace {

class GridDecoder final : public Decoder {
 public:
  GridDecoder(std::vector<float> strides, int labels, const artifact::DecodeSpec& spec)
      : strides_(std::move(strides)),
        labels_(labels),
        exp_(spec.boxes == artifact::BoxCoding::ltrb_exp),
        logits_(spec.scores == artifact::ScoreCoding::logit),
        clamp_(static_cast<float>(spec.exp_clamp)) {}

  void append(std::span<const Tensor> outputs, size_t image, float score_min,
              std::vector<geom::Detection>& out) const override {
    const float score_raw_min = logits_ ? logit(score_min) : score_min;
    for (size_t level = 0; level < strides_.size(); ++level)
      decode_level(outputs[level], strides_[level], image, score_raw_min, out);
  }

 private:
  void decode_level(const Tensor& grid, float stride, size_t image, float score_raw_min,
                    std::vector<geom::Detection>& out) const {
    const size_t width = dimension(grid, 3), cells = dimension(grid, 2) * width;
    const auto labels = static_cast<size_t>(labels_);
    const float* scores = grid.data + image * (labels + 4) * cells;
    const float* distances = scores + labels * cells;
    for (size_t cell = 0; cell < cells; ++cell) {
      // Most cells end here: one comparison a class. A NaN compares false and ends here too.
      size_t best = 0;
      for (size_t k = 1; k < labels; ++k)
        if (scores[k * cells + cell] > scores[best * cells + cell]) best = k;
      const float raw = scores[best * cells + cell];
      if (!(raw >= score_raw_min)) continue;

      const float cx = (static_cast<float>(cell % width) + 0.5f) * stride;
      const float cy = (static_cast<float>(cell / width) + 0.5f) * stride;
      std::array<float, 4> d{};
      for (size_t i = 0; i < 4; ++i) d[i] = distance(distances[i * cells + cell]) * stride;
      out.push_back({geom::Box::from_corners(cx - d[0], cy - d[1], cx + d[2], cy + d[3]),
                     logits_ ? sigmoid(raw) : raw, static_cast<int>(best)});
    }
  }

  float distance(float t) const {
    return exp_ ? std::exp(std::clamp(t, -clamp_, clamp_)) : std::max(t, 0.f);
  }

  const std::vector<float> strides_;
  const int labels_;
  const bool exp_, logits_;
  const float clamp_;
};

}  // namespace

MadeDecoder make_grid_decoder(const DecoderParts& parts) {
  std::vector<float> strides;
  for (size_t i = 0; i < parts.manifest.outputs.size(); ++i) {
    const int stride = parts.manifest.outputs[i].stride;
    if (parts.input.width % stride != 0 || parts.input.height % stride != 0)
      return parts.misfit(static_cast<int>(i),
                          fmt::format("the input {}x{} is no multiple of stride {}",
                                      parts.input.width, parts.input.height, stride));
    TRY(parts.expect_shape(
        static_cast<int>(i),
        {-1, parts.labels() + 4, parts.input.height / stride, parts.input.width / stride},
        fmt::format("{} label(s) + 4 distances for each cell of stride {}", parts.labels(),
                    stride)));
    strides.push_back(static_cast<float>(stride));
  }
  return std::make_unique<GridDecoder>(std::move(strides), parts.labels(), parts.manifest.decode);
}

}  // namespace pasu::detect::detail
