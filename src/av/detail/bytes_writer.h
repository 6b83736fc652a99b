// Big-endian numbers and ISO BMFF boxes into a growing run of bytes.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "base/assert.h"
#include "base/bytes.h"

namespace pasu::av {

class BytesWriter {
 public:
  void reserve(size_t bytes) { bytes_.reserve(bytes + Bytes::kPadding); }
  void u8(uint64_t value) { bytes_.push_back(static_cast<uint8_t>(value)); }
  void u16(uint64_t value) { number(value, 2); }
  void u32(uint64_t value) { number(value, 4); }
  void u64(uint64_t value) { number(value, 8); }
  /// The low `count` bytes of `value`.
  void number(uint64_t value, int count) {
    for (int shift = 8 * (count - 1); shift >= 0; shift -= 8) u8(value >> shift);
  }
  void zeros(size_t count) { bytes_.insert(bytes_.end(), count, 0); }
  void append(ByteView bytes) { bytes_.insert(bytes_.end(), bytes.begin(), bytes.end()); }
  void text(std::string_view text) { append(as_bytes(text)); }

  /// A box (ISO 14496-12 4.2) around what `body` writes.
  template <class Body>
  void box(std::string_view type, Body&& body) {
    const size_t start = bytes_.size();
    u32(0);
    text(type);
    body();
    patch_u32(start, bytes_.size() - start);
  }
  /// A box with version and flags.
  template <class Body>
  void full_box(std::string_view type, int version, uint32_t flags, Body&& body) {
    box(type, [&] {
      u8(static_cast<uint64_t>(version));
      number(flags, 3);
      body();
    });
  }

  [[nodiscard]] size_t size() const { return bytes_.size(); }
  void patch_u32(size_t at, uint64_t value) {
    ASSERT(at + 4 <= bytes_.size() && value <= UINT32_MAX);
    for (int i = 0; i < 4; ++i) bytes_[at + i] = static_cast<uint8_t>(value >> (24 - 8 * i));
  }

  /// Hands the bytes over; the writer is empty then.
  [[nodiscard]] Bytes take() {
    const size_t size = bytes_.size();
    zeros(Bytes::kPadding);
    auto owner = std::make_shared<std::vector<uint8_t>>(std::move(bytes_));
    bytes_.clear();
    const uint8_t* data = owner->data();
    return Bytes::share(std::move(owner), {data, size});
  }

 private:
  std::vector<uint8_t> bytes_;
};

}  // namespace pasu::av
