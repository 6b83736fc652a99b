// Big-endian numbers in and out of bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/bytes.h"

namespace pasu::rtp {

/// The caller has checked that the bytes are there.
inline uint16_t get16(ByteView bytes, size_t at) {
  return static_cast<uint16_t>(bytes[at] << 8 | bytes[at + 1]);
}
inline uint32_t get32(ByteView bytes, size_t at) {
  return uint32_t{get16(bytes, at)} << 16 | get16(bytes, at + 2);
}
inline uint64_t get64(ByteView bytes, size_t at) {
  return uint64_t{get32(bytes, at)} << 32 | get32(bytes, at + 4);
}

inline void write16(uint8_t* out, uint32_t value) {
  out[0] = static_cast<uint8_t>(value >> 8);
  out[1] = static_cast<uint8_t>(value);
}
inline void write32(uint8_t* out, uint32_t value) {
  write16(out, value >> 16);
  write16(out + 2, value & 0xffff);
}

inline void put16(std::vector<uint8_t>& out, uint32_t value) {
  out.resize(out.size() + 2);
  write16(out.data() + out.size() - 2, value);
}
inline void put32(std::vector<uint8_t>& out, uint32_t value) {
  out.resize(out.size() + 4);
  write32(out.data() + out.size() - 4, value);
}
inline void put(std::vector<uint8_t>& out, ByteView bytes) {
  out.insert(out.end(), bytes.begin(), bytes.end());
}

}  // namespace pasu::rtp
