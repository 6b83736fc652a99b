#include <algorithm>
#include <cstdlib>

#include "gate/detail/kernels.h"

namespace pasu::gate {
namespace {

void apply(const uint8_t* cells, const Tone& tone, uint8_t* out) {
  for (int i = 0; i < kCells; ++i) {
    const int scaled = ((cells[i] << 6) * tone.gain + (1 << 14)) >> 15;
    const int value = (scaled + tone.offset + Tone::kOffsetOne / 2) >> 4;
    out[i] = static_cast<uint8_t>(std::clamp(value, 0, 255));
  }
}

int compare(const uint8_t* cells, const uint8_t* low, const uint8_t* high, const uint8_t* threshold,
            uint8_t* diff, uint8_t* mask) {
  int strong = 0;
  for (int i = 0; i < kCells; ++i) {
    const int distance = std::max({0, cells[i] - high[i], low[i] - cells[i]});
    const bool is_strong = distance >= threshold[i];
    const bool is_weak = distance >= (threshold[i] + (threshold[i] + 1) / 2 + 1) / 2;
    diff[i] = static_cast<uint8_t>(distance);
    mask[i] = static_cast<uint8_t>((is_strong ? 1 : 0) + (is_weak ? 1 : 0));
    strong += is_strong ? 1 : 0;
  }
  return strong;
}

uint32_t distance(const uint8_t* a, const uint8_t* b, int n) {
  uint32_t sum = 0;
  for (int i = 0; i < n; ++i) sum += static_cast<uint32_t>(std::abs(a[i] - b[i]));
  return sum;
}

}  // namespace

const Kernels& scalar_kernels() {
  static constexpr Kernels kKernels{"scalar", apply, compare, distance};
  return kKernels;
}

const Kernels& best_kernels() {
  static const Kernels& best = avx2_kernels() ? *avx2_kernels() : scalar_kernels();
  return best;
}

}  // namespace pasu::gate
