// What a float network's maps hold when it is shown pictures.
#pragma once

#include <span>
#include <vector>

#include "train/export/quantize.h"

namespace pasu::train::detail {

struct Observed {
  static constexpr size_t kBins = 4096;
  float low = 0, high = 0;            ///< Of all values; 0 lies between.
  std::vector<double> channel_means;  ///< Border zeros not counted.
  std::vector<uint64_t> histogram;    ///< Of kBins equal bins from low to high.
};

/// One for each node, empty for those not `wanted`. Errors: internal.
[[nodiscard]] Result<std::vector<Observed>> observe(const Graph& graph,
                                                    const std::vector<FoldedConv>& convs,
                                                    const std::vector<bool>& wanted,
                                                    std::span<const CalibrationPicture> pictures);

}  // namespace pasu::train::detail
