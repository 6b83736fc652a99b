// Batch norm and the picture's scale, folded into the convolutions: what runs has weights and
// biases only.
#pragma once

#include <vector>

#include "base/result.h"
#include "train/model/graph.h"
#include "train/model/weights.h"

namespace pasu::train {

struct FoldedConv {
  std::vector<float> weights;  ///< [out, in / groups, kernel, kernel]
  std::vector<float> biases;   ///< [out]
};

/// One for each node, empty where it is no convolution. The moving statistics are used; the input's
/// scale goes into the convolutions that take the picture, its mean does not: their border zeros
/// would no longer be zeros.
///
/// Errors (malformed): an array that is missing or has another shape than the graph says, or holds
/// what is no finite number; each by name.
[[nodiscard]] Result<std::vector<FoldedConv>> fold(const Graph& graph, const Weights& weights);

}  // namespace pasu::train
