// CRC-32C (Castagnoli; RFC 3720 12.1), as TFRecord files and TensorFlow's checkpoints use it.
#pragma once

#include <cstdint>

#include "base/bytes.h"

namespace pasu::data {

/// Of `bytes` after those whose CRC is `crc`. By SSE 4.2's instruction where the CPU has it.
[[nodiscard]] uint32_t crc32c(ByteView bytes, uint32_t crc = 0);
/// The same by tables, on every CPU.
[[nodiscard]] uint32_t crc32c_scalar(ByteView bytes, uint32_t crc = 0);
[[nodiscard]] bool crc32c_in_hardware();

/// What is stored of a CRC, so that the CRC of bytes that hold CRCs is no degenerate one.
[[nodiscard]] constexpr uint32_t mask_crc(uint32_t crc) {
  return (crc >> 15 | crc << 17) + 0xA282EAD8u;
}
[[nodiscard]] constexpr uint32_t unmask_crc(uint32_t masked) {
  const uint32_t rotated = masked - 0xA282EAD8u;
  return rotated >> 17 | rotated << 15;
}

}  // namespace pasu::data
