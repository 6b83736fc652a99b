#include "gate/detail/regions.h"

#include <algorithm>
#include <cstring>

namespace pasu::gate {

std::span<const Region> RegionFinder::find(const uint8_t* diff, const uint8_t* threshold,
                                           uint8_t* mask, int cells_min, float lowest) {
  size_t kept = 0;
  top_score_ = 0;
  count_ = 0;
  for (int at = 0; at < kCells; at += 8) {
    uint64_t eight;
    std::memcpy(&eight, mask + at, sizeof eight);
    if ((eight & 0x0202020202020202u) == 0) continue;
    for (int i = at; i < at + 8; ++i) {
      if (mask[i] != kStrong) continue;
      const Region region = grow(i, diff, threshold, mask);
      ++count_;
      top_score_ = std::max(top_score_, region.score);
      if (region.cells < cells_min || region.score < lowest) continue;
      const auto place =
          std::upper_bound(best_.begin(), best_.begin() + static_cast<ptrdiff_t>(kept), region,
                           [](const Region& a, const Region& b) { return a.score > b.score; });
      std::move_backward(place, best_.begin() + static_cast<ptrdiff_t>(kept),
                         best_.begin() + static_cast<ptrdiff_t>(kept) + 1);
      *place = region;
      kept = std::min(kept + 1, kRegionsMax);
    }
  }
  std::memset(mask, 0, kCells);
  return std::span(best_).first(kept);
}

Region RegionFinder::grow(int cell, const uint8_t* diff, const uint8_t* threshold, uint8_t* mask) {
  Region out{.left = kWidth, .top = kHeight, .right = 0, .bottom = 0};
  size_t depth = 0;
  stack_[depth++] = static_cast<uint16_t>(cell);
  mask[cell] = 0;  // Each cell is pushed once, so the stack cannot overflow.
  while (depth > 0) {
    const int i = stack_[--depth];
    const int x = i % kWidth, y = i / kWidth;
    out.left = std::min(out.left, x);
    out.right = std::max(out.right, x + 1);
    out.top = std::min(out.top, y);
    out.bottom = std::max(out.bottom, y + 1);
    ++out.cells;
    out.score += static_cast<float>(diff[i]) / static_cast<float>(threshold[i]);
    for (int ny = std::max(y - 1, 0); ny <= std::min(y + 1, kHeight - 1); ++ny)
      for (int nx = std::max(x - 1, 0); nx <= std::min(x + 1, kWidth - 1); ++nx) {
        const int next = ny * kWidth + nx;
        if (mask[next] == 0) continue;
        mask[next] = 0;
        stack_[depth++] = static_cast<uint16_t>(next);
      }
  }
  return out;
}

}  // namespace pasu::gate
