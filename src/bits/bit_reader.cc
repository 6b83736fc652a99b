#include "bits/bit_reader.h"

#include <algorithm>
#include <bit>

#include "base/assert.h"

namespace pasu::bits {

BitReader::BitReader(ByteView nal, size_t header_bytes)
    : data_(nal.data()), size_(nal.size()), position_(std::min(header_bytes, nal.size())) {
  // Trailing zero bytes carry nothing: the last byte that counts holds the stop bit.
  while (size_ > position_ && data_[size_ - 1] == 0) --size_;
}

void BitReader::refill() {
  while (cache_bits_ <= 56 && position_ < size_) {
    const uint8_t byte = data_[position_++];
    if (zeros_ >= 2 && byte == 3) {  // emulation_prevention_three_byte
      zeros_ = 0;
      continue;
    }
    zeros_ = byte == 0 ? zeros_ + 1 : 0;
    cache_ |= static_cast<uint64_t>(byte) << (56 - cache_bits_);
    cache_bits_ += 8;
  }
}

uint32_t BitReader::u(int count) {
  ASSERT(count >= 0 && count <= 32);
  if (!ok() || count == 0) return 0;
  if (cache_bits_ < count) refill();
  if (cache_bits_ < count) return fail_with(Trouble::end);
  const auto value = static_cast<uint32_t>(cache_ >> (64 - count));
  cache_ <<= count;
  cache_bits_ -= count;
  return value;
}

void BitReader::skip(uint32_t count) {
  for (; count > 32 && ok(); count -= 32) u(32);
  u(static_cast<int>(count > 32 ? 0 : count));
}

uint32_t BitReader::ue(const char* field, uint32_t max) {
  if (!ok()) return 0;
  if (cache_bits_ < 57) refill();
  const int zeros = std::countl_zero(cache_);
  if (zeros > 31 && cache_bits_ > 31) return fail_with(Trouble::code_too_long, field);
  if (zeros >= cache_bits_) return fail_with(Trouble::end, field);
  u(zeros + 1);
  const uint32_t value = ((1u << zeros) - 1) + u(zeros);
  if (!ok()) {
    field_ = field;
    return 0;
  }
  if (value > max) return fail_with(Trouble::out_of_range, field, value, 0, max);
  return value;
}

int32_t BitReader::se(const char* field, int32_t min, int32_t max) {
  const uint32_t code = ue(field, UINT32_MAX);
  const int64_t magnitude = (static_cast<int64_t>(code) + 1) / 2;
  const int64_t value = code % 2 == 1 ? magnitude : -magnitude;
  if (!ok()) return 0;
  if (value < min || value > max) {
    fail_with(Trouble::out_of_range, field, value, min, max);
    return 0;
  }
  return static_cast<int32_t>(value);
}

void BitReader::reject(const char* field, int64_t value, int64_t min, int64_t max) {
  if (ok()) fail_with(Trouble::out_of_range, field, value, min, max);
}

bool BitReader::more_rbsp_data() {
  if (!ok()) return false;
  refill();
  if (position_ < size_) return true;
  return cache_ != 0 && std::countr_zero(cache_) < 63;
}

size_t BitReader::byte_position() const {
  return position_ - static_cast<size_t>(cache_bits_ + 7) / 8;
}

uint32_t BitReader::fail_with(Trouble trouble, const char* field, int64_t value, int64_t min,
                              int64_t max) {
  trouble_ = trouble;
  field_ = field;
  value_ = value;
  min_ = min;
  max_ = max;
  trouble_position_ = byte_position();
  cache_ = 0;
  cache_bits_ = 0;
  return 0;
}

Result<void> BitReader::status(const char* what) const {
  switch (trouble_) {
    case Trouble::none:
      return {};
    case Trouble::end:
      if (field_ != nullptr) return fail(Errc::truncated, "{} ends before its {}", what, field_);
      return fail(Errc::truncated, "{} ends early, after {} bytes", what, size_);
    case Trouble::code_too_long:
      return fail(Errc::malformed, "{}: {} is no Exp-Golomb code (byte {})", what, field_,
                  trouble_position_);
    case Trouble::out_of_range:
      break;
  }
  return fail(Errc::malformed, "{}: {} is {}, not in {}..{} (byte {})", what, field_, value_, min_,
              max_, trouble_position_);
}

}  // namespace pasu::bits
