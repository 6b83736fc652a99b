// SSD with its DetectionOutput layer in the graph (Caffe's, kept by OpenVINO):
//   detections [1, 1, D, 7]: image, label, score, x1, y1, x2, y2; corners in 0..1 of the input.
// A negative image number ends the list.
#include "detect/detail/decoder.h"

namespace pasu::detect::detail {
namespace {

class SsdDecoder final : public Decoder {
 public:
  explicit SsdDecoder(const DecoderParts& parts)
      : width_(static_cast<float>(parts.input.width)),
        height_(static_cast<float>(parts.input.height)),
        labels_(parts.labels()),
        label_first_(parts.manifest.label_first) {}

  void append(std::span<const Tensor> outputs, size_t image, float score_min,
              std::vector<geom::Detection>& out) const override {
    const Tensor& tuples = outputs[0];
    const size_t count = dimension(tuples, 2);
    for (size_t i = 0; i < count; ++i) {
      const float* t = tuples.data + 7 * i;
      if (t[0] < 0) break;
      if (t[0] != static_cast<float>(image) || !(t[2] >= score_min)) continue;
      const int label = label_index(t[1], label_first_, labels_);
      if (label < 0) continue;
      out.push_back(
          {geom::Box::from_corners(t[3] * width_, t[4] * height_, t[5] * width_, t[6] * height_),
           t[2], label});
    }
  }

 private:
  const float width_, height_;
  const int labels_, label_first_;
};

}  // namespace

MadeDecoder make_ssd_decoder(const DecoderParts& parts) {
  TRY(parts.expect_shape(parts.index("detections"), {1, 1, -1, 7}, "DetectionOutput's 7-tuples"));
  return std::make_unique<SsdDecoder>(parts);
}

}  // namespace pasu::detect::detail
