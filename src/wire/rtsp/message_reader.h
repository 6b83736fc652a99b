// Cuts a connection's bytes into RTSP messages and interleaved frames.
#pragma once

#include <bitset>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "wire/rtsp/message.h"

namespace pasu::rtsp {

/// feed() bytes, split anywhere, then call next() until it returns nothing.
///
/// A frame's payload points into this reader and is valid until the next feed(). Lines may end
/// with LF alone, and header lines may be folded (RFC 2326 4.2 by way of RFC 2068).
///
/// Once channels are named (set_channels), bytes that are neither a message nor a frame do not end
/// the connection: the reader skips to the next plausible one, as after a lost '$'
/// (ZLMediaKit#4532), and counts. Without channels they are an error.
class MessageReader {
 public:
  static constexpr size_t kLineBytesMax = 8u << 10;
  static constexpr size_t kHeadersMax = 100;
  static constexpr size_t kHeadBytesMax = 32u << 10;
  static constexpr size_t kBodyBytesMax = 128u << 10;
  /// Bytes skipped in one go before the connection is given up.
  static constexpr size_t kSkippedBytesMax = 256u << 10;

  void feed(ByteView bytes);
  /// The next whole message or frame; nothing when more bytes are needed.
  /// Errors, with the offset in the connection: malformed, too_large. They are final.
  [[nodiscard]] Result<std::optional<Message>> next();

  /// The channels interleaved frames are expected on.
  void set_channels(const std::bitset<256>& channels) { channels_ = channels; }

  /// The first bytes of a request or response are here and the rest is not.
  [[nodiscard]] bool message_unfinished() const {
    return position_ < buffer_.size() && buffer_[position_] != '$' && !skipping_;
  }
  /// Offset in the connection of the byte next() looks at.
  [[nodiscard]] uint64_t offset() const { return consumed_ + position_; }
  [[nodiscard]] uint64_t skipped_bytes() const { return skipped_bytes_; }
  /// How often the reader lost its place.
  [[nodiscard]] uint64_t resyncs() const { return resyncs_; }
  /// Bytes held now: at most one unfinished message, and what was fed since.
  [[nodiscard]] size_t buffered_bytes() const { return buffer_.size() - position_; }

 private:
  enum class Guess { no, yes, need_more };

  Result<std::optional<Message>> read_message();
  std::optional<Message> read_frame();
  Result<bool> find_head_end();
  Guess looks_like_frame(size_t at) const;
  Guess looks_like_message(size_t at) const;
  Result<bool> skip_garbage();
  void begin_skipping();
  void finish_message(size_t size);
  tl::unexpected<Error> error(Errc code, std::string_view sentence) const;

  std::vector<uint8_t> buffer_;
  size_t position_ = 0;     // Where the unread part begins in buffer_.
  uint64_t consumed_ = 0;   // Bytes of the connection that left buffer_.
  size_t scanned_ = 0;      // Bytes behind position_ already searched for the head's end.
  size_t line_start_ = 0;   // Where the line being searched begins, behind position_.
  size_t lines_ = 0;        // Lines of the head so far.
  bool head_done_ = false;  // scanned_ is the head's size.
  size_t body_bytes_ = 0;
  std::optional<Message> head_;
  std::bitset<256> channels_;
  bool skipping_ = false;
  size_t skipped_in_a_row_ = 0;
  uint64_t skipped_bytes_ = 0;
  uint64_t resyncs_ = 0;
};

}  // namespace pasu::rtsp
