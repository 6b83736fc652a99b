#include "train/fit/ssd_loss.h"

#include <torch/torch.h>

namespace pasu::train {
namespace {

std::span<const float> numbers(const torch::Tensor& tensor) {
  return {tensor.data_ptr<float>(), static_cast<size_t>(tensor.numel())};
}

torch::Tensor like(const torch::Tensor& model, std::vector<float>& values) {
  return torch::from_blob(values.data(), model.sizes())
      .to(model.device(), torch::kFloat, false, true);
}

}  // namespace

SsdLoss ssd_loss(const torch::Tensor& codes, const torch::Tensor& logits,
                 std::span<const ssd::Corners> anchors, std::span<const ssd::Truths> truths,
                 const ssd::LossOptions& options) {
  const torch::Tensor codes_32 = codes.to(torch::kFloat), logits_32 = logits.to(torch::kFloat);
  const torch::Tensor plain_codes = codes_32.detach().to(torch::kCPU).contiguous();
  const torch::Tensor plain_logits = logits_32.detach().to(torch::kCPU).contiguous();
  ssd::Loss made = ssd::loss({.codes = numbers(plain_codes), .logits = numbers(plain_logits)},
                             anchors, truths, options);
  SsdLoss out{.total = {}, .box = made.box, .classes = made.classes, .matched = made.matched};
  // A plane through the point: its slope is the loss's, its value is put right.
  const torch::Tensor plane = (codes_32 * like(codes_32, made.codes_gradient)).sum() +
                              (logits_32 * like(logits_32, made.logits_gradient)).sum();
  out.total = plane - plane.detach() + (out.box + out.classes);
  return out;
}

}  // namespace pasu::train
