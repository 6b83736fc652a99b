#include "pixel/color.h"

#include <algorithm>
#include <cmath>

namespace pasu::pixel {
namespace {

/// Shares of red and blue in luma; green has the rest.
struct LumaShares {
  double red;
  double blue;
  [[nodiscard]] double green() const { return 1 - red - blue; }
};

LumaShares luma_shares(media::ColorMatrix matrix) {
  if (matrix == media::ColorMatrix::bt709) return {0.2126, 0.0722};  // BT.709-6 3.2
  return {0.299, 0.114};                                             // BT.601-7 2.5.1
}

uint8_t rounded(double value) {
  return static_cast<uint8_t>(std::clamp(std::lround(value), 0L, 255L));
}

}  // namespace

YuvToRgb YuvToRgb::of(media::ColorMatrix matrix, bool full_range) {
  const LumaShares share = luma_shares(matrix);
  const double chroma = full_range ? 1 : 255.0 / 224;
  const double red_v = 2 * (1 - share.red) * chroma;
  const double blue_u = 2 * (1 - share.blue) * chroma;
  return {.black = full_range ? 0.0 : 16.0,
          .luma = full_range ? 1 : 255.0 / 219,
          .red_v = red_v,
          .green_u = -blue_u * share.blue / share.green(),
          .green_v = -red_v * share.red / share.green(),
          .blue_u = blue_u};
}

std::array<uint8_t, 3> yuv_of_rgb(uint32_t rgb, media::ColorMatrix matrix, bool full_range) {
  const LumaShares share = luma_shares(matrix);
  const YuvToRgb back = YuvToRgb::of(matrix, full_range);
  const double r = (rgb >> 16) & 0xff;
  const double g = (rgb >> 8) & 0xff;
  const double b = rgb & 0xff;
  const double luma = share.red * r + share.green() * g + share.blue * b;
  return {rounded(back.black + luma / back.luma), rounded(128 + (b - luma) / back.blue_u),
          rounded(128 + (r - luma) / back.red_v)};
}

}  // namespace pasu::pixel
