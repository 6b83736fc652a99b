// The loss of an SSD (train/ssd) for libtorch.
#pragma once

#include <span>
#include <torch/types.h>

#include "train/ssd/loss.h"

namespace pasu::train {

struct SsdLoss {
  torch::Tensor total;  ///< A scalar; backward() gives what ssd::loss() says.
  double box = 0, classes = 0;
  int64_t matched = 0;
};

/// `codes` [N, A, 4], `logits` [N, A, 1 + K], of any float type on any device.
[[nodiscard]] SsdLoss ssd_loss(const torch::Tensor& codes, const torch::Tensor& logits,
                               std::span<const ssd::Corners> anchors,
                               std::span<const ssd::Truths> truths,
                               const ssd::LossOptions& options);

}  // namespace pasu::train
