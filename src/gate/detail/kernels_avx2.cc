// kernels_scalar.cc for AVX2. Compiled by function attribute, so the program runs on any x86-64.
#include "gate/detail/kernels.h"

#if defined(__x86_64__)

#include <bit>
#include <immintrin.h>

#define AVX2 __attribute__((target("avx2")))

namespace pasu::gate {
namespace {

AVX2 __m256i load(const uint8_t* p) {
  return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p));
}
AVX2 void store(uint8_t* p, __m256i v) { _mm256_storeu_si256(reinterpret_cast<__m256i*>(p), v); }

/// 16 cells in 16 bits each.
AVX2 __m256i toned(__m256i cells, __m256i gain, __m256i offset) {
  const __m256i scaled = _mm256_mulhrs_epi16(_mm256_slli_epi16(cells, 6), gain);
  return _mm256_srai_epi16(_mm256_add_epi16(scaled, offset), 4);
}

AVX2 void apply(const uint8_t* cells, const Tone& tone, uint8_t* out) {
  const __m256i gain = _mm256_set1_epi16(tone.gain);
  const __m256i offset =
      _mm256_set1_epi16(static_cast<int16_t>(tone.offset + Tone::kOffsetOne / 2));
  const __m256i zero = _mm256_setzero_si256();
  for (int i = 0; i < kCells; i += 32) {
    const __m256i v = load(cells + i);
    // Unpacking and packing work in halves alike, so the order is kept.
    store(out + i, _mm256_packus_epi16(toned(_mm256_unpacklo_epi8(v, zero), gain, offset),
                                       toned(_mm256_unpackhi_epi8(v, zero), gain, offset)));
  }
}

AVX2 __m256i at_least(__m256i a, __m256i b) { return _mm256_cmpeq_epi8(_mm256_max_epu8(a, b), a); }

AVX2 int compare(const uint8_t* cells, const uint8_t* low, const uint8_t* high,
                 const uint8_t* threshold, uint8_t* diff, uint8_t* mask) {
  int strong_count = 0;
  const __m256i zero = _mm256_setzero_si256();
  for (int i = 0; i < kCells; i += 32) {
    const __m256i v = load(cells + i);
    const __m256i limit = load(threshold + i);
    const __m256i distance =
        _mm256_or_si256(_mm256_subs_epu8(v, load(high + i)), _mm256_subs_epu8(load(low + i), v));
    const __m256i strong = at_least(distance, limit);
    const __m256i weak = at_least(distance, _mm256_avg_epu8(limit, _mm256_avg_epu8(limit, zero)));
    store(diff + i, distance);
    store(mask + i, _mm256_sub_epi8(_mm256_sub_epi8(zero, strong), weak));
    strong_count += std::popcount(static_cast<uint32_t>(_mm256_movemask_epi8(strong)));
  }
  return strong_count;
}

AVX2 uint32_t distance(const uint8_t* a, const uint8_t* b, int n) {
  __m256i sum = _mm256_setzero_si256();
  for (int i = 0; i < n; i += 32)
    sum = _mm256_add_epi64(sum, _mm256_sad_epu8(load(a + i), load(b + i)));
  const __m128i half = _mm_add_epi64(_mm256_castsi256_si128(sum), _mm256_extracti128_si256(sum, 1));
  return static_cast<uint32_t>(_mm_extract_epi64(half, 0) + _mm_extract_epi64(half, 1));
}

}  // namespace

const Kernels* avx2_kernels() {
  static constexpr Kernels kKernels{"avx2", apply, compare, distance};
  static const bool has_avx2 = __builtin_cpu_supports("avx2") != 0;
  return has_avx2 ? &kKernels : nullptr;
}

}  // namespace pasu::gate

#else

namespace pasu::gate {
const Kernels* avx2_kernels() { return nullptr; }
}  // namespace pasu::gate

#endif
