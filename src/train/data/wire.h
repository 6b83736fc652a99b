// Protobuf's wire format (protobuf.dev, "Encoding"): as much as tf.Example and checkpoints need.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/bytes.h"
#include "base/result.h"

namespace pasu::data {

struct WireField {
  enum Type : uint8_t { kVarint = 0, kFixed64 = 1, kBytes = 2, kFixed32 = 5 };
  uint32_t number = 0;
  Type type = kVarint;
  uint64_t value = 0;  ///< Of a varint or fixed field.
  ByteView bytes;      ///< Of a length-delimited one; in the message read from.
};

/// The fields of one message, which is borrowed. Groups, which nobody writes any more, are errors.
class WireReader {
 public:
  /// `offset` is where the message begins in what messages name.
  explicit WireReader(ByteView message, size_t offset = 0) : message_(message), offset_(offset) {}

  /// The next field or nothing at the end. Errors (malformed, truncated) name the byte.
  [[nodiscard]] Result<std::optional<WireField>> next();
  /// A varint alone, as packed lists have them.
  [[nodiscard]] Result<uint64_t> varint();
  /// Bytes read so far.
  [[nodiscard]] size_t position() const { return at_; }
  [[nodiscard]] bool at_end() const { return at_ == message_.size(); }
  /// Where `part` of the message begins, counted as this reader's offsets are.
  [[nodiscard]] size_t offset_of(ByteView part) const {
    return offset_ + static_cast<size_t>(part.data() - message_.data());
  }

 private:
  [[nodiscard]] Result<uint64_t> fixed(size_t bytes);

  ByteView message_;
  size_t offset_;
  size_t at_ = 0;
};

void put_varint(std::string& out, uint64_t value);
/// Tag, length and bytes.
void put_bytes(std::string& out, uint32_t number, std::string_view bytes);

}  // namespace pasu::data
