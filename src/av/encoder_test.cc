#include "av/encoder.h"

#include <cmath>
#include <thread>

#include <gmock/gmock.h>

#include "av/muxer.h"
#include "av/test_media.h"
#include "bits/configuration_record.h"
#include "bits/h264_sps.h"

namespace pasu::av {
namespace {

using media::ColorMatrix;
using media::PixelFormat;
using std::chrono::milliseconds;

// Every sample of each plane has one value.
media::Frame flat(PixelFormat format, int width, int height, std::array<uint8_t, 3> values) {
  media::Frame frame;
  frame.width = width;
  frame.height = height;
  frame.format = format;
  auto pixels = std::make_shared<std::vector<std::vector<uint8_t>>>();
  const bool packed = format == PixelFormat::rgb24 || format == PixelFormat::bgr24;
  const int planes = packed || format == PixelFormat::gray8 ? 1 : 3;
  for (int i = 0; i < planes; ++i) {
    const auto [w, h] = plane_size(format, width, height, i);
    auto& plane = pixels->emplace_back();
    if (packed) {
      for (int n = 0; n < w * h; ++n) plane.insert(plane.end(), values.begin(), values.end());
    } else {
      plane.assign(static_cast<size_t>(w) * h, values[i]);
    }
    frame.planes[i] = {plane.data(), packed ? w * 3 : w};
  }
  frame.owner = std::move(pixels);
  return frame;
}

// The sample in the middle of each plane.
std::array<int, 3> middle(const media::Frame& frame) {
  std::array<int, 3> out{};
  for (int i = 0; i < 3 && frame.planes[i].data != nullptr; ++i) {
    const auto [w, h] = plane_size(frame.format, frame.width, frame.height, i);
    out[i] = frame.planes[i].data[std::ptrdiff_t{h / 2} * frame.planes[i].stride + w / 2];
  }
  return out;
}

void expect_near(const std::array<int, 3>& got, const std::array<int, 3>& want, int by) {
  for (int i = 0; i < 3; ++i) EXPECT_NEAR(got[i], want[i], by) << "plane " << i;
}

struct Encoded {
  media::StreamInfo stream;
  std::vector<media::AccessUnit> units;
};

Encoded encode(const H264EncoderOptions& options, const std::vector<media::Frame>& frames) {
  Encoded out;
  auto encoder = H264Encoder::create(options);
  EXPECT_TRUE(encoder) << encoder.error().message();
  if (!encoder) return out;
  out.stream = (*encoder)->stream();
  const auto drain = [&] {
    for (;;) {
      auto unit = (*encoder)->take();
      EXPECT_TRUE(unit) << unit.error().message();
      if (!unit || !*unit) return;
      out.units.push_back(std::move(**unit));
    }
  };
  for (const media::Frame& frame : frames) {
    auto pushed = (*encoder)->push(frame);
    EXPECT_TRUE(pushed) << pushed.error().message();
    drain();
  }
  (*encoder)->finish();
  drain();
  return out;
}

double psnr(const media::Frame& a, const media::Frame& b) {
  double sum = 0;
  for (int y = 0; y < a.height; ++y)
    for (int x = 0; x < a.width; ++x) {
      const double d = a.planes[0].data[std::ptrdiff_t{y} * a.planes[0].stride + x] -
                       b.planes[0].data[std::ptrdiff_t{y} * b.planes[0].stride + x];
      sum += d * d;
    }
  return 10 * std::log10(255.0 * 255 * a.width * a.height / sum);
}

class EncoderTest : public MediaTest {};

TEST_F(EncoderTest, PicturesAndTimesComeBack) {
  const auto frames = decode_file(media_path("vfr.mkv"));
  for (const bool live : {false, true}) {
    SCOPED_TRACE(live);
    const auto encoded = encode({.width = 320, .height = 240, .crf = 18, .live = live}, frames);
    ASSERT_EQ(encoded.units.size(), frames.size());
    EXPECT_TRUE(encoded.units[0].key);
    for (size_t i = 1; i < encoded.units.size(); ++i) {
      EXPECT_GT(encoded.units[i].dts, encoded.units[i - 1].dts);
      EXPECT_GE(encoded.units[i].pts, encoded.units[i].dts);
      if (live) {
        EXPECT_GT(encoded.units[i].pts, encoded.units[i - 1].pts) << "a B frame";
      }
    }
    const auto decoded = decode_units(encoded.stream, encoded.units);
    ASSERT_EQ(decoded.size(), frames.size());
    for (size_t i = 0; i < frames.size(); ++i) {
      EXPECT_EQ(decoded[i].pts, frames[i].pts);
      EXPECT_GT(psnr(decoded[i], frames[i]), 35);
    }
  }
}

TEST_F(EncoderTest, LiveAnswersEachFrameAtOnce) {
  const auto frames = decode_file(media_path("h264.ts"));
  auto encoder = H264Encoder::create({.width = 320, .height = 240, .live = true, .threads = 1});
  ASSERT_TRUE(encoder);
  for (size_t i = 0; i < 10; ++i) {
    ASSERT_TRUE((*encoder)->push(frames[i], i == 6));
    auto unit = (*encoder)->take();
    ASSERT_TRUE(unit);
    ASSERT_TRUE(*unit);
    EXPECT_EQ((*unit)->pts, frames[i].pts);
    EXPECT_EQ((*unit)->key, i == 0 || i == 6);
  }
}

TEST_F(EncoderTest, StreamDescribesItself) {
  auto encoder =
      H264Encoder::create({.width = 321, .height = 241, .frame_rate = 12.5, .full_range = true});
  ASSERT_TRUE(encoder);
  const auto& stream = (*encoder)->stream();
  EXPECT_EQ(stream.width, 320);
  EXPECT_EQ(stream.height, 240);
  EXPECT_EQ(stream.profile, "High, level 1.2");
  auto record = bits::parse_avcc(stream.extradata);
  ASSERT_TRUE(record) << record.error().message();
  auto sps = bits::parse_h264_sps(record->units.at(0).bytes);
  ASSERT_TRUE(sps) << sps.error().message();
  EXPECT_EQ(sps->info.width, 320);
  EXPECT_NEAR(sps->info.frame_rate, 12.5, 0.001);
  EXPECT_TRUE(sps->info.full_range);
  EXPECT_EQ(sps->info.matrix_coefficients, 6);  // SMPTE 170M, which is BT.601
}

// Colours keep their meaning whatever the frame's format, range, matrix and size. Red (255, 0, 0)
// is 81, 90, 240 in limited BT.601 and 63, 102, 240 in limited BT.709 (ITU-R BT.601, BT.709).
TEST_F(EncoderTest, ColoursAreConverted) {
  const std::array<int, 3> red601{81, 90, 240}, red709{63, 102, 240};
  auto rgb = flat(PixelFormat::rgb24, 320, 240, {255, 0, 0});
  rgb.full_range = true;
  auto bgr = flat(PixelFormat::bgr24, 640, 480, {0, 0, 255});
  auto full = flat(PixelFormat::i420, 320, 240, {76, 85, 255});  // JFIF red
  full.full_range = true;
  auto hd = flat(PixelFormat::i444, 320, 240, {63, 102, 240});
  hd.matrix = ColorMatrix::bt709;
  auto plain = flat(PixelFormat::i420, 321, 241, {81, 90, 240});
  for (media::Frame* frame : {&rgb, &bgr, &full, &hd, &plain}) {
    SCOPED_TRACE(static_cast<int>(frame->format));
    std::vector<media::Frame> one;
    one.push_back(frame->share());
    const auto encoded = encode({.width = 320, .height = 240, .crf = 10}, one);
    const auto decoded = decode_units(encoded.stream, encoded.units);
    ASSERT_EQ(decoded.size(), 1u);
    EXPECT_EQ(decoded[0].matrix, ColorMatrix::bt601);
    expect_near(middle(decoded[0]), red601, 3);
    const auto as_hd =
        encode({.width = 320, .height = 240, .crf = 10, .matrix = ColorMatrix::bt709}, one);
    const auto decoded_hd = decode_units(as_hd.stream, as_hd.units);
    ASSERT_EQ(decoded_hd.size(), 1u);
    EXPECT_EQ(decoded_hd[0].matrix, ColorMatrix::bt709);
    expect_near(middle(decoded_hd[0]), red709, 3);
  }
}

TEST(Encoder, RefusesFramesThatGoBack) {
  auto encoder = H264Encoder::create({.width = 64, .height = 64});
  ASSERT_TRUE(encoder);
  auto frame = flat(PixelFormat::i420, 64, 64, {100, 128, 128});
  frame.pts = milliseconds(40);
  EXPECT_TRUE((*encoder)->push(frame));
  auto again = (*encoder)->push(frame);
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code(), Errc::invalid_argument);
  frame.pts = milliseconds(80);
  EXPECT_TRUE((*encoder)->push(frame));
}

TEST(Encoder, RefusesNonsense) {
  for (const auto& options : {H264EncoderOptions{.width = 1, .height = 240},
                              {.width = 320, .height = 0},
                              {.width = 320, .height = 240, .frame_rate = 0},
                              {.width = -320, .height = 240}}) {
    auto encoder = H264Encoder::create(options);
    ASSERT_FALSE(encoder);
    EXPECT_EQ(encoder.error().code(), Errc::invalid_argument) << encoder.error().message();
  }
}

media::Frame decode_jpeg(const Bytes& bytes) {
  media::StreamInfo stream;
  stream.codec = media::Codec::mjpeg;
  media::AccessUnit unit;
  unit.data = bytes;
  unit.key = true;
  auto frames = decode_units(stream, {unit});
  EXPECT_EQ(frames.size(), 1u);
  return frames.empty() ? media::Frame() : std::move(frames[0]);
}

// JFIF red is 76, 85, 255.
TEST(Jpeg, ColoursAreConverted) {
  auto hd = flat(PixelFormat::i420, 320, 180, {63, 102, 240});
  hd.matrix = ColorMatrix::bt709;
  auto full = flat(PixelFormat::i420, 320, 180, {76, 85, 255});
  full.full_range = true;
  for (const auto& frame :
       {flat(PixelFormat::i420, 320, 180, {81, 90, 240}).share(), hd.share(), full.share(),
        flat(PixelFormat::rgb24, 319, 181, {255, 0, 0}).share()}) {
    for (const int width : {0, 160}) {
      auto jpeg = encode_jpeg(frame, 95, width);
      ASSERT_TRUE(jpeg) << jpeg.error().message();
      const auto back = decode_jpeg(*jpeg);
      EXPECT_EQ(back.width, width == 0 ? frame.width : width);
      EXPECT_NEAR(static_cast<double>(back.height) / back.width,
                  static_cast<double>(frame.height) / frame.width, 0.01);
      EXPECT_TRUE(back.full_range);
      expect_near(middle(back), {76, 85, 255}, 3);
    }
  }
}

TEST(Jpeg, QualityGovernsSize) {
  // A checkerboard of noise.
  auto pixels = std::make_shared<std::vector<uint8_t>>(320 * 240);
  uint32_t seed = 1;
  for (auto& value : *pixels)
    value = static_cast<uint8_t>((seed = seed * 1664525 + 1013904223) >> 24);
  media::Frame frame;
  frame.width = 320;
  frame.height = 240;
  frame.format = PixelFormat::gray8;
  frame.planes[0] = {pixels->data(), 320};
  frame.owner = pixels;
  size_t last = 0;
  for (const int quality : {5, 25, 50, 75, 85, 95}) {
    auto jpeg = encode_jpeg(frame, quality);
    ASSERT_TRUE(jpeg);
    EXPECT_GT(jpeg->size(), last) << quality;
    last = jpeg->size();
  }
}

TEST(Jpeg, RefusesNothing) {
  EXPECT_FALSE(encode_jpeg({}));
  EXPECT_FALSE(encode_jpeg(flat(PixelFormat::i420, 8, 8, {0, 0, 0}), 85, -1));
  EXPECT_TRUE(encode_jpeg(flat(PixelFormat::i420, 1, 1, {9, 9, 9}), 85));
  EXPECT_TRUE(encode_jpeg(flat(PixelFormat::i420, 640, 1, {9, 9, 9}), 85, 8));
}

TEST(Jpeg, ManyThreadsAtOnce) {
  const auto frame = flat(PixelFormat::i420, 320, 240, {81, 90, 240});
  const auto alone = encode_jpeg(frame, 80, 160);
  ASSERT_TRUE(alone);
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i)
    threads.emplace_back([&] {
      for (int n = 0; n < 20; ++n) {
        const auto jpeg = encode_jpeg(frame, 80, 160);
        ASSERT_TRUE(jpeg);
        EXPECT_EQ(jpeg->size(), alone->size());
      }
    });
  for (auto& thread : threads) thread.join();
}

}  // namespace
}  // namespace pasu::av
