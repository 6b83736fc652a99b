// How far an INT8 network's outputs are from the float one's.
#pragma once

#include <span>
#include <vector>

#include "train/export/quantize.h"

namespace pasu::train::detail {

class OutputJudge {
 public:
  /// Runs the float network; the graph, convolutions and pictures must outlive the judge.
  /// Errors: internal.
  [[nodiscard]] static Result<OutputJudge> create(const Graph& graph,
                                                  const std::vector<FoldedConv>& convs,
                                                  std::span<const CalibrationPicture> pictures);

  /// The mean over outputs of squared error by variance: 0 as float, 1 as good as a constant.
  /// Errors: internal.
  [[nodiscard]] Result<double> error(const Quantized& int8) const;

 private:
  OutputJudge(const Graph& graph, const std::vector<FoldedConv>& convs,
              std::span<const CalibrationPicture> pictures)
      : graph_(graph), convs_(convs), pictures_(pictures) {}
  /// By output, the values of all pictures one after another.
  using Values = std::vector<std::vector<float>>;
  [[nodiscard]] Values outputs(const Quantized* int8) const;

  const Graph& graph_;
  const std::vector<FoldedConv>& convs_;
  std::span<const CalibrationPicture> pictures_;
  Values reference_;
};

}  // namespace pasu::train::detail
