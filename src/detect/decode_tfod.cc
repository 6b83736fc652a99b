// TensorFlow Object Detection API: N images, A anchors, D detections, K labels.
//   raw: boxes [N, A, 4], scores [N, A, F+K] with F columns before the first label (1: background)
//   nms: boxes [N, D, 4], scores [N, D], classes [N, D]
// Boxes are ymin, xmin, ymax, xmax in 0..1 of the picture the graph was given.
#include "detect/detail/decoder.h"

namespace pasu::detect::detail {
namespace {

class TfodDecoder : public Decoder {
 public:
  explicit TfodDecoder(const DecoderParts& parts)
      : boxes_(static_cast<size_t>(parts.index("boxes"))),
        scores_(static_cast<size_t>(parts.index("scores"))),
        labels_(parts.labels()),
        label_first_(parts.manifest.label_first),
        width_(static_cast<float>(parts.input.width)),
        height_(static_cast<float>(parts.input.height)) {}

 protected:
  geom::Box box(const float* corners) const {
    return geom::Box::from_corners(corners[1] * width_, corners[0] * height_, corners[3] * width_,
                                   corners[2] * height_);
  }

  const size_t boxes_, scores_;
  const int labels_, label_first_;

 private:
  const float width_, height_;
};

class TfodRawDecoder final : public TfodDecoder {
 public:
  using TfodDecoder::TfodDecoder;

  void append(std::span<const Tensor> outputs, size_t image, float score_min,
              std::vector<geom::Detection>& out) const override {
    const Tensor& scores = outputs[scores_];
    const size_t anchors = dimension(scores, 1);
    if (dimension(outputs[boxes_], 1) != anchors) return;
    const auto columns = static_cast<size_t>(label_first_ + labels_);
    const float* score = scores.data + image * anchors * columns;
    const float* corners = outputs[boxes_].data + image * anchors * 4;
    for (size_t a = 0; a < anchors; ++a, score += columns, corners += 4)
      for (int k = 0; k < labels_; ++k) {
        const float s = score[label_first_ + k];
        if (s >= score_min) out.push_back({box(corners), s, k});
      }
  }
};

class TfodNmsDecoder final : public TfodDecoder {
 public:
  explicit TfodNmsDecoder(const DecoderParts& parts)
      : TfodDecoder(parts), classes_(static_cast<size_t>(parts.index("classes"))) {}

  void append(std::span<const Tensor> outputs, size_t image, float score_min,
              std::vector<geom::Detection>& out) const override {
    const size_t count = dimension(outputs[scores_], 1);
    if (dimension(outputs[boxes_], 1) != count || dimension(outputs[classes_], 1) != count) return;
    const size_t first = image * count;
    for (size_t i = first; i < first + count; ++i) {
      const float score = outputs[scores_].data[i];
      const int label = label_index(outputs[classes_].data[i], label_first_, labels_);
      if (!(score >= score_min) || label < 0) continue;
      out.push_back({box(outputs[boxes_].data + 4 * i), score, label});
    }
  }

 private:
  const size_t classes_;
};

}  // namespace

MadeDecoder make_tfod_raw_decoder(const DecoderParts& parts) {
  TRY(parts.expect_shape(parts.index("boxes"), {-1, -1, 4}, "a box an anchor"));
  const int columns = parts.manifest.label_first + parts.labels();
  TRY(parts.expect_shape(
      parts.index("scores"), {-1, -1, columns},
      fmt::format("label_first {} + {} label(s)", parts.manifest.label_first, parts.labels())));
  return std::make_unique<TfodRawDecoder>(parts);
}

MadeDecoder make_tfod_nms_decoder(const DecoderParts& parts) {
  TRY(parts.expect_shape(parts.index("boxes"), {-1, -1, 4}, "a box a detection"));
  for (const auto* role : {"scores", "classes"})
    TRY(parts.expect_shape(parts.index(role), {-1, -1}, "a number a detection"));
  return std::make_unique<TfodNmsDecoder>(parts);
}

}  // namespace pasu::detect::detail
