// small_luma against its definition, and its two kernel sets against each other.
#include "pixel/small_luma.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "pixel/detail/luma_kernels.h"

namespace pasu::pixel {
namespace {

using media::Frame;
using media::PixelFormat;

/// Only the first plane, which ends with its last sample, so that the sanitizer sees each byte too
/// far. `pixel(row, sample)` gives the bytes.
template <class Pixel>
Frame make_frame(PixelFormat format, int width, int height, Pixel pixel, int padding = 0) {
  Frame out;
  out.format = format;
  out.width = width;
  out.height = height;
  const int samples = width * media::samples_per_pixel(format, 0);
  const int stride = samples + padding;
  auto bytes = std::make_shared<std::vector<uint8_t>>(
      static_cast<size_t>(stride) * static_cast<size_t>(height - 1) + static_cast<size_t>(samples));
  for (int y = 0; y < height; ++y)
    for (int x = 0; x < samples; ++x)
      (*bytes)[static_cast<size_t>(y) * static_cast<size_t>(stride) + static_cast<size_t>(x)] =
          static_cast<uint8_t>(pixel(y, x));
  out.planes[0] = {bytes->data(), stride};
  out.owner = bytes;
  return out;
}

Frame random_frame(PixelFormat format, int width, int height, uint32_t seed) {
  std::mt19937 random(seed);
  return make_frame(
      format, width, height,
      [&](int, int) {
        const uint32_t r = random();
        return r % 5 == 0 ? 0u : r % 5 == 1 ? 255u : r >> 24;
      },
      static_cast<int>(seed % 3) * 5);
}

double luma_of(const Frame& frame, int y, int x) {
  const uint8_t* row = frame.planes[0].data + y * frame.planes[0].stride;
  if (frame.format == PixelFormat::rgb24)
    return (77 * row[3 * x] + 150 * row[3 * x + 1] + 29 * row[3 * x + 2]) / 256.0;
  if (frame.format == PixelFormat::bgr24)
    return (29 * row[3 * x] + 150 * row[3 * x + 1] + 77 * row[3 * x + 2]) / 256.0;
  return row[x];
}

double average(const Frame& frame, int cell_y, int cell_x) {
  const int top = cell_y * frame.height / 90, left = cell_x * frame.width / 160;
  const int bottom = std::max(top + 1, (cell_y + 1) * frame.height / 90);
  const int right = std::max(left + 1, (cell_x + 1) * frame.width / 160);
  double sum = 0;
  for (int y = top; y < bottom; ++y)
    for (int x = left; x < right; ++x) sum += luma_of(frame, y, x);
  return sum / ((bottom - top) * (right - left));
}

struct Size {
  int width, height;
};
// Usual, odd, small, tall, wide; cells of up to 8, of up to 16 and of more columns.
const Size kSizes[] = {{1920, 1080}, {1280, 720}, {640, 360}, {768, 432}, {352, 240}, {161, 91},
                       {160, 90},    {159, 89},   {100, 30},  {33, 200},  {32, 32},   {7, 5},
                       {1, 1},       {1283, 717}, {2561, 95}, {2701, 91}, {3840, 92}, {40, 2160}};
const PixelFormat kFormats[] = {PixelFormat::i420, PixelFormat::gray8, PixelFormat::nv12,
                                PixelFormat::rgb24, PixelFormat::bgr24};

TEST(SmallLuma, IsTheAverageOfEachCell) {
  uint32_t seed = 0;
  for (const Size& size : kSizes) {
    for (const PixelFormat format : kFormats) {
      SCOPED_TRACE(std::to_string(size.width) + "x" + std::to_string(size.height) + ", format " +
                   std::to_string(static_cast<int>(format)));
      const Frame frame = random_frame(format, size.width, size.height, ++seed);
      SmallLuma out;
      small_luma(frame, out);
      // A sum of RGB is rounded before the average is.
      const bool rgb = media::samples_per_pixel(format, 0) == 3;
      const double tolerance = rgb ? 1.01 : 0.501;
      for (int y = 0; y < 90; ++y)
        for (int x = 0; x < 160; ++x)
          ASSERT_NEAR(out.cells[static_cast<size_t>(y * 160 + x)], average(frame, y, x), tolerance)
              << x << ' ' << y;
    }
  }
}

TEST(SmallLuma, BothKernelSetsAgreeToTheBit) {
  const LumaKernels* fast = avx2_luma_kernels();
  if (!fast) GTEST_SKIP() << "no AVX2 on this processor";
  uint32_t seed = 100;
  for (const Size& size : kSizes) {
    for (const PixelFormat format : kFormats) {
      SCOPED_TRACE(std::to_string(size.width) + "x" + std::to_string(size.height));
      const Frame frame = random_frame(format, size.width, size.height, ++seed);
      SmallLuma a, b;
      small_luma_with(scalar_luma_kernels(), frame, a);
      small_luma_with(*fast, frame, b);
      ASSERT_EQ(a.cells, b.cells);
    }
  }
}

TEST(SmallLuma, ExtremesStayWhatTheyAre) {
  for (const int value : {0, 255}) {
    for (const Size& size : {Size{64, 11520}, Size{64, 12000}, Size{8192, 90}, Size{1920, 1080}}) {
      const Frame frame =
          make_frame(PixelFormat::gray8, size.width, size.height, [&](int, int) { return value; });
      for (const LumaKernels* kernels : {&scalar_luma_kernels(), avx2_luma_kernels()}) {
        if (kernels == nullptr) continue;
        SmallLuma out;
        small_luma_with(*kernels, frame, out);
        for (const uint8_t cell : out.cells) ASSERT_EQ(cell, value) << size.width;
      }
    }
  }
}

}  // namespace
}  // namespace pasu::pixel
