// kernels_scalar.cc for AVX2. Compiled by function attribute, so the program runs on any x86-64.
#include "pixel/detail/kernels.h"

#if defined(__x86_64__)

#include <cstring>
#include <immintrin.h>

#define AVX2 __attribute__((target("avx2")))

namespace pasu::pixel {
namespace {

AVX2 __m256i load256(const void* p) { return _mm256_loadu_si256(static_cast<const __m256i*>(p)); }
AVX2 __m128i load128(const void* p) { return _mm_loadu_si128(static_cast<const __m128i*>(p)); }
AVX2 void store256(void* p, __m256i v) { _mm256_storeu_si256(static_cast<__m256i*>(p), v); }
AVX2 void store128(void* p, __m128i v) { _mm_storeu_si128(static_cast<__m128i*>(p), v); }
AVX2 __m256i load_halves(const void* low, const void* high) {
  return _mm256_inserti128_si256(_mm256_castsi128_si256(load128(low)), load128(high), 1);
}

/// 16 samples of mix_rows at `at`.
AVX2 void mix_block(const uint8_t* const* row, const int16_t* weight, int taps, int at,
                    int16_t* out) {
  __m256i sum = _mm256_setzero_si256();
  for (int t = 0; t < taps; ++t) {
    const __m256i sample =
        _mm256_slli_epi16(_mm256_cvtepu8_epi16(load128(row[t] + at)), kSampleBits);
    sum = _mm256_adds_epi16(sum, _mm256_mulhrs_epi16(sample, _mm256_set1_epi16(weight[t])));
  }
  store256(out + at, sum);
}

AVX2 void mix_rows(const uint8_t* const* row, const int16_t* weight, int taps, int n,
                   int16_t* out) {
  if (n < kBlock) {
    scalar_kernels().mix_rows(row, weight, taps, n, out);
    return;
  }
  int at = 0;
  for (; at + 4 * kBlock <= n; at += 4 * kBlock) {
    __m256i sum[4] = {};
    for (int t = 0; t < taps; ++t) {
      const __m256i w = _mm256_set1_epi16(weight[t]);
      for (int b = 0; b < 4; ++b) {
        const __m256i sample =
            _mm256_slli_epi16(_mm256_cvtepu8_epi16(load128(row[t] + at + b * kBlock)), kSampleBits);
        sum[b] = _mm256_adds_epi16(sum[b], _mm256_mulhrs_epi16(sample, w));
      }
    }
    for (int b = 0; b < 4; ++b) store256(out + at + b * kBlock, sum[b]);
  }
  for (; at + kBlock <= n; at += kBlock) mix_block(row, weight, taps, at, out);
  // The last block overlaps the one before rather than read past the row.
  if (at < n) mix_block(row, weight, taps, n - kBlock, out);
}

/// Eight sums, of outputs 0 2 4 6 | 1 3 5 7, none negative, to eight samples in order.
AVX2 __m128i samples_of(__m256i sums) {
  const __m256i value =
      _mm256_srli_epi32(_mm256_add_epi32(sums, _mm256_set1_epi32(kColumnsOne / 2)), 14);
  return _mm_or_si128(_mm256_castsi256_si128(value),
                      _mm_slli_epi32(_mm256_extracti128_si256(value, 1), 16));
}

AVX2 __m256i horizontal_sums(const __m256i (&pair)[4]) {
  return _mm256_hadd_epi32(_mm256_hadd_epi32(pair[0], pair[1]),
                           _mm256_hadd_epi32(pair[2], pair[3]));
}

/// Eight outputs at a time; output 2k and 2k + 1 add up in the halves of pair[k].
AVX2 void mix_columns(const int16_t* in, const AxisFilter& filter, int16_t* out) {
  const int taps = filter.taps;
  const int16_t* weight = filter.weight.data();
  const int* first = filter.first.data();
  const size_t outputs = filter.first.size();
  if (taps == 8) {  // the usual case: up to a seventh of the size; a pair of weights is one load
    for (size_t j = 0; j < outputs; j += 8, first += 8, weight += 64) {
      __m256i pair[4];
      for (int k = 0; k < 4; ++k)
        pair[k] = _mm256_madd_epi16(load_halves(in + first[2 * k], in + first[2 * k + 1]),
                                    load256(weight + 16 * k));
      store128(out + j, samples_of(horizontal_sums(pair)));
    }
    return;
  }
  for (size_t j = 0; j < outputs; j += 8, first += 8, weight += 8 * taps) {
    __m256i pair[4] = {};
    for (int t = 0; t < taps; t += 8)
      for (int k = 0; k < 4; ++k) {
        const __m256i sample = load_halves(in + first[2 * k] + t, in + first[2 * k + 1] + t);
        const __m256i w = load_halves(weight + 2 * k * taps + t, weight + (2 * k + 1) * taps + t);
        pair[k] = _mm256_add_epi32(pair[k], _mm256_madd_epi16(sample, w));
      }
    store128(out + j, samples_of(horizontal_sums(pair)));
  }
}

/// 16 int16 to 16 u8, saturated.
AVX2 void store_u8(uint8_t* out, __m256i value) {
  store128(out,
           _mm_packus_epi16(_mm256_castsi256_si128(value), _mm256_extracti128_si256(value, 1)));
}

AVX2 void yuv_to_rgb(const std::array<const int16_t*, 3>& yuv, const FixedYuvToRgb& k, int n,
                     const std::array<uint8_t*, 3>& rgb) {
  constexpr int kShift = kSampleBits - 2;
  const __m256i half = _mm256_set1_epi16(1 << (kShift - 1));
  const __m256i grey = _mm256_set1_epi16(128 << kSampleBits);
  const __m256i black = _mm256_set1_epi16(k.black);
  const __m256i k_luma = _mm256_set1_epi16(k.luma);
  const __m256i red_v = _mm256_set1_epi16(k.red_v);
  const __m256i green_u = _mm256_set1_epi16(k.green_u);
  const __m256i green_v = _mm256_set1_epi16(k.green_v);
  const __m256i blue_u = _mm256_set1_epi16(k.blue_u);
  for (int i = 0; i < n; i += kBlock) {
    const __m256i y = _mm256_sub_epi16(load256(yuv[0] + i), black);
    const __m256i u = _mm256_sub_epi16(load256(yuv[1] + i), grey);
    const __m256i v = _mm256_sub_epi16(load256(yuv[2] + i), grey);
    const __m256i luma = _mm256_add_epi16(_mm256_mulhrs_epi16(y, k_luma), half);
    const __m256i r = _mm256_add_epi16(luma, _mm256_mulhrs_epi16(v, red_v));
    const __m256i g = _mm256_add_epi16(
        luma, _mm256_add_epi16(_mm256_mulhrs_epi16(u, green_u), _mm256_mulhrs_epi16(v, green_v)));
    const __m256i b = _mm256_add_epi16(luma, _mm256_mulhrs_epi16(u, blue_u));
    store_u8(rgb[0] + i, _mm256_srai_epi16(r, kShift));
    store_u8(rgb[1] + i, _mm256_srai_epi16(g, kShift));
    store_u8(rgb[2] + i, _mm256_srai_epi16(b, kShift));
  }
}

AVX2 void round(const int16_t* in, int n, uint8_t* out) {
  // A sample near 2^15 must saturate, not wrap.
  const __m256i half = _mm256_set1_epi16(1 << (kSampleBits - 1));
  for (int i = 0; i < n; i += kBlock)
    store_u8(out + i, _mm256_srai_epi16(_mm256_adds_epi16(load256(in + i), half), kSampleBits));
}

AVX2 void interleave(const std::array<const uint8_t*, 3>& in, int n, uint8_t* out) {
  // Byte i of the 48 comes from channel i % 3, pixel i / 3; 0x80 writes 0.
  alignas(16) static constexpr auto kShuffle = [] {
    std::array<std::array<std::array<uint8_t, 16>, 3>, 3> shuffle{};  // [output][channel][byte]
    for (size_t i = 0; i < 48; ++i)
      for (size_t c = 0; c < 3; ++c)
        shuffle[i / 16][c][i % 16] = static_cast<uint8_t>(i % 3 == c ? i / 3 : 0x80);
    return shuffle;
  }();
  for (int i = 0; i < n; i += kBlock) {
    alignas(16) uint8_t block[3 * kBlock];
    const bool whole = i + kBlock <= n;
    uint8_t* to = whole ? out + 3 * i : block;
    const __m128i a = load128(in[0] + i);
    const __m128i b = load128(in[1] + i);
    const __m128i c = load128(in[2] + i);
    for (size_t part = 0; part < 3; ++part) {
      const auto& shuffle = kShuffle[part];
      store128(to + 16 * part,
               _mm_or_si128(_mm_or_si128(_mm_shuffle_epi8(a, load128(shuffle[0].data())),
                                         _mm_shuffle_epi8(b, load128(shuffle[1].data()))),
                            _mm_shuffle_epi8(c, load128(shuffle[2].data()))));
    }
    if (!whole) std::memcpy(out + 3 * i, block, static_cast<size_t>(3 * (n - i)));
  }
}

}  // namespace

const Kernels* avx2_kernels() {
  static constexpr Kernels kKernels{"avx2", mix_rows, mix_columns, yuv_to_rgb, round, interleave};
  static const bool has_avx2 = __builtin_cpu_supports("avx2") != 0;
  return has_avx2 ? &kKernels : nullptr;
}

}  // namespace pasu::pixel

#else

namespace pasu::pixel {
const Kernels* avx2_kernels() { return nullptr; }
}  // namespace pasu::pixel

#endif
