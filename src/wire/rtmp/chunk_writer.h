// Messages into chunks.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <span>

#include "base/bytes.h"
#include "wire/rtmp/message.h"

namespace pasu::rtmp {

/// Chunk payload bytes that we send, set once per connection before any media. SRS sends the same
/// by default, so players are known to take it; one picture is seldom more than a few chunks.
inline constexpr uint32_t kChunkBytesOut = 60'000;

/// The chunk streams we send on. Media of one kind keeps to its own (RTMP 1.0 5.3.1.1 reserves 2
/// for protocol control).
enum class ChunkStream : uint8_t { control = 2, command = 3, audio = 4, video = 6, data = 5 };

struct MessageHeader {
  ChunkStream chunk_stream = ChunkStream::control;
  MessageType type = MessageType::audio;
  uint32_t stream_id = 0;
  uint32_t timestamp = 0;
};

/// One message as ready chunks in one run of bytes: a full header (fmt 0), then fmt 3 every
/// `chunk_bytes` (RTMP 1.0 5.3.1). It depends on nothing sent before, so the same bytes serve any
/// connection whose chunk size is `chunk_bytes`. The payload is `parts`, one after another, at
/// most 2^24 - 1 bytes.
[[nodiscard]] Bytes chunk_message(const MessageHeader& header, std::span<const ByteView> parts,
                                  uint32_t chunk_bytes = kChunkBytesOut);
[[nodiscard]] inline Bytes chunk_message(const MessageHeader& header, ByteView payload,
                                         uint32_t chunk_bytes = kChunkBytesOut) {
  return chunk_message(header, std::span<const ByteView>(&payload, 1), chunk_bytes);
}

/// The protocol control messages (RTMP 1.0 5.4), each 4 bytes: Set Chunk Size, Abort,
/// Acknowledgement, Window Acknowledgement Size. They fit any chunk size.
[[nodiscard]] Bytes chunk_control(MessageType type, uint32_t value);
/// Set Peer Bandwidth (5.4.5), of the limit type "dynamic".
[[nodiscard]] Bytes chunk_peer_bandwidth(uint32_t bytes);
[[nodiscard]] Bytes chunk_user_control(const UserControl& control);

}  // namespace pasu::rtmp
