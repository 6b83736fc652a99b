#include "wire/rtsp/message_reader.h"

#include <algorithm>
#include <array>

#include "wire/rtsp/detail/head.h"

namespace pasu::rtsp {
namespace {

bool is_capital(uint8_t c) { return c >= 'A' && c <= 'Z'; }

}  // namespace

void MessageReader::feed(ByteView bytes) {
  buffer_.erase(buffer_.begin(), buffer_.begin() + static_cast<std::ptrdiff_t>(position_));
  consumed_ += position_;
  position_ = 0;
  buffer_.insert(buffer_.end(), bytes.begin(), bytes.end());
}

Result<std::optional<Message>> MessageReader::next() {
  while (position_ < buffer_.size()) {
    if (skipping_) {
      if (!TRY(skip_garbage())) return std::nullopt;
      continue;
    }
    const uint8_t first = buffer_[position_];
    if (first == '$') {
      const Guess guess = looks_like_frame(position_);
      if (guess == Guess::need_more) return std::nullopt;
      if (guess == Guess::yes) return read_frame();
    } else if (!head_done_ && scanned_ == 0 && (first == '\r' || first == '\n')) {
      ++position_;  // RFC 2326 4.1: empty lines before a message are skipped.
      continue;
    } else if (channels_.none() || is_capital(first)) {
      auto message = read_message();
      if (message || channels_.none()) return message;
    }
    if (channels_.none())
      return error(Errc::malformed, "neither an RTSP message nor an interleaved frame");
    begin_skipping();
  }
  return std::nullopt;
}

std::optional<Message> MessageReader::read_frame() {
  const uint8_t* frame = buffer_.data() + position_;
  const size_t size = static_cast<size_t>(frame[2]) << 8 | frame[3];
  if (buffer_.size() - position_ < InterleavedFrame::kHeaderBytes + size) return std::nullopt;
  InterleavedFrame out{frame[1], {frame + InterleavedFrame::kHeaderBytes, size}};
  finish_message(InterleavedFrame::kHeaderBytes + size);
  return Message(out);
}

// True once scanned_ covers the whole head. Looks at every byte once, however they are split.
Result<bool> MessageReader::find_head_end() {
  const uint8_t* bytes = buffer_.data() + position_;
  const size_t size = buffer_.size() - position_;
  while (scanned_ < size) {
    const uint8_t c = bytes[scanned_++];
    if (c == '\0') return error(Errc::malformed, "a NUL in the head of a message");
    if (scanned_ > kHeadBytesMax)
      return error(Errc::too_large, fmt::format("a head of over {} bytes", kHeadBytesMax));
    if (c != '\n') {
      if (scanned_ - line_start_ > kLineBytesMax)
        return error(Errc::too_large, fmt::format("a line of over {} bytes", kLineBytesMax));
      if (lines_ == 0 && c < ' ' && c != '\r' && c != '\t')
        return error(Errc::malformed, "a control character in the first line");
      continue;
    }
    size_t length = scanned_ - 1 - line_start_;
    if (length > 0 && bytes[scanned_ - 2] == '\r') --length;
    const std::string_view line(reinterpret_cast<const char*>(bytes + line_start_), length);
    line_start_ = scanned_;
    if (line.empty()) return true;
    if (line.find('\r') != std::string_view::npos)
      return error(Errc::malformed, "a CR inside a line");
    if (lines_ == 0) {
      // Said now rather than after 32 KiB of what is no RTSP at all.
      auto start = detail::parse_start_line(line);
      if (!start) return error(start.error().code(), start.error().message());
    }
    if (++lines_ > kHeadersMax)
      return error(Errc::too_large, fmt::format("over {} header lines", kHeadersMax));
  }
  return false;
}

Result<std::optional<Message>> MessageReader::read_message() {
  if (!head_done_) {
    if (!is_capital(buffer_[position_]))
      return error(Errc::malformed, "neither an RTSP message nor an interleaved frame");
    if (!TRY(find_head_end())) return std::nullopt;
    const std::string_view text(reinterpret_cast<const char*>(buffer_.data() + position_),
                                scanned_);
    auto head = detail::parse_head(text);
    if (!head) return error(head.error().code(), head.error().message());
    const auto& headers = std::holds_alternative<Request>(*head)
                              ? std::get<Request>(*head).headers
                              : std::get<Response>(*head).headers;
    const auto length = detail::content_length(headers, kBodyBytesMax);
    if (!length) return error(length.error().code(), length.error().message());
    head_ = std::move(*head);
    body_bytes_ = *length;
    head_done_ = true;
  }
  if (buffer_.size() - position_ < scanned_ + body_bytes_) return std::nullopt;
  Message message = std::move(*head_);
  const char* body = reinterpret_cast<const char*>(buffer_.data() + position_ + scanned_);
  if (auto* request = std::get_if<Request>(&message)) {
    request->body.assign(body, body_bytes_);
  } else {
    std::get<Response>(message).body.assign(body, body_bytes_);
  }
  finish_message(scanned_ + body_bytes_);
  return std::optional(std::move(message));
}

// Where channels are known, a frame on another one must at least carry RTP or RTCP version 2
// (RFC 3550 5.1, 6.4.1) to be believed, and after a loss of place every frame must do both.
MessageReader::Guess MessageReader::looks_like_frame(size_t at) const {
  const size_t size = buffer_.size() - at;
  if (size < InterleavedFrame::kHeaderBytes) {
    return skipping_ && size > 1 && !channels_[buffer_[at + 1]] ? Guess::no : Guess::need_more;
  }
  if (channels_.none()) return Guess::yes;
  const bool known = channels_[buffer_[at + 1]];
  if (known && !skipping_) return Guess::yes;
  if (!known && skipping_) return Guess::no;
  const size_t length = static_cast<size_t>(buffer_[at + 2]) << 8 | buffer_[at + 3];
  if (length < 4) return Guess::no;
  if (size == InterleavedFrame::kHeaderBytes) return Guess::need_more;
  return buffer_[at + 4] >> 6 == 2 ? Guess::yes : Guess::no;
}

MessageReader::Guess MessageReader::looks_like_message(size_t at) const {
  const size_t size = buffer_.size() - at;
  const std::string_view text(reinterpret_cast<const char*>(buffer_.data() + at), size);
  const auto begins = [text](std::string_view with) {
    const size_t common = std::min(text.size(), with.size());
    if (text.substr(0, common) != with.substr(0, common)) return Guess::no;
    return common == with.size() ? Guess::yes : Guess::need_more;
  };
  Guess best = begins("RTSP/");
  for (int i = 0; i < static_cast<int>(Method::unknown) && best != Guess::yes; ++i) {
    const Guess guess = begins(std::string(to_string(static_cast<Method>(i))) + ' ');
    if (guess != Guess::no) best = guess;
  }
  return best;
}

// False when more bytes are needed to go on.
Result<bool> MessageReader::skip_garbage() {
  while (position_ < buffer_.size()) {
    Guess guess = Guess::no;
    if (buffer_[position_] == '$') {
      guess = looks_like_frame(position_);
    } else if (is_capital(buffer_[position_])) {
      guess = looks_like_message(position_);
    }
    if (guess == Guess::need_more) return false;
    if (guess == Guess::yes) {
      skipping_ = false;
      return true;
    }
    ++position_;
    ++skipped_bytes_;
    if (++skipped_in_a_row_ > kSkippedBytesMax)
      return error(Errc::malformed,
                   fmt::format("no message or frame in {} bytes", kSkippedBytesMax));
  }
  return false;
}

void MessageReader::begin_skipping() {
  ++resyncs_;
  skipping_ = true;
  scanned_ = line_start_ = lines_ = 0;
  head_done_ = false;
  head_.reset();
  ++position_;
  ++skipped_bytes_;
  ++skipped_in_a_row_;
}

void MessageReader::finish_message(size_t size) {
  position_ += size;
  scanned_ = line_start_ = lines_ = 0;
  head_done_ = false;
  head_.reset();
  skipped_in_a_row_ = 0;
}

tl::unexpected<Error> MessageReader::error(Errc code, std::string_view sentence) const {
  return fail(code, "rtsp: byte {}: {}", offset() + scanned_, sentence);
}

}  // namespace pasu::rtsp
