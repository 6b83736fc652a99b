// Changed cells that touch one another, as regions.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "gate/detail/kernels.h"

namespace pasu::gate {

struct Region {
  int left = 0, top = 0, right = 0, bottom = 0;  ///< Cells; right and bottom are outside.
  int cells = 0;
  float score = 0;  ///< Sum over its cells of change / threshold.
};

/// Finds regions, at the expense of `mask`, which is all 0 afterwards: eight-connected weak and
/// strong cells with a strong one among them. One thread at a time; allocates nothing.
class RegionFinder {
 public:
  static constexpr size_t kRegionsMax = 8;

  /// The regions of the highest scores, best first, valid until the next call. `lowest` is the
  /// score and `cells_min` the number of cells a region must have.
  std::span<const Region> find(const uint8_t* diff, const uint8_t* threshold, uint8_t* mask,
                               int cells_min, float lowest);
  /// Of all regions of the last find(), those too small or weak included.
  [[nodiscard]] float top_score() const { return top_score_; }
  [[nodiscard]] int count() const { return count_; }

 private:
  Region grow(int cell, const uint8_t* diff, const uint8_t* threshold, uint8_t* mask);

  std::array<uint16_t, kCells> stack_;
  std::array<Region, kRegionsMax + 1> best_;
  float top_score_ = 0;
  int count_ = 0;
};

}  // namespace pasu::gate
