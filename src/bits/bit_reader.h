// Bits out of a NAL unit, emulation prevention removed on the way.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/bytes.h"
#include "base/result.h"

namespace pasu::bits {

/// Reads the syntax elements of an RBSP straight from the escaped bytes of a NAL unit (H.264 7.3.1
/// and 9.1, H.265 7.3.1.1 and 9.2): `00 00 03` gives `00 00`. Allocates nothing.
///
/// The first trouble (end of the bytes, a value out of its range) sticks: every later read gives 0
/// and status() tells what happened. So a parser reads its fields in a row and asks once, but must
/// bound its own loops by values that were range-checked here.
class BitReader {
 public:
  /// Starts behind the `header_bytes` of `nal` (1 in H.264, 2 in H.265). Borrows the bytes.
  explicit BitReader(ByteView nal, size_t header_bytes = 0);

  /// `count` bits, 0 to 32, most significant first: u(n).
  uint32_t u(int count);
  bool flag() { return u(1) != 0; }
  /// Passes over `count` bits.
  void skip(uint32_t count);
  /// ue(v) (H.264 9.1); a value over `max` is an error that names `field`.
  uint32_t ue(const char* field, uint32_t max);
  /// se(v) (H.264 9.1.1); outside [min, max] is an error that names `field`.
  int32_t se(const char* field, int32_t min, int32_t max);

  /// For a parser's own rule: notes that `field` is `value`, which is not in [min, max].
  void reject(const char* field, int64_t value, int64_t min, int64_t max);

  /// more_rbsp_data() (H.264 7.2): is there anything before the stop bit?
  [[nodiscard]] bool more_rbsp_data();

  [[nodiscard]] bool ok() const { return trouble_ == Trouble::none; }
  /// `what` names the structure in the error: "SPS". Errors: truncated, malformed.
  [[nodiscard]] Result<void> status(const char* what) const;
  /// Byte of the NAL unit that holds the next bit; next to an escape it may name that one.
  [[nodiscard]] size_t byte_position() const;

 private:
  enum class Trouble { none, end, code_too_long, out_of_range };

  void refill();
  uint32_t fail_with(Trouble trouble, const char* field = nullptr, int64_t value = 0,
                     int64_t min = 0, int64_t max = 0);

  const uint8_t* data_;
  size_t size_;
  size_t position_ = 0;  // Of the next byte to put into the cache.
  uint64_t cache_ = 0;   // Next bits, from the top.
  int cache_bits_ = 0;
  int zeros_ = 0;  // Zero bytes just read, for the escapes.

  Trouble trouble_ = Trouble::none;
  const char* field_ = nullptr;
  int64_t value_ = 0, min_ = 0, max_ = 0;
  size_t trouble_position_ = 0;
};

}  // namespace pasu::bits
