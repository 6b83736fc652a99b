// Which truth each anchor is to find (argmax_matcher of matcher.proto).
#pragma once

#include <vector>

#include "train/ssd/boxes.h"

namespace pasu::train::ssd {

struct MatcherOptions {
  float matched = 0.5f;    ///< From this overlap on an anchor has its best truth.
  float unmatched = 0.5f;  ///< Below this it is background; in between it does not count.
  /// False: below `unmatched` an anchor does not count, and in between it is background.
  bool negatives_lower = true;
  bool force_match = true;  ///< Each truth gets its best anchor, however small the overlap.
  bool operator==(const MatcherOptions&) const = default;
};

inline constexpr int kBackground = -1, kNotCounted = -2;

/// [A]: the index of a truth, kBackground or kNotCounted. Of equal overlaps the first truth and the
/// first anchor win.
[[nodiscard]] std::vector<int> match(std::span<const Corners> truths,
                                     std::span<const Corners> anchors,
                                     const MatcherOptions& options = {});

}  // namespace pasu::train::ssd
