#include "train/data/crc32c.h"

#include <array>
#include <cstring>

#if defined(__x86_64__)
#include <nmmintrin.h>
#endif

namespace pasu::data {
namespace {

constexpr uint32_t kPolynomial = 0x82F63B78;  // Castagnoli's, bits reversed.

// kTables[k][b]: the CRC of byte b followed by k zero bytes, so that eight bytes go in one step.
constexpr auto kTables = [] {
  std::array<std::array<uint32_t, 256>, 8> out{};
  for (uint32_t b = 0; b < 256; ++b) {
    uint32_t crc = b;
    for (int bit = 0; bit < 8; ++bit) crc = crc >> 1 ^ (crc & 1 ? kPolynomial : 0);
    out[0][b] = crc;
  }
  for (size_t k = 1; k < 8; ++k)
    for (size_t b = 0; b < 256; ++b) out[k][b] = out[k - 1][b] >> 8 ^ out[0][out[k - 1][b] & 0xFF];
  return out;
}();

#if defined(__x86_64__)
__attribute__((target("sse4.2"))) uint32_t crc32c_sse42(ByteView bytes, uint32_t crc) {
  const uint8_t* at = bytes.data();
  size_t left = bytes.size();
  uint64_t state = ~crc;
  for (; left >= 8; left -= 8, at += 8) {
    uint64_t word = 0;
    std::memcpy(&word, at, 8);
    state = _mm_crc32_u64(state, word);
  }
  auto low = static_cast<uint32_t>(state);
  for (; left > 0; --left, ++at) low = _mm_crc32_u8(low, *at);
  return ~low;
}
#endif

}  // namespace

bool crc32c_in_hardware() {
#if defined(__x86_64__)
  static const bool there = __builtin_cpu_supports("sse4.2") != 0;
  return there;
#else
  return false;
#endif
}

uint32_t crc32c_scalar(ByteView bytes, uint32_t crc) {
  const uint8_t* at = bytes.data();
  size_t left = bytes.size();
  uint32_t state = ~crc;
  for (; left >= 8; left -= 8, at += 8) {
    const uint32_t first = state ^ (uint32_t{at[0]} | uint32_t{at[1]} << 8 | uint32_t{at[2]} << 16 |
                                    uint32_t{at[3]} << 24);
    state = kTables[7][first & 0xFF] ^ kTables[6][first >> 8 & 0xFF] ^
            kTables[5][first >> 16 & 0xFF] ^ kTables[4][first >> 24] ^ kTables[3][at[4]] ^
            kTables[2][at[5]] ^ kTables[1][at[6]] ^ kTables[0][at[7]];
  }
  for (; left > 0; --left, ++at) state = state >> 8 ^ kTables[0][(state ^ *at) & 0xFF];
  return ~state;
}

uint32_t crc32c(ByteView bytes, uint32_t crc) {
#if defined(__x86_64__)
  if (crc32c_in_hardware()) return crc32c_sse42(bytes, crc);
#endif
  return crc32c_scalar(bytes, crc);
}

}  // namespace pasu::data
