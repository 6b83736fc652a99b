// Bits as they stand, most significant first: no emulation prevention, unlike BitReader.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/bytes.h"

namespace pasu::bits {

/// Reads past the end give 0 and clear ok(). Borrows the bytes.
class BitCursor {
 public:
  explicit BitCursor(ByteView bytes) : bytes_(bytes) {}

  /// `count` bits, 0 to 32.
  uint32_t u(int count) {
    uint64_t value = 0;
    for (int i = 0; i < count; ++i, ++position_) {
      if (position_ / 8 >= bytes_.size()) {
        ok_ = false;
        return 0;
      }
      value = value << 1 | (bytes_[position_ / 8] >> (7 - position_ % 8) & 1);
    }
    return static_cast<uint32_t>(value);
  }
  bool flag() { return u(1) != 0; }

  [[nodiscard]] bool ok() const { return ok_; }
  [[nodiscard]] size_t position() const { return position_; }  ///< In bits.
  [[nodiscard]] size_t left() const { return bytes_.size() * 8 - position_; }

 private:
  ByteView bytes_;
  size_t position_ = 0;
  bool ok_ = true;
};

}  // namespace pasu::bits
