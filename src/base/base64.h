// Base64 (RFC 4648 section 4): parameter sets in SDP, Basic credentials, RTSP tunnelled in HTTP.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace pasu {

[[nodiscard]] std::string to_base64(ByteView bytes);

/// Lenient in what cameras send: padding may be missing. Errors: malformed, naming the first
/// character that is not base64.
[[nodiscard]] Result<std::vector<uint8_t>> from_base64(std::string_view text);

}  // namespace pasu
