// Bytes to numbers and back, most significant first, as RTMP, FLV and AMF have them.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <vector>

#include "base/bytes.h"

namespace pasu::rtmp {

/// Walks through bytes. The first read past the end sticks: it and all later ones give zeros, and
/// ok() tells. Borrows the bytes.
class Cursor {
 public:
  explicit Cursor(ByteView bytes) : bytes_(bytes) {}

  /// An unsigned number of 1 to 8 bytes.
  uint64_t number(size_t bytes) {
    uint64_t value = 0;
    for (const uint8_t byte : take(bytes)) value = value << 8 | byte;
    return value;
  }
  uint8_t u8() { return static_cast<uint8_t>(number(1)); }
  uint16_t u16() { return static_cast<uint16_t>(number(2)); }
  uint32_t u24() { return static_cast<uint32_t>(number(3)); }
  uint32_t u32() { return static_cast<uint32_t>(number(4)); }
  /// SI24: a composition time.
  int32_t s24() { return static_cast<int32_t>(u24() << 8) >> 8; }
  double real() { return std::bit_cast<double>(number(8)); }
  /// The next `count` bytes; none at all where fewer are left.
  ByteView take(size_t count) {
    if (!ok_ || count > left()) {
      ok_ = false;
      return {};
    }
    position_ += count;
    return bytes_.subspan(position_ - count, count);
  }
  ByteView rest() { return take(left()); }
  void seek(size_t position) { position_ = position; }

  [[nodiscard]] bool ok() const { return ok_; }
  [[nodiscard]] size_t position() const { return position_; }
  [[nodiscard]] size_t left() const { return bytes_.size() - position_; }
  [[nodiscard]] ByteView bytes() const { return bytes_; }

 private:
  ByteView bytes_;
  size_t position_ = 0;
  bool ok_ = true;
};

inline void put_number(std::vector<uint8_t>& out, uint64_t value, int bytes) {
  for (int shift = (bytes - 1) * 8; shift >= 0; shift -= 8) {
    out.push_back(static_cast<uint8_t>(value >> shift));
  }
}
inline void put_u8(std::vector<uint8_t>& out, uint8_t value) { out.push_back(value); }
inline void put_u16(std::vector<uint8_t>& out, uint64_t value) { put_number(out, value, 2); }
inline void put_u24(std::vector<uint8_t>& out, uint64_t value) { put_number(out, value, 3); }
inline void put_u32(std::vector<uint8_t>& out, uint64_t value) { put_number(out, value, 4); }
inline void put_real(std::vector<uint8_t>& out, double value) {
  put_number(out, std::bit_cast<uint64_t>(value), 8);
}
inline void put_bytes(std::vector<uint8_t>& out, ByteView bytes) {
  // Not insert(): gcc 12 warns of it where a vector's size is known.
  const size_t size = out.size();
  out.resize(size + bytes.size());
  if (!bytes.empty()) std::memcpy(out.data() + size, bytes.data(), bytes.size());
}

}  // namespace pasu::rtmp
