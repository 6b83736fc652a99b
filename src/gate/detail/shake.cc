#include "gate/detail/shake.h"

#include <algorithm>
#include <array>

namespace pasu::gate {
namespace {

constexpr int kReach = 2;
constexpr int kBlock = 10;  // Cells: the picture is 16 x 9 blocks.
constexpr int kBlocksAcross = kWidth / kBlock, kBlocksDown = kHeight / kBlock;
constexpr int kStrongMin = kCells / 100;
constexpr int kBlocksMin = kBlocksAcross * kBlocksDown / 5;

}  // namespace

bool is_spread(const uint8_t* mask, int strong) {
  if (strong < kStrongMin) return false;
  int blocks = 0;
  for (int by = 0; by < kBlocksDown; ++by) {
    std::array<bool, kBlocksAcross> stirred{};
    for (int y = by * kBlock; y < (by + 1) * kBlock; ++y)
      for (int x = 0; x < kWidth; ++x)
        if (mask[y * kWidth + x] == kStrong) stirred[static_cast<size_t>(x / kBlock)] = true;
    blocks += static_cast<int>(std::ranges::count(stirred, true));
  }
  return blocks >= kBlocksMin;
}

Shift estimate_shift(const uint8_t* before, const uint8_t* now, const Kernels& kernels) {
  // The columns in the middle, of which each shift has whole rows.
  constexpr int kMiddle = kWidth - 32, kLeft = 16;
  Shift best;
  uint32_t least = ~0u;
  for (int y = -kReach; y <= kReach; ++y) {
    for (int x = -kReach; x <= kReach; ++x) {
      uint32_t sum = 0;
      for (int row = kReach; row < kHeight - kReach; ++row)
        sum += kernels.distance(now + row * kWidth + kLeft, before + (row - y) * kWidth + kLeft - x,
                                kMiddle);
      const bool nearer = std::abs(x) + std::abs(y) < std::abs(best.x) + std::abs(best.y);
      if (sum > least || (sum == least && !nearer)) continue;
      least = sum;
      best = {x, y};
    }
  }
  return best;
}

void neighbourhood(const uint8_t* cells, const Shift& shift, uint8_t* low, uint8_t* high) {
  thread_local std::array<uint8_t, kCells> row_low, row_high;
  for (int y = 0; y < kHeight; ++y) {
    const uint8_t* row = cells + std::clamp(y - shift.y, 0, kHeight - 1) * kWidth;
    for (int x = 0; x < kWidth; ++x) {
      const auto at = [&](int i) { return row[std::clamp(i - shift.x, 0, kWidth - 1)]; };
      const auto [least, most] = std::minmax({at(x - 1), at(x), at(x + 1)});
      row_low[static_cast<size_t>(y * kWidth + x)] = least;
      row_high[static_cast<size_t>(y * kWidth + x)] = most;
    }
  }
  for (int y = 0; y < kHeight; ++y) {
    const auto above = static_cast<size_t>(std::max(y - 1, 0) * kWidth);
    const auto here = static_cast<size_t>(y * kWidth);
    const auto below = static_cast<size_t>(std::min(y + 1, kHeight - 1) * kWidth);
    for (size_t x = 0; x < kWidth; ++x) {
      low[here + x] = std::min({row_low[above + x], row_low[here + x], row_low[below + x]});
      high[here + x] = std::max({row_high[above + x], row_high[here + x], row_high[below + x]});
    }
  }
}

}  // namespace pasu::gate
