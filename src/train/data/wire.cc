#include "train/data/wire.h"

namespace pasu::data {

Result<uint64_t> WireReader::varint() {
  uint64_t value = 0;
  for (int shift = 0; shift < 70; shift += 7) {
    if (at_ >= message_.size())
      return fail(Errc::truncated, "byte {}: ends within a number", offset_ + at_);
    const uint8_t byte = message_[at_++];
    if (shift == 63 && byte > 1) break;
    value |= uint64_t{byte & 0x7Fu} << shift;
    if (byte < 0x80) return value;
  }
  return fail(Errc::malformed, "byte {}: a number of more than 64 bits", offset_ + at_ - 1);
}

Result<uint64_t> WireReader::fixed(size_t bytes) {
  if (message_.size() - at_ < bytes)
    return fail(Errc::truncated, "byte {}: ends within a number", offset_ + at_);
  uint64_t value = 0;
  for (size_t i = bytes; i > 0; --i) value = value << 8 | message_[at_ + i - 1];
  at_ += bytes;
  return value;
}

Result<std::optional<WireField>> WireReader::next() {
  if (at_end()) return std::nullopt;
  const size_t begin = offset_ + at_;
  const uint64_t tag = TRY(varint());
  WireField field;
  field.number = static_cast<uint32_t>(tag >> 3);
  if (tag >> 3 == 0 || tag >> 3 > 0x1FFFFFFF)
    return fail(Errc::malformed, "byte {}: {} is no field's number", begin, tag >> 3);
  field.type = static_cast<WireField::Type>(tag & 7);
  switch (field.type) {
    case WireField::kVarint:
      field.value = TRY(varint());
      return field;
    case WireField::kFixed64:
      field.value = TRY(fixed(8));
      return field;
    case WireField::kFixed32:
      field.value = TRY(fixed(4));
      return field;
    case WireField::kBytes: {
      const uint64_t size = TRY(varint());
      if (size > message_.size() - at_)
        return fail(Errc::truncated, "byte {}: field {} is {} bytes long, {} are left", begin,
                    field.number, size, message_.size() - at_);
      field.bytes = message_.subspan(at_, static_cast<size_t>(size));
      at_ += static_cast<size_t>(size);
      return field;
    }
  }
  return fail(Errc::malformed, "byte {}: wire type {} is none of protobuf's", begin, tag & 7);
}

void put_varint(std::string& out, uint64_t value) {
  for (; value >= 0x80; value >>= 7) out += static_cast<char>(value | 0x80);
  out += static_cast<char>(value);
}

void put_bytes(std::string& out, uint32_t number, std::string_view bytes) {
  put_varint(out, uint64_t{number} << 3 | WireField::kBytes);
  put_varint(out, bytes.size());
  out += bytes;
}

}  // namespace pasu::data
