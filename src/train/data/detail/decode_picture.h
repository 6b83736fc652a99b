// Is a picture's file whole: decoded once, by the av room.
#pragma once

#include <array>
#include <bit>
#include <cstdint>

#include "base/bytes.h"
#include "base/result.h"
#include "geom/box.h"

namespace pasu::data::detail {

/// What a picture looks like, much the same after scaling and compression: whether the brightness
/// falls from each cell of 17x16 to the next on its right.
struct Looks {
  static constexpr int kColumns = 16, kRows = 16;
  std::array<uint64_t, 4> bits{};
  bool told = false;  ///< False for flat pictures, which all look alike.

  /// In how many of 256 bits two differ.
  [[nodiscard]] int distance(const Looks& other) const {
    int out = 0;
    for (size_t i = 0; i < bits.size(); ++i) out += std::popcount(bits[i] ^ other.bits[i]);
    return out;
  }
};

struct DecodedPicture {
  geom::Size size;
  Looks looks;
};

/// Decodes `file`, a picture of any format that libavcodec knows.
/// Errors: malformed, truncated (it ends early; what there is may decode), unsupported, too_large
/// (over 8192x8192 pixels).
[[nodiscard]] Result<DecodedPicture> decode_picture(ByteView file);

}  // namespace pasu::data::detail
