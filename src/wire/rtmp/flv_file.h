// FLV files: a header, then tags that hold the same messages as RTMP.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "wire/rtmp/message.h"

namespace pasu::rtmp {

/// Reads a file's bytes as they come (FLV E.2 to E.4.1); MediaReader makes streams of the tags.
/// Errors, with the byte, after which there is no more: malformed, too_large, unsupported
/// (encrypted tags).
class FlvReader {
 public:
  static constexpr uint32_t kTagBytesMax = 8u << 20;

  [[nodiscard]] Result<void> push(ByteView bytes);
  /// The next audio, video or data tag; others are passed over.
  [[nodiscard]] std::optional<Message> next();

 private:
  Result<void> parse();

  std::vector<uint8_t> buffer_;
  uint64_t position_ = 0;  // Of the buffer's first byte in the file.
  bool header_done_ = false;
  std::deque<Message> tags_;
};

/// The file's header and the first back pointer (E.2, E.3).
[[nodiscard]] std::vector<uint8_t> flv_file_header(bool has_audio, bool has_video);
/// One tag and its back pointer (E.4.1). The payload is at most 2^24 - 1 bytes.
[[nodiscard]] std::vector<uint8_t> flv_tag(const Message& message);

}  // namespace pasu::rtmp
