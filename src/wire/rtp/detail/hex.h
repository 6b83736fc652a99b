// Hexadecimal, as fmtp writes AAC configurations.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"

namespace pasu::rtp {

/// The bytes up to the first character that is no digit.
[[nodiscard]] std::vector<uint8_t> from_hex(std::string_view text);
/// Lower case.
[[nodiscard]] std::string to_hex(ByteView bytes);

}  // namespace pasu::rtp
