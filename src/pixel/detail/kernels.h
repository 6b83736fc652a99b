// The inner loops of letterbox_u8, each as plain C++ and for AVX2, with equal results to the bit.
//
// A sample under way is an int16 with 7 fractional bits (kSampleBits): 255 is 32640.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "pixel/detail/axis.h"

namespace pasu::pixel {

inline constexpr int kSampleBits = 7;
inline constexpr int kRowsOne = 1 << 15;     ///< Vertical weights of an output sum to this,
inline constexpr int kColumnsOne = 1 << 14;  ///< horizontal ones to this.
inline constexpr int kBlock = 16;  ///< Rows under way are padded to a multiple, and by one block.

/// Coefficients of YuvToRgb as Q13; `black` with kSampleBits.
struct FixedYuvToRgb {
  int16_t black, luma, red_v, green_u, green_v, blue_u;
};

struct Kernels {
  const char* name;

  /// out[i] = sum over t < taps of weight[t] * row[t][i], for i < n. Reads exactly n bytes a row.
  void (*mix_rows)(const uint8_t* const* row, const int16_t* weight, int taps, int n, int16_t* out);

  /// The filter's horizontal sum for each of its outputs, rounded up to a block. `in` must be
  /// readable for filter.taps samples from every filter.first.
  void (*mix_columns)(const int16_t* in, const AxisFilter& filter, int16_t* out);

  /// R, G, B of n pixels, n a multiple of kBlock.
  void (*yuv_to_rgb)(const std::array<const int16_t*, 3>& yuv, const FixedYuvToRgb& k, int n,
                     const std::array<uint8_t*, 3>& rgb);

  /// Samples rounded to 8 bits, n a multiple of kBlock.
  void (*round)(const int16_t* in, int n, uint8_t* out);

  /// abcabc... of n pixels, any n; writes exactly 3 n bytes and reads up to a multiple of kBlock.
  void (*interleave)(const std::array<const uint8_t*, 3>& in, int n, uint8_t* out);
};

[[nodiscard]] const Kernels& scalar_kernels();
/// Null where the processor has no AVX2.
[[nodiscard]] const Kernels* avx2_kernels();

}  // namespace pasu::pixel
