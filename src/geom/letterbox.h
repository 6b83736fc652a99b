// The one letterbox rule: how a picture of any size lies in the detector's input.
#pragma once

#include "geom/box.h"

namespace pasu::geom {

/// Scales by r = min(W/w, H/h) to round(w r) x round(h r), centred with offsets rounded down; the
/// rest of the input is filled with kFill. Shared by training, serving and every input size.
struct Letterbox {
  static constexpr unsigned char kFill = 114;

  Size source;
  Size input;
  Size scaled;       ///< Of the picture inside the input; at least 1 x 1.
  int offset_x = 0;  ///< Of the picture's left edge in the input.
  int offset_y = 0;
  float scale = 1;  ///< r: input pixels per source pixel.

  /// Both sizes must be positive.
  [[nodiscard]] static Letterbox fit(Size source, Size input);
  /// Fills the input, each axis by its own scale (TF OD API's fixed_shape_resizer).
  [[nodiscard]] static Letterbox stretch(Size source, Size input);

  /// A box in input pixels, in source pixels and clipped to the picture.
  [[nodiscard]] Box to_source(const Box& box) const;
  /// A box in source pixels, in input pixels.
  [[nodiscard]] Box to_input(const Box& box) const;

  float scale_x = 1;  ///< Equal to scale unless stretched.
  float scale_y = 1;
  bool operator==(const Letterbox&) const = default;
};

}  // namespace pasu::geom
