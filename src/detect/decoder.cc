#include "detect/detail/decoder.h"

#include <algorithm>
#include <cmath>

#include "detect/network.h"

namespace pasu::detect::detail {

void Decoder::decode(std::span<const Tensor> outputs, int image, float score_min,
                     std::vector<geom::Detection>& out) const {
  // Networks with an NMS of their own may give nothing at all.
  for (const Tensor& tensor : outputs)
    if (std::count(tensor.shape.begin(), tensor.shape.end(), 0) > 0) return;
  const size_t before = out.size();
  append(outputs, static_cast<size_t>(image), score_min, out);
  const auto is_box = [](const geom::Box& box) {
    return std::isfinite(box.x) && std::isfinite(box.y) && std::isfinite(box.right()) &&
           std::isfinite(box.bottom()) && box.w > 0 && box.h > 0;
  };
  out.erase(std::remove_if(out.begin() + static_cast<std::ptrdiff_t>(before), out.end(),
                           [&](const geom::Detection& d) { return !is_box(d.box); }),
            out.end());
  for (size_t i = before; i < out.size(); ++i) out[i].score = std::min(out[i].score, 1.f);
}

size_t dimension(const Tensor& tensor, int axis) {
  const auto at =
      axis < 0 ? tensor.shape.size() - static_cast<size_t>(-axis) : static_cast<size_t>(axis);
  return static_cast<size_t>(tensor.shape[at]);
}

int label_index(float number, int label_first, int labels) {
  const float index = number - static_cast<float>(label_first);
  // Written so that a NaN fails too.
  if (!(index > -0.5f && index < static_cast<float>(labels) - 0.5f)) return -1;
  return static_cast<int>(std::lround(index));
}

float logit(float score) {
  if (score <= 0) return -INFINITY;
  if (score >= 1) return INFINITY;
  return std::log(score / (1 - score));
}

float sigmoid(float z) { return 1 / (1 + std::exp(-z)); }

int DecoderParts::index(std::string_view role) const {
  for (size_t i = 0; i < manifest.outputs.size(); ++i)
    if (manifest.outputs[i].role == role) return static_cast<int>(i);
  return -1;
}

tl::unexpected<Error> DecoderParts::misfit(int index, std::string_view what) const {
  const auto at = static_cast<size_t>(index);
  return fail(Errc::unsupported, "{}: output '{}' ({}): {}; the network gives {}", manifest.path,
              manifest.outputs[at].name, manifest.outputs[at].role, what,
              shape_text(outputs[at].shape));
}

Result<void> DecoderParts::expect_shape(int index, std::vector<int64_t> shape,
                                        std::string_view meaning) const {
  const std::vector<int64_t>& found = outputs[static_cast<size_t>(index)].shape;
  bool fits = found.size() == shape.size();
  for (size_t i = 0; fits && i < shape.size(); ++i) fits = shape[i] < 0 || shape[i] == found[i];
  if (!fits) return misfit(index, fmt::format("expected {}, {}", shape_text(shape), meaning));
  return {};
}

MadeDecoder make_decoder(const artifact::Manifest& manifest, geom::Size input,
                         std::span<const TensorInfo> outputs) {
  const DecoderParts parts{manifest, input, outputs};
  switch (manifest.family) {
    case artifact::Family::anchor_free_grid:
      return make_grid_decoder(parts);
    case artifact::Family::ssd_detection_output:
      return make_ssd_decoder(parts);
    case artifact::Family::tfod_raw:
      return make_tfod_raw_decoder(parts);
    case artifact::Family::tfod_nms:
      return make_tfod_nms_decoder(parts);
    case artifact::Family::yolox:
      return make_yolox_decoder(parts);
    case artifact::Family::fastestdet:
      return make_fastestdet_decoder(parts);
    case artifact::Family::boxes_labels:
      return make_boxes_labels_decoder(parts);
  }
  return fail(Errc::unsupported, "{}: family: no decoder", manifest.path);
}

}  // namespace pasu::detect::detail
