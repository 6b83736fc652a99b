// FastestDet (Ma, 2022): one grid of H x W cells, K classes.
//   predictions [N, 5+K, H, W]: objectness (sigmoid done), offsets x, y, size w, h, K class scores
//   (softmax done). centre = (cell + tanh(t)) / cells; size = sigmoid(t) of the input.
// Score: objectness^0.6 * class^0.4.
#include <cmath>

#include "detect/detail/decoder.h"

namespace pasu::detect::detail {
namespace {

class FastestDetDecoder final : public Decoder {
 public:
  FastestDetDecoder(geom::Size input, int labels) : input_(input), labels_(labels) {}

  void append(std::span<const Tensor> outputs, size_t image, float score_min,
              std::vector<geom::Detection>& out) const override {
    const Tensor& grid = outputs[0];
    const size_t width = dimension(grid, 3), height = dimension(grid, 2);
    const size_t cells = width * height;
    const auto labels = static_cast<size_t>(labels_);
    const float* p = grid.data + image * (5 + labels) * cells;
    const float objectness_min = std::pow(score_min, 1 / 0.6f);  // The class score is at most 1.
    for (size_t cell = 0; cell < cells; ++cell) {
      if (!(p[cell] >= objectness_min)) continue;
      const auto at = [&](size_t channel) { return p[channel * cells + cell]; };
      size_t best = 0;
      for (size_t k = 1; k < labels; ++k)
        if (at(5 + k) > at(5 + best)) best = k;
      const float score = std::pow(at(0), 0.6f) * std::pow(at(5 + best), 0.4f);
      if (!(score >= score_min)) continue;
      const auto input_w = static_cast<float>(input_.width),
                 input_h = static_cast<float>(input_.height);
      const float cx = (static_cast<float>(cell % width) + std::tanh(at(1))) *
                       (input_w / static_cast<float>(width));
      const float cy = (static_cast<float>(cell / width) + std::tanh(at(2))) *
                       (input_h / static_cast<float>(height));
      const float w = sigmoid(at(3)) * input_w, h = sigmoid(at(4)) * input_h;
      out.push_back({{cx - w / 2, cy - h / 2, w, h}, score, static_cast<int>(best)});
    }
  }

 private:
  const geom::Size input_;
  const int labels_;
};

}  // namespace

MadeDecoder make_fastestdet_decoder(const DecoderParts& parts) {
  TRY(parts.expect_shape(
      parts.index("predictions"), {-1, 5 + parts.labels(), -1, -1},
      fmt::format("objectness + 4 + {} label(s) for each cell", parts.labels())));
  return std::make_unique<FastestDetDecoder>(parts.input, parts.labels());
}

}  // namespace pasu::detect::detail
