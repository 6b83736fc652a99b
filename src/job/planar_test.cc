#include "job/detail/planar.h"

#include <gtest/gtest.h>

#include "media/new_frame.h"

namespace pasu::job::detail {
namespace {

using media::Frame;
using media::PixelFormat;

// Every sample says where it is: 16 * row + column, with the plane in the highest bits.
Frame numbered(PixelFormat format, int width, int height) {
  auto made = media::new_frame(format, width, height);
  for (int plane = 0; plane < media::plane_count(format); ++plane) {
    const auto i = static_cast<size_t>(plane);
    const auto [w, h] = media::plane_size(format, width, height, plane);
    for (int y = 0; y < h; ++y)
      for (int x = 0; x < w * media::samples_per_pixel(format, plane); ++x)
        made.planes[i][y * made.frame.planes[i].stride + x] =
            static_cast<uint8_t>(64 * plane + 8 * y + x);
  }
  made.frame.pts = media::Pts(42);
  return std::move(made.frame);
}

int at(const Frame& frame, size_t plane, int x, int y) {
  return frame.planes[plane].data[y * frame.planes[plane].stride + x];
}

TEST(Upright, UnturnedIsUncopied) {
  Frame frame = numbered(PixelFormat::i420, 4, 2);
  const uint8_t* pixels = frame.planes[0].data;
  EXPECT_EQ(upright(std::move(frame), 360).planes[0].data, pixels);
}

TEST(Upright, QuarterTurnsOfAnOddPicture) {
  const Frame frame = numbered(PixelFormat::i420, 5, 3);
  const Frame right = upright(frame.share(), 90);
  EXPECT_EQ(right.width, 3);
  EXPECT_EQ(right.height, 5);
  EXPECT_EQ(right.pts, frame.pts);
  EXPECT_EQ(at(right, 0, 0, 0), at(frame, 0, 0, 2));  // Bottom left goes to the top left.
  EXPECT_EQ(at(right, 0, 2, 0), at(frame, 0, 0, 0));
  EXPECT_EQ(at(right, 2, 1, 2), at(frame, 2, 2, 0));
  const Frame left = upright(frame.share(), -90);
  EXPECT_EQ(at(left, 0, 0, 0), at(frame, 0, 4, 0));
  EXPECT_EQ(at(left, 0, 2, 4), at(frame, 0, 0, 2));
  const Frame over = upright(frame.share(), 180);
  EXPECT_EQ(over.width, 5);
  EXPECT_EQ(at(over, 0, 0, 0), at(frame, 0, 4, 2));
}

TEST(Upright, FourQuartersAreNone) {
  for (const PixelFormat format : {PixelFormat::i420, PixelFormat::i444, PixelFormat::gray8}) {
    const Frame frame = numbered(format, 6, 4);
    Frame turned = frame.share();
    for (int i = 0; i < 4; ++i) turned = upright(std::move(turned), 90);
    for (int y = 0; y < 4; ++y)
      for (int x = 0; x < 6; ++x) ASSERT_EQ(at(turned, 0, x, y), at(frame, 0, x, y));
  }
}

TEST(Upright, Nv12AndI422KeepTheirChroma) {
  const Frame nv12 = numbered(PixelFormat::nv12, 4, 4);
  const Frame turned = upright(nv12.share(), 90);
  EXPECT_EQ(turned.format, PixelFormat::i420);
  EXPECT_EQ(at(turned, 1, 0, 0), at(nv12, 1, 0, 1));  // U of the bottom left.
  EXPECT_EQ(at(turned, 2, 0, 0), at(nv12, 1, 1, 1));  // V of it.
  const Frame i422 = numbered(PixelFormat::i422, 4, 2);
  const Frame wide = upright(i422.share(), 90);
  EXPECT_EQ(wide.format, PixelFormat::i444);
  EXPECT_EQ(at(wide, 1, 1, 3), at(i422, 1, 1, 0));
}

TEST(ToYuv, RedIsRed) {
  // Full-range BT.601 of pure red: 76, 85, 255 (JFIF 1.02).
  for (const PixelFormat format : {PixelFormat::rgb24, PixelFormat::bgr24}) {
    auto made = media::new_frame(format, 2, 2);
    for (int y = 0; y < 2; ++y)
      for (int x = 0; x < 6; ++x)
        made.planes[0][y * made.frame.planes[0].stride + x] =
            x % 3 == (format == PixelFormat::rgb24 ? 0 : 2) ? 255 : 0;
    const Frame yuv = to_yuv(std::move(made.frame));
    EXPECT_EQ(yuv.format, PixelFormat::i444);
    EXPECT_TRUE(yuv.full_range);
    EXPECT_EQ(at(yuv, 0, 1, 1), 76);
    EXPECT_EQ(at(yuv, 1, 1, 1), 85);
    EXPECT_EQ(at(yuv, 2, 1, 1), 255);
  }
}

}  // namespace
}  // namespace pasu::job::detail
