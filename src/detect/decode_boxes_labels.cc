// Detectors that end in their own NMS (MMDetection's deployed form): D detections.
//   boxes [N, D, 5] or, for one picture, [D, 5]: x1, y1, x2, y2 in input pixels, score
//   labels [N, D] or [D]; absent = all are the first label
// D may differ from inference to inference.
#include "detect/detail/decoder.h"

namespace pasu::detect::detail {
namespace {

class BoxesLabelsDecoder final : public Decoder {
 public:
  explicit BoxesLabelsDecoder(const DecoderParts& parts)
      : boxes_(static_cast<size_t>(parts.index("boxes"))),
        classes_(parts.index("labels")),
        labels_(parts.labels()),
        label_first_(parts.manifest.label_first) {}

  void append(std::span<const Tensor> outputs, size_t image, float score_min,
              std::vector<geom::Detection>& out) const override {
    const Tensor& boxes = outputs[boxes_];
    const size_t count = dimension(boxes, -2);
    if (classes_ >= 0 && dimension(outputs[static_cast<size_t>(classes_)], -1) != count) return;
    const size_t first = image * count;
    for (size_t i = first; i < first + count; ++i) {
      const float* b = boxes.data + 5 * i;
      if (!(b[4] >= score_min)) continue;
      int label = 0;
      if (classes_ >= 0)
        label = label_index(outputs[static_cast<size_t>(classes_)].data[i], label_first_, labels_);
      if (label < 0) continue;
      out.push_back({geom::Box::from_corners(b[0], b[1], b[2], b[3]), b[4], label});
    }
  }

 private:
  const size_t boxes_;
  const int classes_;
  const int labels_, label_first_;
};

}  // namespace

MadeDecoder make_boxes_labels_decoder(const DecoderParts& parts) {
  const int boxes = parts.index("boxes"), labels = parts.index("labels");
  const size_t rank = parts.outputs[static_cast<size_t>(boxes)].shape.size();
  const bool batched = rank == 3;
  TRY(parts.expect_shape(boxes,
                         batched ? std::vector<int64_t>{-1, -1, 5} : std::vector<int64_t>{-1, 5},
                         "x1, y1, x2, y2, score a detection"));
  if (labels >= 0)
    TRY(parts.expect_shape(labels, std::vector<int64_t>(rank - 1, -1), "a number a detection"));
  return std::make_unique<BoxesLabelsDecoder>(parts);
}

}  // namespace pasu::detect::detail
