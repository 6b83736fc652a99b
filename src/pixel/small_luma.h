// A frame's luma at 160x90: what two pictures are compared by.
#pragma once

#include <array>
#include <cstdint>

#include "media/frame.h"

namespace pasu::pixel {

/// Rows of 160 cells from top left. The shape of the picture is not kept: a cell is a 160th of its
/// width by a 90th of its height, so cells are camera-relative whatever the stream's size.
struct SmallLuma {
  static constexpr int kWidth = 160, kHeight = 90;
  static constexpr int kCells = kWidth * kHeight;
  alignas(32) std::array<uint8_t, kCells> cells{};
};

/// Writes the average of each cell's pixels, rounded. Column x of cells covers the pixels from
/// floor(x * width / 160) to before floor((x + 1) * width / 160), and at least one; rows likewise.
/// Luma is taken as it is coded, whatever its range; of RGB it is BT.601's. Of frames taller than
/// 11,520 pixels only some rows count. Thread-safe; scratch memory is kept per thread.
void small_luma(const media::Frame& frame, SmallLuma& out);

}  // namespace pasu::pixel
