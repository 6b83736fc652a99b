// Sorting by falling score, equals in the order they had: numpy's argsort(-score, "mergesort").
#pragma once

#include <cstdint>
#include <vector>

namespace pasu::eval::detail {

struct Scored {
  uint64_t key = 0;  ///< Of score_key().
  uint32_t row = 0;
};

/// Rises as a finite `score` falls; the same for 0 and -0.
[[nodiscard]] uint64_t score_key(double score);

/// By rising key, equal keys as they stood. `scratch` is there to be used again.
void sort_stable(std::vector<Scored>& rows, std::vector<Scored>& scratch);

}  // namespace pasu::eval::detail
