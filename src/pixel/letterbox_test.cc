// letterbox_u8 against a double-precision reference, OpenCV and golden colours.
#include "pixel/letterbox.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <opencv2/imgproc.hpp>

#include "pixel/color.h"
#include "pixel/detail/letterbox_with.h"

namespace pasu::pixel {
namespace {

using geom::Letterbox;
using media::ColorMatrix;
using media::Frame;
using media::PixelFormat;

constexpr PixelFormat kFormats[] = {PixelFormat::i420, PixelFormat::i422,  PixelFormat::i444,
                                    PixelFormat::nv12, PixelFormat::gray8, PixelFormat::rgb24,
                                    PixelFormat::bgr24};

bool is_rgb(PixelFormat f) { return f == PixelFormat::rgb24 || f == PixelFormat::bgr24; }

/// A frame whose planes end with their last sample, so that the sanitizer sees each byte too far.
/// `pixel(plane, row, sample)` gives the bytes.
template <class Pixel>
Frame make_frame(PixelFormat format, int width, int height, Pixel pixel, int padding = 0) {
  Frame out;
  out.format = format;
  out.width = width;
  out.height = height;
  auto planes = std::make_shared<std::array<std::vector<uint8_t>, 3>>();
  for (int p = 0; p < media::plane_count(format); ++p) {
    const auto [w, h] = media::plane_size(format, width, height, p);
    const int samples = w * media::samples_per_pixel(format, p);
    const int stride = samples + padding;
    auto& bytes = (*planes)[static_cast<size_t>(p)];
    bytes.resize(static_cast<size_t>(stride) * static_cast<size_t>(h - 1) +
                 static_cast<size_t>(samples));
    for (int y = 0; y < h; ++y)
      for (int x = 0; x < samples; ++x)
        bytes[static_cast<size_t>(y * stride + x)] = static_cast<uint8_t>(pixel(p, y, x));
    out.planes[static_cast<size_t>(p)] = {bytes.data(), stride};
  }
  out.owner = planes;
  return out;
}

Frame random_frame(PixelFormat format, int width, int height, uint32_t seed, int padding = 0) {
  std::mt19937 random(seed);
  // Noise with hard edges: extremes are frequent, neighbours differ.
  return make_frame(
      format, width, height,
      [&](int, int, int) {
        const uint32_t r = random();
        return r % 5 == 0 ? 0u : r % 5 == 1 ? 255u : r >> 24;
      },
      padding);
}

std::vector<uint8_t> run(const Frame& frame, const Letterbox& box,
                         ChannelOrder order = ChannelOrder::rgb) {
  std::vector<uint8_t> out(static_cast<size_t>(box.input.width * box.input.height * 3), 7);
  letterbox_u8(frame, box, order, out.data());
  return out;
}

/// One axis by definition: outputs x samples, the share of each sample in each output.
cv::Mat reference_axis(int count, double pitch, double origin, int source, int outputs) {
  cv::Mat shares = cv::Mat::zeros(outputs, count, CV_64F);
  const double scale = static_cast<double>(source) / outputs;
  for (int j = 0; j < outputs; ++j) {
    const double at = std::clamp(((j + 0.5) * scale - origin) / pitch - 0.5, 0.0, count - 1.0);
    for (int i = 0; i < count; ++i) {
      // The outermost samples go on for ever.
      const double left = i == 0 ? -1e9 : origin + i * pitch;
      const double right = i == count - 1 ? 1e9 : origin + (i + 1) * pitch;
      const double overlap = std::min(right, (j + 1) * scale) - std::max(left, j * scale);
      shares.at<double>(j, i) =
          outputs < source ? std::max(0.0, overlap) / scale : std::max(0.0, 1 - std::abs(at - i));
    }
  }
  return shares;
}

/// Plane `p`, sample `offset` of each pixel, at the scaled size.
std::vector<double> reference_plane(const Frame& frame, const Letterbox& box, int p, int offset) {
  const auto [w, h] = media::plane_size(frame.format, frame.width, frame.height, p);
  const int step = media::samples_per_pixel(frame.format, p);
  const bool half_w = p > 0 && frame.format != PixelFormat::i444;
  const bool half_h = half_w && frame.format != PixelFormat::i422;
  const auto& plane = frame.planes[static_cast<size_t>(p)];
  cv::Mat samples(h, w, CV_64F);
  for (int y = 0; y < h; ++y)
    for (int x = 0; x < w; ++x)
      samples.at<double>(y, x) = plane.data[y * plane.stride + x * step + offset];
  const cv::Mat rows = reference_axis(h, half_h ? 2 : 1, 0, frame.height, box.scaled.height);
  const cv::Mat columns =
      reference_axis(w, half_w ? 2 : 1, half_w ? -0.5 : 0, frame.width, box.scaled.width);
  const cv::Mat out = rows * samples * columns.t();
  return {out.begin<double>(), out.end<double>()};
}

std::vector<uint8_t> reference(const Frame& frame, const Letterbox& box) {
  const size_t pixels = static_cast<size_t>(box.scaled.width * box.scaled.height);
  std::array<std::vector<double>, 3> channel;
  for (size_t c = 0; c < 3; ++c) {
    const int i = static_cast<int>(c);
    if (is_rgb(frame.format)) {
      channel[c] = reference_plane(frame, box, 0, frame.format == PixelFormat::rgb24 ? i : 2 - i);
    } else if (frame.format == PixelFormat::gray8) {
      channel[c] = c == 0 ? reference_plane(frame, box, 0, 0) : std::vector<double>(pixels, 128);
    } else if (frame.format == PixelFormat::nv12) {
      channel[c] = reference_plane(frame, box, c == 0 ? 0 : 1, c == 2 ? 1 : 0);
    } else {
      channel[c] = reference_plane(frame, box, i, 0);
    }
  }
  if (!is_rgb(frame.format)) {
    const YuvToRgb k = YuvToRgb::of(frame.matrix, frame.full_range);
    for (size_t i = 0; i < pixels; ++i) {
      const double y = k.luma * (channel[0][i] - k.black);
      const double u = channel[1][i] - 128;
      const double v = channel[2][i] - 128;
      channel[0][i] = y + k.red_v * v;
      channel[1][i] = y + k.green_u * u + k.green_v * v;
      channel[2][i] = y + k.blue_u * u;
    }
  }
  std::vector<uint8_t> out(static_cast<size_t>(box.input.width * box.input.height * 3),
                           Letterbox::kFill);
  for (int y = 0; y < box.scaled.height; ++y)
    for (int x = 0; x < box.scaled.width; ++x)
      for (size_t c = 0; c < 3; ++c) {
        const double value = channel[c][static_cast<size_t>(y * box.scaled.width + x)];
        out[static_cast<size_t>(((y + box.offset_y) * box.input.width + x + box.offset_x) * 3) +
            c] = static_cast<uint8_t>(std::lround(std::clamp(value, 0.0, 255.0)));
      }
  return out;
}

int max_difference(const std::vector<uint8_t>& a, const std::vector<uint8_t>& b) {
  EXPECT_EQ(a.size(), b.size());
  int most = 0;
  for (size_t i = 0; i < std::min(a.size(), b.size()); ++i)
    most = std::max(most, std::abs(a[i] - b[i]));
  return most;
}

struct Geometry {
  const char* name;
  geom::Size source;
  geom::Size input;
  bool stretch;
};

const Geometry kGeometries[] = {
    {"quarter of 360p", {320, 180}, {160, 96}, false},
    {"4:3", {256, 192}, {96, 64}, false},
    {"exact third", {96, 54}, {32, 18}, false},
    {"odd source", {355, 289}, {160, 96}, false},
    {"tall", {120, 331}, {160, 96}, false},
    {"wide as a slit", {641, 3}, {160, 96}, false},
    {"barely smaller", {101, 67}, {96, 64}, false},
    {"same size", {64, 48}, {64, 48}, false},
    {"larger", {33, 21}, {96, 64}, false},
    {"one pixel", {1, 1}, {32, 32}, false},
    {"two by one", {2, 1}, {17, 5}, false},
    {"into one pixel", {77, 55}, {1, 1}, false},
    {"stretched", {231, 100}, {96, 96}, true},
    {"stretched, wider and flatter", {40, 200}, {96, 64}, true},
};

Letterbox letterbox_of(const Geometry& g) {
  return g.stretch ? Letterbox::stretch(g.source, g.input) : Letterbox::fit(g.source, g.input);
}

TEST(Letterbox, EqualsTheReferenceInEveryFormat) {
  for (const Geometry& g : kGeometries) {
    const Letterbox box = letterbox_of(g);
    for (const PixelFormat format : kFormats) {
      SCOPED_TRACE(std::string(g.name) + ", format " + std::to_string(static_cast<int>(format)));
      Frame frame = random_frame(format, g.source.width, g.source.height, 1);
      EXPECT_LE(max_difference(run(frame, box), reference(frame, box)), 1);
      frame.matrix = ColorMatrix::bt709;
      frame.full_range = true;
      EXPECT_LE(max_difference(run(frame, box), reference(frame, box)), 1);
    }
  }
}

TEST(Letterbox, BothKernelSetsAgreeToTheBit) {
  const Kernels* fast = avx2_kernels();
  if (!fast) GTEST_SKIP() << "no AVX2 on this processor";
  for (const Geometry& g : kGeometries) {
    const Letterbox box = letterbox_of(g);
    for (const PixelFormat format : kFormats)
      for (const ChannelOrder order : {ChannelOrder::rgb, ChannelOrder::bgr}) {
        SCOPED_TRACE(std::string(g.name) + ", format " + std::to_string(static_cast<int>(format)));
        const Frame frame = random_frame(format, g.source.width, g.source.height, 2, 5);
        std::vector<uint8_t> a(static_cast<size_t>(box.input.width * box.input.height * 3), 1);
        std::vector<uint8_t> b(a.size(), 2);
        letterbox_u8_with(scalar_kernels(), frame, box, order, a.data());
        letterbox_u8_with(*fast, frame, box, order, b.data());
        EXPECT_EQ(a, b);
      }
  }
}

cv::Mat opencv_letterbox(const Frame& rgb, const Letterbox& box, int filter) {
  const cv::Mat source(rgb.height, rgb.width, CV_8UC3, const_cast<uint8_t*>(rgb.planes[0].data),
                       static_cast<size_t>(rgb.planes[0].stride));
  cv::Mat out(box.input.height, box.input.width, CV_8UC3,
              cv::Scalar(Letterbox::kFill, Letterbox::kFill, Letterbox::kFill));
  cv::Mat scaled;
  cv::resize(source, scaled, {box.scaled.width, box.scaled.height}, 0, 0, filter);
  scaled.copyTo(out({box.offset_x, box.offset_y, box.scaled.width, box.scaled.height}));
  return out;
}

// The detector was trained on pictures that OpenCV scaled.
TEST(Letterbox, EqualsOpenCvOnRgb) {
  for (const Geometry& g : kGeometries) {
    if (g.stretch) continue;
    SCOPED_TRACE(g.name);
    const Letterbox box = letterbox_of(g);
    const Frame frame = random_frame(PixelFormat::rgb24, g.source.width, g.source.height, 3);
    const cv::Mat want =
        opencv_letterbox(frame, box, box.scale < 1 ? cv::INTER_AREA : cv::INTER_LINEAR);
    EXPECT_LE(max_difference(run(frame, box), {want.datastart, want.dataend}), 1);
  }
}

struct ColorCase {
  const char* name;
  std::array<int, 3> yuv;
  ColorMatrix matrix;
  bool full_range;
  std::array<int, 3> rgb;
};

// 75 % and 100 % bars: BT.601 and BT.709 limited-range values as in Rec. ITU-R BT.801 and the
// SMPTE RP 219 table; full-range values from JFIF's equations.
const ColorCase kColors[] = {
    {"black", {16, 128, 128}, ColorMatrix::bt601, false, {0, 0, 0}},
    {"white", {235, 128, 128}, ColorMatrix::bt709, false, {255, 255, 255}},
    {"below black", {0, 128, 128}, ColorMatrix::bt709, false, {0, 0, 0}},
    {"above white", {255, 128, 128}, ColorMatrix::bt601, false, {255, 255, 255}},
    {"601 red", {81, 90, 240}, ColorMatrix::bt601, false, {254, 0, 0}},
    {"601 green", {145, 54, 34}, ColorMatrix::bt601, false, {0, 255, 1}},
    {"601 blue", {41, 240, 110}, ColorMatrix::bt601, false, {0, 0, 255}},
    {"709 red", {63, 102, 240}, ColorMatrix::bt709, false, {255, 1, 0}},
    {"709 green", {173, 42, 26}, ColorMatrix::bt709, false, {0, 255, 1}},
    {"709 blue", {32, 240, 118}, ColorMatrix::bt709, false, {1, 0, 255}},
    {"JFIF red", {76, 85, 255}, ColorMatrix::bt601, true, {254, 0, 0}},
    {"JFIF grey", {114, 128, 128}, ColorMatrix::bt601, true, {114, 114, 114}},
};

TEST(Letterbox, FlatColoursComeOutRight) {
  const Letterbox box = Letterbox::fit({40, 30}, {20, 15});
  for (const ColorCase& c : kColors) {
    SCOPED_TRACE(c.name);
    Frame frame = make_frame(PixelFormat::i420, 40, 30,
                             [&](int p, int, int) { return c.yuv[static_cast<size_t>(p)]; });
    frame.matrix = c.matrix;
    frame.full_range = c.full_range;
    const auto out = run(frame, box);
    for (size_t i = 0; i < out.size(); ++i) ASSERT_NEAR(out[i], c.rgb[i % 3], 1) << i;
  }
}

TEST(Letterbox, ColoursThereAndBack) {
  for (const ColorMatrix matrix : {ColorMatrix::bt601, ColorMatrix::bt709})
    for (const bool full : {false, true})
      for (const uint32_t rgb :
           {0x000000u, 0xffffffu, 0xff0000u, 0x00ff00u, 0x0000ffu, 0x12ab9cu}) {
        const auto yuv = yuv_of_rgb(rgb, matrix, full);
        const YuvToRgb k = YuvToRgb::of(matrix, full);
        const double y = k.luma * (yuv[0] - k.black);
        const double u = yuv[1] - 128.0;
        const double v = yuv[2] - 128.0;
        EXPECT_NEAR(y + k.red_v * v, rgb >> 16, 2);
        EXPECT_NEAR(y + k.green_u * u + k.green_v * v, (rgb >> 8) & 255, 2);
        EXPECT_NEAR(y + k.blue_u * u, rgb & 255, 2);
      }
}

TEST(Letterbox, BgrIsRgbSwapped) {
  const Letterbox box = Letterbox::fit({50, 40}, {32, 32});
  const Frame frame = random_frame(PixelFormat::nv12, 50, 40, 4);
  const auto rgb = run(frame, box, ChannelOrder::rgb);
  const auto bgr = run(frame, box, ChannelOrder::bgr);
  for (size_t i = 0; i < rgb.size(); i += 3) {
    ASSERT_EQ(rgb[i], bgr[i + 2]);
    ASSERT_EQ(rgb[i + 1], bgr[i + 1]);
    ASSERT_EQ(rgb[i + 2], bgr[i]);
  }
}

TEST(Letterbox, FillsAroundThePictureAndNothingElse) {
  const Letterbox box = Letterbox::fit({10, 30}, {33, 20});
  const Frame frame = make_frame(PixelFormat::gray8, 10, 30, [](int, int, int) { return 235; });
  std::vector<uint8_t> out(33 * 20 * 3 + 8, 7);
  letterbox_u8(frame, box, ChannelOrder::rgb, out.data() + 4);
  for (size_t i = 0; i < 4; ++i) {
    EXPECT_EQ(out[i], 7);
    EXPECT_EQ(out[out.size() - 1 - i], 7);
  }
  for (int y = 0; y < 20; ++y)
    for (int x = 0; x < 33; ++x) {
      const bool picture = x >= box.offset_x && x < box.offset_x + box.scaled.width &&
                           y >= box.offset_y && y < box.offset_y + box.scaled.height;
      ASSERT_EQ(out[static_cast<size_t>(4 + (y * 33 + x) * 3)], picture ? 255 : 114)
          << x << ' ' << y;
    }
}

TEST(Letterbox, ManySizesOnOneThreadStayRight) {
  // More than the tables kept, twice over.
  for (int round = 0; round < 2; ++round)
    for (int width = 30; width < 70; ++width) {
      const Letterbox box = Letterbox::fit({width, 31}, {32, 24});
      const Frame frame = random_frame(PixelFormat::i420, width, 31, static_cast<uint32_t>(width));
      ASSERT_LE(max_difference(run(frame, box), reference(frame, box)), 1) << width;
    }
}

}  // namespace
}  // namespace pasu::pixel
