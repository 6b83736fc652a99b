// Between 8-bit YUV and RGB, by a frame's matrix and range (ITU-R BT.601, BT.709).
#pragma once

#include <array>
#include <cstdint>

#include "media/frame.h"

namespace pasu::pixel {

/// R = luma * (Y - black) + red_v * (V - 128)
/// G = luma * (Y - black) + green_u * (U - 128) + green_v * (V - 128)
/// B = luma * (Y - black) + blue_u * (U - 128)
struct YuvToRgb {
  double black = 0;
  double luma = 0;
  double red_v = 0;
  double green_u = 0;
  double green_v = 0;
  double blue_u = 0;

  [[nodiscard]] static YuvToRgb of(media::ColorMatrix matrix, bool full_range);
};

/// Y, U, V of an 0xRRGGBB colour, rounded.
[[nodiscard]] std::array<uint8_t, 3> yuv_of_rgb(uint32_t rgb, media::ColorMatrix matrix,
                                                bool full_range);

}  // namespace pasu::pixel
