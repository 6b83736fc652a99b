#include "wire/rtmp/chunk_writer.h"

#include <algorithm>
#include <cstring>
#include <memory>

#include "base/assert.h"
#include "wire/rtmp/detail/big_endian.h"

namespace pasu::rtmp {
namespace {

constexpr uint32_t kTimeExtended = 0xFFFFFF;
constexpr size_t kMessageBytesEnd = 1u << 24;

// fmt, then the id in its one-byte form (5.3.1.1).
uint8_t basic_header(int format, ChunkStream id) {
  return static_cast<uint8_t>(format << 6 | static_cast<int>(id));
}

// Writes into memory of a size known before.
struct Out {
  uint8_t* at;
  void number(uint64_t value, int bytes) {
    for (int shift = (bytes - 1) * 8; shift >= 0; shift -= 8) {
      *at++ = static_cast<uint8_t>(value >> shift);
    }
  }
  void bytes(const uint8_t* from, size_t count) {
    if (count > 0) std::memcpy(at, from, count);
    at += count;
  }
};

Bytes control_message(MessageType type, ByteView payload) {
  return chunk_message({ChunkStream::control, type, 0, 0}, payload);
}

}  // namespace

Bytes chunk_message(const MessageHeader& header, std::span<const ByteView> parts,
                    uint32_t chunk_bytes) {
  size_t size = 0;
  for (const ByteView part : parts) size += part.size();
  ASSERT(size < kMessageBytesEnd && chunk_bytes > 0);
  const bool extended = header.timestamp >= kTimeExtended;
  const size_t chunks = size == 0 ? 1 : (size + chunk_bytes - 1) / chunk_bytes;
  const size_t total = 12 + (extended ? 4 : 0) + size + (chunks - 1) * (extended ? 5 : 1);

  auto memory = std::make_shared_for_overwrite<uint8_t[]>(total + Bytes::kPadding);
  std::memset(memory.get() + total, 0, Bytes::kPadding);
  Out out{memory.get()};
  out.number(basic_header(0, header.chunk_stream), 1);
  out.number(extended ? kTimeExtended : header.timestamp, 3);
  out.number(size, 3);
  out.number(static_cast<uint8_t>(header.type), 1);
  for (int shift = 0; shift < 32; shift += 8) out.number(header.stream_id >> shift & 0xff, 1);
  if (extended) out.number(header.timestamp, 4);

  uint32_t room = chunk_bytes;
  for (ByteView part : parts) {
    while (!part.empty()) {
      if (room == 0) {
        out.number(basic_header(3, header.chunk_stream), 1);
        if (extended) out.number(header.timestamp, 4);  // 5.3.1.3: repeated.
        room = chunk_bytes;
      }
      const auto count = static_cast<uint32_t>(std::min<size_t>(room, part.size()));
      out.bytes(part.data(), count);
      part = part.subspan(count);
      room -= count;
    }
  }
  ASSERT(out.at == memory.get() + total);
  const ByteView view(memory.get(), total);
  return Bytes::share(std::move(memory), view);
}

Bytes chunk_control(MessageType type, uint32_t value) {
  std::vector<uint8_t> payload;
  put_u32(payload, value);
  return control_message(type, payload);
}

Bytes chunk_peer_bandwidth(uint32_t bytes) {
  constexpr uint8_t kDynamic = 2;
  std::vector<uint8_t> payload;
  put_u32(payload, bytes);
  put_u8(payload, kDynamic);
  return control_message(MessageType::set_peer_bandwidth, payload);
}

Bytes chunk_user_control(const UserControl& control) {
  std::vector<uint8_t> payload;
  put_u16(payload, static_cast<uint16_t>(control.event));
  put_u32(payload, control.value);
  return control_message(MessageType::user_control, payload);
}

}  // namespace pasu::rtmp
