#include <algorithm>

#include "pixel/detail/kernels.h"

namespace pasu::pixel {
namespace {

/// a * b / 2^15, rounded: what the processor's pmulhrsw does.
int multiply_high(int a, int b) { return (a * b + (1 << 14)) >> 15; }

uint8_t to_u8(int value) { return static_cast<uint8_t>(std::clamp(value, 0, 255)); }

void mix_rows(const uint8_t* const* row, const int16_t* weight, int taps, int n, int16_t* out) {
  // In strips that the compiler keeps in registers or the first cache level.
  constexpr int kStrip = 64;
  for (int begin = 0; begin < n; begin += kStrip) {
    const int length = std::min(kStrip, n - begin);
    int sum[kStrip] = {};
    for (int t = 0; t < taps; ++t) {
      const uint8_t* in = row[t] + begin;
      for (int i = 0; i < length; ++i) sum[i] += multiply_high(in[i] << kSampleBits, weight[t]);
    }
    for (int i = 0; i < length; ++i)
      out[begin + i] = static_cast<int16_t>(std::min(sum[i], INT16_MAX));
  }
}

void mix_columns(const int16_t* in, const AxisFilter& filter, int16_t* out) {
  const int16_t* weight = filter.weight.data();
  for (size_t j = 0; j < filter.first.size(); ++j, weight += filter.taps) {
    const int16_t* sample = in + filter.first[j];
    int sum = kColumnsOne / 2;
    for (int t = 0; t < filter.taps; ++t) sum += sample[t] * weight[t];
    out[j] = static_cast<int16_t>(sum / kColumnsOne);
  }
}

void yuv_to_rgb(const std::array<const int16_t*, 3>& yuv, const FixedYuvToRgb& k, int n,
                const std::array<uint8_t*, 3>& rgb) {
  constexpr int kGrey = 128 << kSampleBits;
  // A Q13 coefficient leaves kSampleBits - 2 fractional bits.
  constexpr int kShift = kSampleBits - 2;
  constexpr int kHalf = 1 << (kShift - 1);
  for (int i = 0; i < n; ++i) {
    const int luma = multiply_high(yuv[0][i] - k.black, k.luma) + kHalf;
    const int u = yuv[1][i] - kGrey;
    const int v = yuv[2][i] - kGrey;
    rgb[0][i] = to_u8((luma + multiply_high(v, k.red_v)) >> kShift);
    rgb[1][i] = to_u8((luma + multiply_high(u, k.green_u) + multiply_high(v, k.green_v)) >> kShift);
    rgb[2][i] = to_u8((luma + multiply_high(u, k.blue_u)) >> kShift);
  }
}

void round(const int16_t* in, int n, uint8_t* out) {
  constexpr int kHalf = 1 << (kSampleBits - 1);
  for (int i = 0; i < n; ++i) out[i] = to_u8((in[i] + kHalf) >> kSampleBits);
}

void interleave(const std::array<const uint8_t*, 3>& in, int n, uint8_t* out) {
  for (int i = 0; i < n; ++i)
    for (size_t c = 0; c < 3; ++c) out[3 * i + static_cast<int>(c)] = in[c][i];
}

}  // namespace

const Kernels& scalar_kernels() {
  static constexpr Kernels kKernels{"scalar", mix_rows, mix_columns, yuv_to_rgb, round, interleave};
  return kKernels;
}

}  // namespace pasu::pixel
