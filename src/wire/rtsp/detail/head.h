// The head of a message as text: start line and header fields (RFC 2326 6, 7; RFC 822 folding).
#pragma once

#include <cstdint>
#include <string_view>

#include "base/result.h"
#include "wire/rtsp/message.h"

namespace pasu::rtsp::detail {

/// "RTSP/1.0 200 OK" or "PLAY rtsp://host/ RTSP/1.0", without the line's end.
[[nodiscard]] Result<Message> parse_start_line(std::string_view line);

/// A whole head, from the start line to the empty line. Errors: malformed.
[[nodiscard]] Result<Message> parse_head(std::string_view head);

/// Content-Length (RFC 2326 12.14): 0 where absent. Errors: malformed (no plain decimal number, or
/// given twice), too_large (over `bytes_max`).
[[nodiscard]] Result<size_t> content_length(const Headers& headers, size_t bytes_max);

}  // namespace pasu::rtsp::detail
