#include "bits/nal.h"

#include <cstring>

namespace pasu::bits {

size_t find_start_code(ByteView bytes, size_t from) {
  const uint8_t* data = bytes.data();
  const size_t size = bytes.size();
  size_t i = from;
  while (i + 3 <= size) {
    // A zero is rare in entropy-coded data, so memchr does most of the walking.
    const void* zero = std::memchr(data + i, 0, size - 2 - i);
    if (zero == nullptr) return size;
    i = static_cast<size_t>(static_cast<const uint8_t*>(zero) - data);
    if (data[i + 1] != 0) {
      i += 2;
    } else if (data[i + 2] == 1) {
      return i;
    } else {
      i += data[i + 2] == 0 ? 1 : 3;
    }
  }
  return size;
}

bool starts_with_start_code(ByteView bytes) {
  if (bytes.size() < 4 || bytes[0] != 0 || bytes[1] != 0) return false;
  return bytes[2] == 1 || (bytes[2] == 0 && bytes[3] == 1);
}

Result<std::optional<NalUnit>> NalCursor::next() {
  return length_size_ == 0 ? next_annexb() : next_prefixed();
}

Result<std::optional<NalUnit>> NalCursor::next_annexb() {
  while (position_ < bytes_.size()) {
    const size_t code = find_start_code(bytes_, position_);
    if (position_ == 0) {  // leading_zero_8bits may precede the first start code, nothing else.
      size_t junk = 0;
      while (junk < code && bytes_[junk] == 0) ++junk;
      if (junk < code) {
        position_ = code;
        if (code == bytes_.size()) {
          return fail(Errc::malformed, "no start code in {} bytes", code);
        }
        return fail(Errc::malformed, "{} bytes before the first start code", code);
      }
    }
    if (code == bytes_.size()) break;
    const size_t begin = code + 3;
    const size_t next_code = find_start_code(bytes_, begin);
    size_t end = next_code;
    while (end > begin && bytes_[end - 1] == 0) --end;  // zero_byte, trailing_zero_8bits
    position_ = next_code;
    if (end > begin) return NalUnit{bytes_.subspan(begin, end - begin), begin};
  }
  position_ = bytes_.size();
  return std::nullopt;
}

Result<std::optional<NalUnit>> NalCursor::next_prefixed() {
  const auto prefix = static_cast<size_t>(length_size_);
  while (position_ < bytes_.size()) {
    if (bytes_.size() - position_ < prefix) {
      const size_t left = bytes_.size() - position_;
      position_ = bytes_.size();
      return fail(Errc::truncated, "{} bytes left where a {}-byte NAL length belongs", left,
                  prefix);
    }
    size_t length = 0;
    for (size_t i = 0; i < prefix; ++i) length = length << 8 | bytes_[position_ + i];
    const size_t begin = position_ + prefix;
    if (length > bytes_.size() - begin) {
      position_ = bytes_.size();
      return fail(Errc::truncated, "a NAL unit of {} bytes, but only {} are there", length,
                  bytes_.size() - begin);
    }
    position_ = begin + length;
    if (length > 0) return NalUnit{bytes_.subspan(begin, length), begin};
  }
  return std::nullopt;
}

}  // namespace pasu::bits
