// The layer that both sessions stand on: handshake, chunks, and the control messages.
#pragma once

#include <cstdint>
#include <optional>

#include "base/clock.h"
#include "base/result.h"
#include "wire/output.h"
#include "wire/rtmp/chunk_reader.h"
#include "wire/rtmp/chunk_writer.h"
#include "wire/rtmp/handshake.h"
#include "wire/rtmp/message.h"

namespace pasu::rtmp {

/// Answers pings, acknowledgement windows and bandwidths itself (RTMP 1.0 5.4, 7.1.7); all other
/// messages come out of next_message().
class Link {
 public:
  /// We acknowledge this often at most, whatever window the peer asks for.
  static constexpr uint32_t kWindowBytesMin = 16u << 10;
  static constexpr uint32_t kWindowBytesDefault = 2'500'000;

  explicit Link(Handshake::Role role);

  /// Errors: those of Handshake and ChunkReader.
  [[nodiscard]] Result<void> receive(ByteView bytes, MonoTime now);
  [[nodiscard]] std::optional<Message> next_message();
  /// Payload bytes of the messages that next_message() has not given out yet.
  [[nodiscard]] size_t waiting_bytes() const { return waiting_bytes_; }
  [[nodiscard]] wire::Output take_output();

  void send(Bytes chunks) { output_.push_back(std::move(chunks)); }
  void send_command(const Command& command, uint32_t stream_id = 0);
  void ping(MonoTime now);

  [[nodiscard]] bool established() const { return handshake_.done(); }
  [[nodiscard]] const Handshake& handshake() const { return handshake_; }
  /// When anything last came.
  [[nodiscard]] std::optional<MonoTime> heard() const { return heard_; }
  [[nodiscard]] uint64_t messages_ignored() const { return messages_ignored_; }
  void count_ignored() { ++messages_ignored_; }
  /// Bytes of chunks received, handshake not counted.
  [[nodiscard]] uint64_t position() const { return reader_.position(); }

 private:
  Result<void> control(const Message& message);
  void acknowledge();

  Handshake handshake_;
  ChunkReader reader_;
  std::deque<Message> ready_;
  size_t waiting_bytes_ = 0;
  wire::Output output_;
  std::optional<MonoTime> heard_;
  uint32_t window_bytes_ = kWindowBytesDefault;
  uint64_t acknowledged_ = 0;
  uint32_t bandwidth_sent_ = 0;
  uint64_t messages_ignored_ = 0;
};

}  // namespace pasu::rtmp
