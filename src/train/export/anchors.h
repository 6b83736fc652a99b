// Boxes coded against anchors, as the TF Object Detection API's SSDs give them.
#pragma once

#include <array>

#include "train/model/weights.h"

namespace pasu::train {

/// How encodings [N, A, 4] (y, x, h, w) become boxes: centre = code / scale * size + centre,
/// size = exp(code / scale) * size, of each anchor.
struct AnchorBoxes {
  Array anchors;  ///< [A, 4] centre y, centre x, height, width in 0..1.
  std::array<double, 4> scales{10, 10, 5, 5};  ///< y, x, height, width.
  bool softmax = false;  ///< Scores by softmax over the classes; else sigmoid.
};

/// The graph's outputs that this is about.
inline constexpr const char* kBoxEncodings = "box_encodings";  ///< [N, A, 4]
inline constexpr const char* kClassLogits = "class_logits";    ///< [N, A, 1+K], background first.

}  // namespace pasu::train
