// The inner loops of small_luma, each as plain C++ and for AVX2, with equal results to the bit.
#pragma once

#include <cstddef>
#include <cstdint>

#include "pixel/small_luma.h"

namespace pasu::pixel {

struct LumaKernels {
  static constexpr int kRowsMax = 128;  ///< Of 255 each, their sum is a positive int16.
  static constexpr int kPadding = 16;   ///< Sums that may be read behind the last.

  const char* name;

  /// sums[i] = sum over rows of pixel[row * stride + i], for i < n. Reads exactly n bytes a row.
  void (*add_rows)(const uint8_t* pixel, ptrdiff_t stride, int rows, int n, uint16_t* sums);

  /// out[j] = sum of width[j] sums from sums[first[j]] on, for j < 160. Reads up to kPadding sums
  /// too far.
  void (*add_columns)(const uint16_t* sums, const int* first, const int* width, uint32_t* out);
};

[[nodiscard]] const LumaKernels& scalar_luma_kernels();
/// Null where the processor has no AVX2.
[[nodiscard]] const LumaKernels* avx2_luma_kernels();

/// small_luma() by these kernels.
void small_luma_with(const LumaKernels& kernels, const media::Frame& frame, SmallLuma& out);

}  // namespace pasu::pixel
