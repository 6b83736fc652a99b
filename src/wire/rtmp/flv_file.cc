#include "wire/rtmp/flv_file.h"

#include "base/assert.h"
#include "wire/rtmp/detail/big_endian.h"

namespace pasu::rtmp {
namespace {

constexpr size_t kFileHeaderBytes = 9, kBackPointerBytes = 4, kTagHeaderBytes = 11;
constexpr uint32_t kFileHeaderBytesMax = 1024;
constexpr uint8_t kEncrypted = 0x20;  // The Filter bit.

}  // namespace

Result<void> FlvReader::push(ByteView bytes) {
  put_bytes(buffer_, bytes);
  return parse();
}

std::optional<Message> FlvReader::next() {
  if (tags_.empty()) return {};
  Message tag = std::move(tags_.front());
  tags_.pop_front();
  return tag;
}

Result<void> FlvReader::parse() {
  Cursor cursor(buffer_);
  if (!header_done_) {
    if (cursor.left() < kFileHeaderBytes) return {};
    if (as_text(cursor.take(3)) != "FLV") {
      return fail(Errc::malformed, "FLV: the file does not begin with FLV");
    }
    cursor.take(2);  // Version, which streams there are.
    const uint32_t size = cursor.u32();
    if (size < kFileHeaderBytes || size > kFileHeaderBytesMax) {
      return fail(Errc::malformed, "FLV: a header of {} bytes", size);
    }
    if (buffer_.size() < size + kBackPointerBytes) return {};
    cursor.seek(size + kBackPointerBytes);
    header_done_ = true;
  }
  size_t done = cursor.position();
  while (cursor.left() >= kTagHeaderBytes) {
    const uint8_t type = cursor.u8();
    const uint32_t size = cursor.u24();
    const uint32_t time = cursor.u24() | uint32_t{cursor.u8()} << 24;
    cursor.u24();  // StreamID, always 0.
    if (size > kTagBytesMax) {
      return fail(Errc::too_large, "FLV: a tag of {} bytes at byte {}, over {}", size,
                  position_ + done, kTagBytesMax);
    }
    if ((type & kEncrypted) != 0) {
      return fail(Errc::unsupported, "FLV: the tag at byte {} is encrypted", position_ + done);
    }
    if (cursor.left() < size + kBackPointerBytes) break;
    const auto kind = static_cast<MessageType>(type & 0x1f);
    const Bytes payload = Bytes::copy(cursor.take(size));
    cursor.take(kBackPointerBytes);  // Often wrong, never needed.
    if (kind == MessageType::audio || kind == MessageType::video ||
        kind == MessageType::data_amf0) {
      tags_.push_back({kind, 0, time, payload});
    }
    done = cursor.position();
  }
  buffer_.erase(buffer_.begin(), buffer_.begin() + static_cast<std::ptrdiff_t>(done));
  position_ += done;
  return {};
}

std::vector<uint8_t> flv_file_header(bool has_audio, bool has_video) {
  std::vector<uint8_t> out;
  put_bytes(out, as_bytes("FLV"));
  put_u8(out, 1);
  put_u8(out, static_cast<uint8_t>((has_audio ? 4 : 0) | (has_video ? 1 : 0)));
  put_u32(out, kFileHeaderBytes);
  put_u32(out, 0);
  return out;
}

std::vector<uint8_t> flv_tag(const Message& message) {
  ASSERT(message.payload.size() < 1u << 24);
  std::vector<uint8_t> out;
  put_u8(out, static_cast<uint8_t>(message.type));
  put_u24(out, message.payload.size());
  put_u24(out, message.timestamp & 0xFFFFFF);
  put_u8(out, static_cast<uint8_t>(message.timestamp >> 24));
  put_u24(out, 0);
  put_bytes(out, message.payload);
  put_u32(out, kTagHeaderBytes + message.payload.size());
  return out;
}

}  // namespace pasu::rtmp
