// A camera that trembles: the whole picture a little elsewhere.
#pragma once

#include "gate/detail/kernels.h"

namespace pasu::gate {

struct Shift {
  int x = 0, y = 0;  ///< Cells: what was at (i, j) is at (i + x, j + y) now.
  bool operator==(const Shift&) const = default;
};

/// Are the changes all over the picture rather than in some places of it?
[[nodiscard]] bool is_spread(const uint8_t* mask, int strong);

/// The shift of up to two cells each way by which the pictures are most alike.
[[nodiscard]] Shift estimate_shift(const uint8_t* before, const uint8_t* now,
                                   const Kernels& kernels);

/// Of each cell the least and the largest of the nine around where it came from.
void neighbourhood(const uint8_t* cells, const Shift& shift, uint8_t* low, uint8_t* high);

}  // namespace pasu::gate
