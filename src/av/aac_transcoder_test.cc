#include "av/aac_transcoder.h"

#include <cmath>
#include <cstring>
#include <numbers>

#include <gmock/gmock.h>

#include "av/test_media.h"
#include "bits/aac_config.h"

namespace pasu::av {
namespace {

using std::chrono::milliseconds;

// 20 ms of mu-law silence, or of something loud.
media::AccessUnit pcmu(media::Pts pts, bool loud = false) {
  std::vector<uint8_t> samples(160, 0xFF);
  if (loud)
    for (size_t i = 0; i < samples.size(); ++i) samples[i] = i % 8 < 4 ? 0x00 : 0x80;
  media::AccessUnit unit;
  unit.data = Bytes::copy(samples);
  unit.pts = unit.dts = pts;
  unit.key = true;
  return unit;
}

media::StreamInfo pcmu_stream() {
  media::StreamInfo stream;
  stream.kind = media::MediaKind::audio;
  stream.codec = media::Codec::pcmu;
  stream.codec_name = media::to_string(stream.codec);
  stream.sample_rate = 8000;
  stream.channels = 1;
  return stream;
}

std::vector<media::AccessUnit> take_all(AacTranscoder& transcoder) {
  std::vector<media::AccessUnit> out;
  for (;;) {
    auto unit = transcoder.take();
    EXPECT_TRUE(unit) << unit.error().message();
    if (!unit || !*unit) return out;
    out.push_back(std::move(**unit));
  }
}

TEST(AacTranscoder, TellsWhatItMakes) {
  const auto transcoder = AacTranscoder::create(pcmu_stream());
  ASSERT_TRUE(transcoder) << transcoder.error().message();
  const media::StreamInfo& stream = (*transcoder)->stream();
  EXPECT_EQ(stream.codec, media::Codec::aac);
  EXPECT_EQ(stream.sample_rate, 8000);
  EXPECT_EQ(stream.channels, 1);
  const auto config = bits::parse_aac_config(stream.extradata);
  ASSERT_TRUE(config) << config.error().message();
  EXPECT_EQ(config->sample_rate, 8000);
}

TEST(AacTranscoder, TimesFollowTheSource) {
  auto transcoder = AacTranscoder::create(pcmu_stream());
  ASSERT_TRUE(transcoder) << transcoder.error().message();
  for (int i = 0; i < 100; ++i) ASSERT_TRUE((*transcoder)->push(pcmu(milliseconds(5000 + 20 * i))));
  (*transcoder)->finish();
  const auto units = take_all(**transcoder);
  ASSERT_GT(units.size(), 10u);
  // The encoder's own delay of one frame (1024 samples) comes before the first sample.
  EXPECT_EQ(units.front().pts, milliseconds(5000 - 128));
  for (size_t i = 1; i < units.size(); ++i)
    EXPECT_EQ(units[i].pts - units[i - 1].pts, milliseconds(128));
  EXPECT_NEAR(media::to_seconds(units.back().pts + units.back().duration), 7.0, 0.13);
}

TEST(AacTranscoder, AGapBecomesSilence) {
  auto transcoder = AacTranscoder::create(pcmu_stream());
  ASSERT_TRUE(transcoder) << transcoder.error().message();
  for (int i = 0; i < 50; ++i) ASSERT_TRUE((*transcoder)->push(pcmu(milliseconds(20 * i), true)));
  for (int i = 0; i < 50; ++i)
    ASSERT_TRUE((*transcoder)->push(pcmu(milliseconds(4000 + 20 * i), true)));
  (*transcoder)->finish();
  const auto units = take_all(**transcoder);
  ASSERT_FALSE(units.empty());
  size_t loud = 0, quiet = 0;
  for (const auto& unit : units) {
    const double at = media::to_seconds(unit.pts);
    if (at > 0.2 && at < 0.7) loud = std::max(loud, unit.data.size());
    if (at > 1.5 && at < 3.5) quiet = std::max(quiet, unit.data.size());
  }
  EXPECT_GT(loud, 4 * quiet);
  EXPECT_NEAR(media::to_seconds(units.back().pts + units.back().duration), 5.0, 0.13);
}

TEST(AacTranscoder, WhatNobodyDecodesIsSaid) {
  media::StreamInfo stream = pcmu_stream();
  stream.codec = media::Codec::other;
  stream.codec_name = "brown noise";
  const auto transcoder = AacTranscoder::create(stream);
  ASSERT_FALSE(transcoder);
  EXPECT_EQ(transcoder.error().code(), Errc::unsupported);
}

TEST(AacTranscoder, ABrokenUnitIsOneError) {
  auto stream = pcmu_stream();
  stream.codec = media::Codec::mp3;
  stream.codec_name = "mp3";
  auto transcoder = AacTranscoder::create(stream);
  ASSERT_TRUE(transcoder) << transcoder.error().message();
  media::AccessUnit junk;
  junk.data = Bytes::copy(as_bytes("this is no sound at all, whatever it says"));
  EXPECT_FALSE((*transcoder)->push(junk));
  (*transcoder)->finish();
  EXPECT_TRUE(take_all(**transcoder).empty());
}

}  // namespace
}  // namespace pasu::av
