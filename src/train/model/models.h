// The models written as graphs.
#pragma once

#include <string>
#include <vector>

#include "train/model/graph.h"

namespace pasu::train {

/// pasu_person: plain and residual 3x3 convolutions with ReLU, three anchor-free grids.
///
/// Stem of two convolutions to stride 4; then for strides 8, 16 and 32 one that halves and some
/// residual blocks; lateral 1x1 convolutions and a top-down sum; a head of one 3x3 and one 1x1 a
/// level. Outputs "s8", "s16", "s32": [N, classes + 4, H, W] of class logits, then log distances
/// left, top, right, bottom in strides.
struct PersonOptions {
  int classes = 1;
  std::vector<int> stem{16, 24};         ///< Widths at strides 2 and 4.
  std::vector<int> widths{48, 96, 128};  ///< At strides 8, 16, 32.
  std::vector<int> blocks{1, 1, 2};      ///< Residual blocks, beside `widths`.
  int neck = 48;
  int head = 48;
  int head_convs = 1;      ///< 3x3 convolutions before the last.
  bool smooth = false;     ///< A 3x3 convolution after each top-down sum.
  double momentum = 0.03;  ///< Of batch norm.
  /// With zeros on both sides in every halving convolution, the middle of what cell 0 of stride s
  /// sees is pixel .5, not the cell's centre at s / 2: boxes come out shifted, the more the smaller
  /// they are. With TF's SAME where strides 8 and 32 begin it is 4.5, 4.5 and 20.5.
  bool centred = true;
};
[[nodiscard]] Graph pasu_person(const PersonOptions& options = {});

}  // namespace pasu::train
