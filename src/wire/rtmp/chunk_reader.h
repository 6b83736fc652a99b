// Chunks into messages.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>

#include "base/bytes.h"
#include "base/result.h"
#include "wire/rtmp/message.h"

namespace pasu::rtmp {

/// Puts messages together from one direction's chunks (RTMP 1.0 5.3). Sans-IO.
///
/// push() what came, then next() until it gives nothing. Payload bytes are copied here, once, into
/// the message. Set Chunk Size and Abort (5.4.1, 5.4.2) are obeyed here and not given out;
/// messages without payload are dropped.
/// Accepted although the specification forbids it, because encoders send it: a continuation with
/// a full header of the same length and type; an extended timestamp that is not repeated on
/// continuations (5.3.1.3).
class ChunkReader {
 public:
  static constexpr uint32_t kChunkBytesDefault = 128;
  /// An access unit of 4K video at its largest is about half of this.
  static constexpr uint32_t kMessageBytesMax = 8u << 20;
  /// Announced lengths of all messages that have begun and not ended.
  static constexpr size_t kUnfinishedBytesMax = 16u << 20;
  /// FFmpeg, OBS and Flash use under ten.
  static constexpr size_t kChunkStreamsMax = 64;

  /// An error ends the connection: chunks cannot be found again. Errors, with the byte of the
  /// whole direction: malformed, too_large.
  [[nodiscard]] Result<void> push(ByteView bytes);
  [[nodiscard]] std::optional<Message> next();

  /// Bytes pushed so far.
  [[nodiscard]] uint64_t position() const { return position_; }
  [[nodiscard]] uint32_t chunk_bytes() const { return chunk_bytes_; }
  /// Messages given up by Abort, and empty ones.
  [[nodiscard]] uint64_t messages_dropped() const { return messages_dropped_; }
  /// Memory held for messages that have not ended.
  [[nodiscard]] size_t unfinished_bytes() const { return unfinished_bytes_; }

 private:
  // What one chunk stream remembers between its chunks (5.3.1.2).
  struct Stream {
    MessageType type{};
    uint32_t length = 0;
    uint32_t stream_id = 0;
    uint32_t timestamp = 0;
    uint32_t time_field = 0;  // As last sent: a time after type 0, else a difference.
    bool extended = false;    // It was sent in four bytes.
    bool known = false;       // A full header has come.
    bool reading = false;     // A message has begun.
    uint32_t received = 0;
    uint32_t capacity = 0;
    std::shared_ptr<uint8_t[]> data;
  };

  Result<void> read_header();
  Result<void> begin_message(Stream& stream, uint32_t id);
  Result<size_t> read_payload(ByteView bytes);
  void grow(Stream& stream, uint32_t needed);
  void release(Stream& stream);
  Result<void> finish_message(Stream& stream);
  Result<void> control(const Message& message);
  [[nodiscard]] tl::unexpected<Error> error(Errc code, std::string_view sentence) const;

  std::map<uint32_t, Stream> streams_;
  std::deque<Message> messages_;
  uint32_t chunk_bytes_ = kChunkBytesDefault;
  size_t unfinished_bytes_ = 0;
  uint64_t position_ = 0;
  uint64_t messages_dropped_ = 0;

  // The header being collected: 3 + 11 + 4 bytes at most.
  std::array<uint8_t, 18> header_{};
  size_t header_size_ = 0;
  Stream* current_ = nullptr;  // Whose payload comes now; nullptr: a header.
  uint32_t chunk_left_ = 0;
};

}  // namespace pasu::rtmp
