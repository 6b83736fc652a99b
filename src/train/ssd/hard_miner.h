// Of thousands of anchors nearly all are easy background: which ones count (hard_example_miner of
// losses.proto).
#pragma once

#include <cstdint>
#include <vector>

#include "train/ssd/boxes.h"

namespace pasu::train::ssd {

struct HardMinerOptions {
  int examples_max = 3000;
  float iou = 0.99f;  ///< Of predicted boxes that overlap by more only the one of most loss counts.
  int negatives_per_positive = 3;  ///< 0: as many as there are.
  int negatives_min = 0;           ///< A picture.
  bool operator==(const HardMinerOptions&) const = default;
};

/// Indices of the anchors that count, of most loss first. `boxes` [A] are what the network
/// predicted, `losses` [A], `matches` [A] as match() gives them.
[[nodiscard]] std::vector<uint32_t> mine(std::span<const Corners> boxes,
                                         std::span<const float> losses,
                                         std::span<const int> matches,
                                         const HardMinerOptions& options);

}  // namespace pasu::train::ssd
