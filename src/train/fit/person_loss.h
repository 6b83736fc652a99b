// What pasu_person is trained by: scores towards what the assigner says, boxes towards the truth.
//   N pictures, A cells of all levels (CellGrid's order), boxes xyxy in input pixels.
//   outputs, one a level: [N, 5, H, W], the score's logit, then the logarithms of the distances to
//   the left, top, right and bottom side, in strides from the cell's centre.
#pragma once

#include <span>
#include <torch/types.h>
#include <vector>

#include "train/fit/assign.h"

namespace pasu::train {

struct PersonLossOptions {
  AssignOptions assign;
  float score_weight = 1.5F, box_weight = 2.5F;
  /// A cell that answers for nobody weighs negative_weight * p^negative_power: the many easy ones
  /// next to nothing. One that answers for somebody weighs |target - p| + positive_weight.
  float negative_weight = 0.75F, negative_power = 1.5F, positive_weight = 0.5F;
  float exp_clamp = 4;  ///< Of the logarithms, as the decoder clamps them.
  bool operator==(const PersonLossOptions&) const = default;
};

struct PersonLoss {
  torch::Tensor total;        ///< A scalar, with its way back.
  double score = 0, box = 0;  ///< Its parts, weighted: they add up to the total.
  size_t positives = 0;       ///< Cells that answer for a box.
  double target_sum = 0;
};

/// Network outputs in float32 as cells: scores' logits [N, A] and boxes [N, A, 4].
struct PersonCells {
  torch::Tensor logits, boxes;
};
[[nodiscard]] PersonCells person_cells(const std::vector<torch::Tensor>& outputs,
                                       const CellGrid& grid, float exp_clamp);

/// Both parts are sums over all pictures divided by the sum of targets (at least 1). A picture's
/// cells that are ignored carry no loss; NaN in the outputs comes out as NaN.
[[nodiscard]] PersonLoss person_loss(const std::vector<torch::Tensor>& outputs,
                                     const CellGrid& grid,
                                     std::span<const std::vector<Truth>> truths,
                                     const PersonLossOptions& options);

/// 1 - generalised IoU (Rezatofighi et al. 2019) of pairs of boxes [P, 4]: [P], 0 to 2.
[[nodiscard]] torch::Tensor giou_loss(const torch::Tensor& boxes, const torch::Tensor& truths);

}  // namespace pasu::train
