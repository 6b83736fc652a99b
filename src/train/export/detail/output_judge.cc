#include "train/export/detail/output_judge.h"

#include "base/guard.h"
#include "train/export/detail/picture_runner.h"

namespace pasu::train::detail {

OutputJudge::Values OutputJudge::outputs(const Quantized* int8) const {
  PictureRunner runner(lower(graph_, convs_, std::nullopt, int8));
  Values out(graph_.outputs.size());
  for (const CalibrationPicture& picture : pictures_) {
    ov::InferRequest& request = runner.run(picture);
    for (size_t i = 0; i < out.size(); ++i) {
      const ov::Tensor tensor = request.get_output_tensor(i);
      const float* values = tensor.data<const float>();
      out[i].insert(out[i].end(), values, values + tensor.get_size());
    }
  }
  return out;
}

Result<OutputJudge> OutputJudge::create(const Graph& graph, const std::vector<FoldedConv>& convs,
                                        std::span<const CalibrationPicture> pictures) {
  OutputJudge out(graph, convs, pictures);
  auto ran = guard([&] { out.reference_ = out.outputs(nullptr); });
  if (!ran) return tl::unexpected(trimmed(ran.error()));
  return out;
}

Result<double> OutputJudge::error(const Quantized& int8) const {
  auto ran = guard([&] { return outputs(&int8); });
  if (!ran) return tl::unexpected(trimmed(ran.error()));
  double out = 0;
  for (size_t i = 0; i < reference_.size(); ++i) {
    const auto& wanted = reference_[i];
    double mean = 0, spread = 0, error = 0;
    for (const float value : wanted) mean += value;
    mean /= static_cast<double>(wanted.size());
    for (size_t k = 0; k < wanted.size(); ++k) {
      const double off = (*ran)[i][k] - wanted[k];
      spread += (wanted[k] - mean) * (wanted[k] - mean);
      error += off * off;
    }
    if (spread > 0) out += error / spread / static_cast<double>(reference_.size());
  }
  return out;
}

}  // namespace pasu::train::detail
