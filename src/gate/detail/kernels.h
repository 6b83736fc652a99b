// The inner loops over small lumas, each as plain C++ and for AVX2, with equal results to the bit.
#pragma once

#include <cstdint>

#include "pixel/small_luma.h"

namespace pasu::gate {

inline constexpr int kWidth = pixel::SmallLuma::kWidth, kHeight = pixel::SmallLuma::kHeight;
inline constexpr int kCells = pixel::SmallLuma::kCells;
static_assert(kCells % 32 == 0);

/// What the light did between two pictures: now = gain * before + offset.
struct Tone {
  static constexpr int kGainOne = 1 << 13;  ///< Below 4.0.
  static constexpr int kOffsetOne = 1 << 4;
  int16_t gain = kGainOne;
  int16_t offset = 0;  ///< -255..255, times kOffsetOne.
  bool operator==(const Tone&) const = default;
};

/// How much a cell changed: in `mask`.
inline constexpr uint8_t kWeak = 1;    ///< At least about three quarters of the cell's threshold.
inline constexpr uint8_t kStrong = 2;  ///< At least the threshold.

/// All arrays have kCells elements.
struct Kernels {
  const char* name;

  /// out = tone of `cells`, rounded, clamped to a byte.
  void (*apply)(const uint8_t* cells, const Tone& tone, uint8_t* out);

  /// diff = distance of `cells` from the range low..high, and its mask by the cell's threshold
  /// (at least 1). Gives the number of strong ones.
  int (*compare)(const uint8_t* cells, const uint8_t* low, const uint8_t* high,
                 const uint8_t* threshold, uint8_t* diff, uint8_t* mask);

  /// Sum of |a - b| over n elements, n a multiple of 32 and at most kCells.
  uint32_t (*distance)(const uint8_t* a, const uint8_t* b, int n);
};

[[nodiscard]] const Kernels& scalar_kernels();
/// Null where the processor has no AVX2.
[[nodiscard]] const Kernels* avx2_kernels();
[[nodiscard]] const Kernels& best_kernels();

}  // namespace pasu::gate
