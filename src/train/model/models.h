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
  /// Residual blocks begin as the identity (gamma 0 at the end of their branch: Goyal et al. 2017,
  /// 5.1), so that a network taken on with more blocks begins where the shallower one stopped.
  bool identity_blocks = false;
  bool operator==(const PersonOptions&) const = default;
};
[[nodiscard]] Graph pasu_person(const PersonOptions& options = {});

/// The TF Object Detection API's SSDs over MobileNets: its layers, widths, padding and variable
/// names, so that its checkpoints load by name.
///
/// Outputs "box_encodings" [N, A, 4] (y, x, h, w, coded against anchors) and "class_logits"
/// [N, A, 1 + classes], background first; A counts map by map, row by row, cell by cell. At 300x300
/// the maps are 19, 10, 5, 3, 2, 1 cells wide: 1917 anchors.
struct SsdOptions {
  int classes = 1;
  double depth_multiplier = 1;
  int min_depth = 16;
  /// Depthwise convolutions in the added layers and before the predictors: SSDLite.
  bool lite = false;
  int predictor_kernel = 1;  ///< Of box and class predictors; SSDLite's depthwise ones have 3.
  std::vector<int> boxes_per_cell{3, 6, 6, 6, 6, 6};  ///< One a map: as many maps, at least 2.
  /// Of the added layers (the extractor's conv_hyperparams in the configuration).
  BatchNorm norm{1e-3, 0.0003, true};
  /// Of SSDLite's predictors (theirs); others have none.
  BatchNorm predictor_norm{1e-3, 0.0003, true};
  /// Of MobileNet itself: the same only where the configuration overrides the base's own.
  BatchNorm base_norm{1e-3, 0.0003, true};
  /// Weights begin as truncated normals: of the added layers, of the predictors, and of MobileNet
  /// itself.
  double stddev = 0.03, predictor_stddev = 0.03, base_stddev = 0.09;
  bool operator==(const SsdOptions&) const = default;
};
[[nodiscard]] Graph ssd_mobilenet_v1(const SsdOptions& options = {});
[[nodiscard]] Graph ssd_mobilenet_v2(const SsdOptions& options = {});

}  // namespace pasu::train
