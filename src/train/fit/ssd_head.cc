// Head of the SSDs.
//   outputs by name: kBoxEncodings [N, A, 4], kClassLogits [N, A, 1 + K], background first.
#include <torch/torch.h>

#include "base/assert.h"
#include "train/export/anchors.h"
#include "train/fit/detail/heads.h"
#include "train/fit/ssd_loss.h"

namespace pasu::train::detail {
namespace {

class SsdHead final : public Head {
 public:
  explicit SsdHead(const ssd::Settings& settings)
      : settings_(settings),
        anchors_(ssd::anchors(settings.anchors, ssd::grids_of(settings), settings.input)) {
    const Graph graph = ssd::graph_of(settings);
    for (size_t i = 0; i < graph.outputs.size(); ++i)
      (graph.outputs[i].name == kBoxEncodings ? codes_ : logits_) = i;
  }

  HeadLoss loss(const std::vector<torch::Tensor>& outputs, geom::Size input,
                std::span<const std::vector<Truth>> truths) const override {
    ASSERT(input == settings_.input);
    std::vector<ssd::Truths> boxes;
    for (const auto& one : truths) boxes.push_back(ssd::truths_of(one, input));
    SsdLoss made = ssd_loss(outputs[codes_], outputs[logits_], anchors_, boxes, settings_.loss);
    return {.total = std::move(made.total),
            .score = made.classes,
            .box = made.box,
            .positives = static_cast<size_t>(made.matched)};
  }

  std::vector<std::vector<geom::Detection>> detect(const std::vector<torch::Tensor>& outputs,
                                                   geom::Size input,
                                                   float score_min) const override {
    const auto raw = outputs[logits_].to(torch::kFloat);
    const auto scores =
        (settings_.post.softmax ? raw.softmax(-1) : raw.sigmoid()).cpu().contiguous();
    const auto codes = outputs[codes_].to(torch::kFloat).cpu().contiguous();
    const auto columns = static_cast<size_t>(scores.size(2));
    const auto w = static_cast<float>(input.width), h = static_cast<float>(input.height);
    std::vector<std::vector<geom::Detection>> out(static_cast<size_t>(scores.size(0)));
    for (size_t n = 0; n < out.size(); ++n)
      for (size_t a = 0; a < anchors_.size(); ++a) {
        const float* score = scores.data_ptr<float>() + (n * anchors_.size() + a) * columns;
        const float* code = codes.data_ptr<float>() + (n * anchors_.size() + a) * 4;
        for (size_t c = 1; c < columns; ++c) {
          if (!(score[c] >= score_min)) continue;  // NaN is not.
          const ssd::Corners box =
              ssd::decode({code[0], code[1], code[2], code[3]}, anchors_[a], settings_.loss.scales);
          out[n].push_back({geom::Box::from_corners(box.x1 * w, box.y1 * h, box.x2 * w, box.y2 * h),
                            score[c], static_cast<int>(c) - 1});
        }
      }
    return out;
  }

  bool fill() const override { return settings_.fill; }

  void describe(Checkpoint& checkpoint) const override {
    Array anchors{{static_cast<int64_t>(anchors_.size()), 4}, {}};
    for (const ssd::Corners& box : anchors_) {
      const ssd::Centre centre = ssd::centre_of(box);
      anchors.values.insert(anchors.values.end(), {centre.y, centre.x, centre.h, centre.w});
    }
    checkpoint.arrays[kAnchorsArray] = std::move(anchors);
    checkpoint.facts[kBoxCoderFact] = fmt::format("{}", fmt::join(settings_.loss.scales, ","));
    checkpoint.facts[kResizeFact] = settings_.fill ? "stretch" : "letterbox";
    checkpoint.facts[kScoresFact] = settings_.post.softmax ? "softmax" : "sigmoid";
    const geom::NmsOptions& nms = settings_.post.nms;
    checkpoint.facts[kSuppressionFact] = fmt::format("{},{},{},{}", settings_.post.score_min,
                                                     nms.iou, nms.kept_per_label_max, nms.kept_max);
  }

 private:
  const ssd::Settings settings_;
  const std::vector<ssd::Corners> anchors_;
  size_t codes_ = 0, logits_ = 0;
};

}  // namespace

std::unique_ptr<Head> ssd_head(const ssd::Settings& settings) {
  return std::make_unique<SsdHead>(settings);
}

}  // namespace pasu::train::detail
