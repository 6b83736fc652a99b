// A frame of one's own, to be filled before anybody else sees it.
#pragma once

#include "media/frame.h"

namespace pasu::media {

struct NewFrame {
  Frame frame;
  /// The planes of `frame`, writable until it is handed on; null where the format has none.
  std::array<uint8_t*, 3> planes{};
};

/// Pixels are not initialised. Rows are contiguous by plane and start at multiples of 64 bytes.
/// Both sizes must be positive.
[[nodiscard]] NewFrame new_frame(PixelFormat format, int width, int height);

}  // namespace pasu::media
