// SHA-256 of a picture's bytes.
#pragma once

#include <array>
#include <string>

#include "base/bytes.h"

namespace pasu::data::detail {

using ContentHash = std::array<uint8_t, 32>;

[[nodiscard]] ContentHash sha256(ByteView bytes);
/// In hexadecimal digits.
[[nodiscard]] std::string sha256_text(ByteView bytes);

}  // namespace pasu::data::detail
