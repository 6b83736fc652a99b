// What a detector says of one thing in one picture.
#pragma once

#include "geom/box.h"

namespace pasu::geom {

/// `box` in source pixels. `label` indexes the detector's label list. `score` in [0, 1].
struct Detection {
  Box box;
  float score = 0;
  int label = 0;
  bool operator==(const Detection&) const = default;
};

}  // namespace pasu::geom
