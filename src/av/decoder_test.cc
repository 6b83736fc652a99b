#include "av/decoder.h"

#include <fstream>
#include <iterator>
#include <tuple>

#include <gmock/gmock.h>

#include "av/test_media.h"

namespace pasu::av {
namespace {

using media::PixelFormat;

class DecoderTest : public MediaTest {};

struct Clip {
  const char* name;
  size_t frames;
  PixelFormat format;
  int width, height;
};
const Clip kClips[] = {
    {"h264_aac.mp4", 75, PixelFormat::i420, 320, 240},
    {"h264_b.264", 75, PixelFormat::i420, 320, 240},
    {"h264.ts", 75, PixelFormat::i420, 320, 240},
    {"hevc.mp4", 50, PixelFormat::i420, 320, 240},
    {"mpeg4.avi", 50, PixelFormat::i420, 320, 240},
    {"msmpeg4.avi", 30, PixelFormat::i420, 768, 576},
    {"mjpeg.avi", 10, PixelFormat::i420, 320, 240},
    {"h264_10bit.mp4", 25, PixelFormat::i420, 320, 240},
    {"odd_444.mp4", 25, PixelFormat::i444, 321, 241},
    {"odd_mpeg4.avi", 25, PixelFormat::i420, 321, 241},
    {"picture.png", 1, PixelFormat::rgb24, 321, 241},
    {"picture.jpg", 1, PixelFormat::i420, 320, 240},
};

TEST_F(DecoderTest, EveryClipInOrder) {
  for (const Clip& clip : kClips) {
    SCOPED_TRACE(clip.name);
    const auto frames = decode_file(media_path(clip.name));
    ASSERT_EQ(frames.size(), clip.frames);
    for (size_t i = 0; i < frames.size(); ++i) {
      EXPECT_EQ(frames[i].format, clip.format);
      EXPECT_EQ(frames[i].width, clip.width);
      EXPECT_EQ(frames[i].height, clip.height);
      EXPECT_FALSE(frames[i].damaged);
      if (i > 0) {
        EXPECT_GT(frames[i].pts, frames[i - 1].pts);
      }
    }
    EXPECT_TRUE(frames[0].key);
  }
}

TEST_F(DecoderTest, PicturesSayHowTheyWereHeld) {
  std::ifstream file(media_path("picture.jpg"), std::ios::binary);
  const std::string jpeg(std::istreambuf_iterator<char>(file), {});
  // EXIF 2.32 4.6.4 A: 6 is to be turned clockwise by 90 degrees; 2, 4, 5 and 7 are mirrored too.
  constexpr int kDegrees[] = {0, 0, 180, 180, 90, 90, 270, 270};
  for (char orientation = 1; orientation <= 8; ++orientation) {
    const std::string path = scratch("held.jpg");
    std::ofstream(path, std::ios::binary) << with_orientation(jpeg, orientation);
    const auto frames = decode_file(path);
    ASSERT_EQ(frames.size(), 1u);
    EXPECT_EQ(frames[0].rotation, kDegrees[orientation - 1]) << int{orientation};
  }
  EXPECT_EQ(decode_file(media_path("picture.jpg")).at(0).rotation, 0);
}

TEST_F(DecoderTest, SaysHowSamplesAreToBeRead) {
  const auto full = decode_file(media_path("bt709_full.mp4"));
  ASSERT_FALSE(full.empty());
  EXPECT_EQ(full[0].matrix, media::ColorMatrix::bt709);
  EXPECT_TRUE(full[0].full_range);
  const auto plain = decode_file(media_path("h264.ts"));
  ASSERT_FALSE(plain.empty());
  EXPECT_EQ(plain[0].matrix, media::ColorMatrix::bt601);
  EXPECT_FALSE(plain[0].full_range);
  const auto jpeg = decode_file(media_path("picture.jpg"));
  ASSERT_FALSE(jpeg.empty());
  EXPECT_EQ(jpeg[0].matrix, media::ColorMatrix::bt601);
  EXPECT_TRUE(jpeg[0].full_range);
}

TEST_F(DecoderTest, FramesOutliveTheDecoder) {
  auto frames = decode_file(media_path("h264_aac.mp4"));  // The decoder is gone by now.
  const auto copy = frames[10].share();
  const uint64_t hash = hash_pixels(frames[10]);
  frames.clear();
  EXPECT_EQ(hash_pixels(copy), hash);
}

TEST_F(DecoderTest, ThreadsGiveTheSamePictures) {
  auto demuxer = open_input(media_path("h264_aac.mp4"));
  const media::StreamInfo stream = *find_video(demuxer->info());
  const auto units = read_units(*demuxer, stream.index);
  const auto one = hashes(decode_units(stream, units));
  EXPECT_EQ(hashes(decode_units(stream, units, {.threads = 3})), one);
  // Without the loop filter there are as many, but coarser.
  const auto coarse = hashes(decode_units(stream, units, {.skip_loop_filter = true}));
  EXPECT_EQ(coarse.size(), one.size());
  EXPECT_NE(coarse, one);
}

TEST_F(DecoderTest, SizeChangesInTheMiddle) {
  const auto frames = decode_file(media_path("size_change.264"));
  ASSERT_EQ(frames.size(), 100u);
  EXPECT_EQ(frames[74].width, 320);
  EXPECT_EQ(frames[75].width, 160);
  EXPECT_EQ(frames[75].height, 120);
  for (size_t i = 1; i < frames.size(); ++i) EXPECT_GT(frames[i].pts, frames[i - 1].pts);
}

// One unit's trouble stays its own: the decoder goes on, and what it patched says so.
TEST_F(DecoderTest, DamageIsFlaggedAndPasses) {
  auto demuxer = open_input(media_path("h264.ts"));
  const media::StreamInfo stream = *find_video(demuxer->info());
  auto units = read_units(*demuxer, stream.index);
  std::vector<uint8_t> broken(units[10].data.view().begin(), units[10].data.view().end());
  for (size_t i = broken.size() / 3; i < broken.size(); ++i) broken[i] = 0xa5;
  units[10].data = Bytes::copy(broken);
  units[30].data = Bytes::copy(as_bytes("no picture at all"));
  units[31].data = {};
  int errors = 0;
  const auto frames = decode_units(stream, units, {}, &errors);
  EXPECT_GE(errors, 1);
  EXPECT_GE(frames.size(), 72u);
  EXPECT_TRUE(std::any_of(frames.begin(), frames.end(), [](auto& f) { return f.damaged; }));
  EXPECT_FALSE(frames.back().damaged);
  // From the next key frame on the pictures are whole again.
  const auto clean = decode_file(media_path("h264.ts"));
  EXPECT_EQ(hash_pixels(frames.back()), hash_pixels(clean.back()));
}

TEST_F(DecoderTest, FlushForgets) {
  auto demuxer = open_input(media_path("h264_aac.mp4"));
  const media::StreamInfo stream = *find_video(demuxer->info());
  const auto units = read_units(*demuxer, stream.index);
  auto decoder = VideoDecoder::create(stream);
  ASSERT_TRUE(decoder);
  const auto decode = [&] {
    std::vector<uint64_t> out;
    for (const auto& unit : units) {
      EXPECT_TRUE((*decoder)->push(unit));
      for (auto frame = (*decoder)->take(); frame && *frame; frame = (*decoder)->take())
        out.push_back(hash_pixels(**frame));
    }
    return out;
  };
  const auto first = decode();
  (*decoder)->flush();
  EXPECT_EQ(decode(), first);
  (*decoder)->finish();
  (*decoder)->flush();  // A flush also takes back the finish.
  EXPECT_EQ(decode(), first);
}

// A few bytes that promise gigabytes a picture.
TEST(Decoder, RefusesGiantPictures) {
  // SOI, SOF0 of 65500x65500 in three components, EOI.
  const uint8_t jpeg[] = {0xff, 0xd8, 0xff, 0xc0, 0x00, 0x11, 0x08, 0xff, 0xdc, 0xff, 0xdc, 0x03,
                          0x01, 0x22, 0x00, 0x02, 0x11, 0x01, 0x03, 0x11, 0x01, 0xff, 0xd9};
  // Baseline SPS of 4095x4095 macroblocks = 65520x65520, PPS, the head of an IDR slice.
  const uint8_t h264[] = {0x00, 0x00, 0x00, 0x01, 0x67, 0x42, 0x00, 0x33, 0xda, 0x00,
                          0x0f, 0xff, 0x00, 0x1f, 0xff, 0x90, 0x00, 0x00, 0x00, 0x01,
                          0x68, 0xce, 0x3c, 0x80, 0x00, 0x00, 0x00, 0x01, 0x65, 0x88,
                          0x84, 0xf8, 0x9a, 0x9a, 0x9a, 0x9a, 0x9a, 0x9a, 0x9a, 0x9a};
  for (const auto& [codec, bytes, size] : {std::tuple{media::Codec::mjpeg, ByteView(jpeg), "65500"},
                                           {media::Codec::h264, ByteView(h264), "65520"}}) {
    media::StreamInfo stream;
    stream.codec = codec;
    auto decoder = VideoDecoder::create(stream);
    ASSERT_TRUE(decoder) << decoder.error().message();
    media::AccessUnit unit;
    unit.data = Bytes::copy(bytes);
    auto pushed = (*decoder)->push(unit);
    ASSERT_FALSE(pushed);
    EXPECT_EQ(pushed.error().code(), Errc::too_large) << pushed.error().message();
    EXPECT_THAT(pushed.error().message(), testing::HasSubstr(size));
  }
}

TEST(Decoder, RefusesWhatItCannot) {
  media::StreamInfo stream;
  stream.codec_name = "nonsense";
  auto decoder = VideoDecoder::create(stream);
  ASSERT_FALSE(decoder);
  EXPECT_EQ(decoder.error().code(), Errc::unsupported);
  stream.codec = media::Codec::aac;
  EXPECT_FALSE(VideoDecoder::create(stream));
}

}  // namespace
}  // namespace pasu::av
