// luma_kernels_scalar.cc for AVX2. Compiled by function attribute, so the program runs on any
// x86-64.
#include "pixel/detail/luma_kernels.h"

#if defined(__x86_64__)

#include <algorithm>
#include <array>
#include <immintrin.h>

#define AVX2 __attribute__((target("avx2")))

namespace pasu::pixel {
namespace {

constexpr int kBlock = 32;  // Pixels a register.
constexpr int kLanes = 16;  // Sums a register.

AVX2 __m256i load256(const void* p) { return _mm256_loadu_si256(static_cast<const __m256i*>(p)); }
AVX2 __m128i load128(const void* p) { return _mm_loadu_si128(static_cast<const __m128i*>(p)); }
AVX2 void store256(void* p, __m256i v) { _mm256_storeu_si256(static_cast<__m256i*>(p), v); }

/// Sums of 32 columns from those of the words (even + 256 * odd, modulo 2^16) and of the odd ones.
AVX2 void store_sums(__m256i words, __m256i odd, uint16_t* sums) {
  const __m256i even = _mm256_sub_epi16(words, _mm256_slli_epi16(odd, 8));
  const __m256i low = _mm256_unpacklo_epi16(even, odd), high = _mm256_unpackhi_epi16(even, odd);
  store256(sums, _mm256_permute2x128_si256(low, high, 0x20));
  store256(sums + kLanes, _mm256_permute2x128_si256(low, high, 0x31));
}

template <int kBlocks>
AVX2 void add_block(const uint8_t* pixel, ptrdiff_t stride, int rows, uint16_t* sums) {
  __m256i words[kBlocks] = {}, odd[kBlocks] = {};
  for (int row = 0; row < rows; ++row, pixel += stride) {
    for (int b = 0; b < kBlocks; ++b) {
      const __m256i v = load256(pixel + b * kBlock);
      words[b] = _mm256_add_epi16(words[b], v);
      odd[b] = _mm256_add_epi16(odd[b], _mm256_srli_epi16(v, 8));
    }
  }
  for (int b = 0; b < kBlocks; ++b) store_sums(words[b], odd[b], sums + b * kBlock);
}

AVX2 void add_rows(const uint8_t* pixel, ptrdiff_t stride, int rows, int n, uint16_t* sums) {
  if (n < kBlock) {
    scalar_luma_kernels().add_rows(pixel, stride, rows, n, sums);
    return;
  }
  int at = 0;
  for (; at + 4 * kBlock <= n; at += 4 * kBlock) add_block<4>(pixel + at, stride, rows, sums + at);
  for (; at + kBlock <= n; at += kBlock) add_block<1>(pixel + at, stride, rows, sums + at);
  // The last block overlaps the one before rather than read past the row.
  if (at < n) add_block<1>(pixel + n - kBlock, stride, rows, sums + n - kBlock);
}

/// kOnes + kLanes - w: w ones, then zeros.
alignas(32) constexpr auto kOnes = [] {
  std::array<int16_t, 2 * kLanes> ones{};
  for (size_t i = 0; i < kLanes; ++i) ones[i] = 1;
  return ones;
}();

const int16_t* mask(int width) { return kOnes.data() + kLanes - width; }

/// Eight sums of four, of cells 0 2 4 6 | 1 3 5 7, to eight in order.
AVX2 void store_in_order(__m256i sums, uint32_t* out) {
  store256(out, _mm256_permutevar8x32_epi32(sums, _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7)));
}

AVX2 __m256i horizontal_sums(const __m256i (&pair)[4]) {
  return _mm256_hadd_epi32(_mm256_hadd_epi32(pair[0], pair[1]),
                           _mm256_hadd_epi32(pair[2], pair[3]));
}

/// Four partial sums of a cell of any width.
AVX2 __m128i partial_sums(const uint16_t* sums, int width) {
  __m256i total = _mm256_setzero_si256();
  for (int at = 0; at < width; at += kLanes) {
    const __m256i ones = load256(mask(std::min(width - at, kLanes)));
    total = _mm256_add_epi32(total, _mm256_madd_epi16(load256(sums + at), ones));
  }
  return _mm_add_epi32(_mm256_castsi256_si128(total), _mm256_extracti128_si256(total, 1));
}

AVX2 __m256i join(__m128i low, __m128i high) {
  return _mm256_inserti128_si256(_mm256_castsi128_si256(low), high, 1);
}

AVX2 void add_columns(const uint16_t* sums, const int* first, const int* width, uint32_t* out) {
  constexpr int kNarrow = 8;
  const bool narrow = *std::max_element(width, width + SmallLuma::kWidth) <= kNarrow;
  for (int j = 0; j < SmallLuma::kWidth; j += 8) {
    __m256i pair[4];
    for (int k = 0; k < 4; ++k) {
      const int a = j + 2 * k, b = a + 1;
      if (narrow) {
        const __m256i ones = join(load128(mask(width[a])), load128(mask(width[b])));
        pair[k] = _mm256_madd_epi16(join(load128(sums + first[a]), load128(sums + first[b])), ones);
      } else {
        pair[k] =
            join(partial_sums(sums + first[a], width[a]), partial_sums(sums + first[b], width[b]));
      }
    }
    store_in_order(horizontal_sums(pair), out + j);
  }
}

}  // namespace

const LumaKernels* avx2_luma_kernels() {
  static constexpr LumaKernels kKernels{"avx2", add_rows, add_columns};
  static const bool has_avx2 = __builtin_cpu_supports("avx2") != 0;
  return has_avx2 ? &kKernels : nullptr;
}

}  // namespace pasu::pixel

#else

namespace pasu::pixel {
const LumaKernels* avx2_luma_kernels() { return nullptr; }
}  // namespace pasu::pixel

#endif
