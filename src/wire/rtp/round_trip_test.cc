// What a Packetizer makes, the Depacketizer of its own format takes back, byte for byte.
#include <cmath>
#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "wire/rtp/test_rtp.h"

namespace pasu::rtp {
namespace {

struct Pair {
  std::unique_ptr<Packetizer> packetizer;
  std::unique_ptr<Depacketizer> depacketizer;
};

Pair make_pair(const media::StreamInfo& stream, PacketizerOptions options = {}) {
  auto format = format_of(stream);
  EXPECT_TRUE(format) << format.error().message();
  options.payload_type = format->payload_type;
  auto packetizer = Packetizer::create(stream, options);
  EXPECT_TRUE(packetizer) << packetizer.error().message();
  auto depacketizer = make_depacketizer(*format);
  EXPECT_TRUE(depacketizer) << depacketizer.error().message();
  return {std::move(*packetizer), std::move(*depacketizer)};
}

using Random = std::mt19937;

size_t random_size(Random& random, size_t max) {
  // As many small as large ones.
  const double exponent = std::uniform_real_distribution<>(0, std::log2(double(max)))(random);
  return static_cast<size_t>(std::exp2(exponent));
}

Data random_h264(Random& random, bool key) {
  Data all;
  if (key) all = prefixed({kSps, kPps});
  const size_t slices = 1 + random() % 3;
  for (size_t i = 0; i < slices; ++i) {
    const uint8_t header = key ? 0x65 : 0x41;
    const Data slice = nal({header}, 3 + random_size(random, 30'000), static_cast<uint8_t>(i));
    const Data one = prefixed({slice});
    all.insert(all.end(), one.begin(), one.end());
  }
  return all;
}

TEST(RoundTrip, H264_6184) {
  Random random(1);
  for (const size_t packet_bytes_max : {256u, 1400u, 9000u}) {
    Pair pair = make_pair(h264_stream(), {.packet_bytes_max = packet_bytes_max});
    EXPECT_TRUE(pair.depacketizer->ready());
    for (int i = 0; i < 200; ++i) {
      const bool key = i % 20 == 0;
      const media::Pts pts = ticks_to_pts(i * 3600, 90'000);
      const Data data = random_h264(random, key);
      const auto batch = pair.packetizer->push(unit_of(data, pts, key));
      ASSERT_TRUE(batch) << batch.error().message();
      for (size_t k = 0; k < batch->size(); ++k) {
        ASSERT_LE(batch->packet(k).size(), packet_bytes_max);
      }
      feed(*pair.depacketizer, *batch);
      const auto unit = pair.depacketizer->take();
      ASSERT_TRUE(unit);
      EXPECT_EQ(bytes_of(unit->data), data);
      EXPECT_EQ(unit->pts, pts);
      EXPECT_EQ(unit->key, key);
      ASSERT_FALSE(pair.depacketizer->take());
    }
    EXPECT_EQ(pair.depacketizer->units_dropped(), 0u);
    EXPECT_EQ(pair.depacketizer->changes(), 0u);
  }
}

TEST(RoundTrip, AacHbr_3640) {
  Random random(2);
  for (const size_t packet_bytes_max : {256u, 1400u}) {
    Pair pair = make_pair(audio_stream(media::Codec::aac, 48'000, 1, "1188"),
                          {.packet_bytes_max = packet_bytes_max});
    EXPECT_EQ(pair.depacketizer->stream_info().sample_rate, 48'000);
    for (int i = 0; i < 300; ++i) {
      const media::Pts pts = ticks_to_pts(i * 1024, 48'000);
      const Data data = nal({0x21}, random_size(random, 8191));
      const auto batch = pair.packetizer->push(unit_of(data, pts, true));
      ASSERT_TRUE(batch) << batch.error().message();
      feed(*pair.depacketizer, *batch);
      const auto unit = pair.depacketizer->take();
      ASSERT_TRUE(unit);
      EXPECT_EQ(bytes_of(unit->data), data);
      EXPECT_EQ(unit->pts, pts);
      EXPECT_EQ(unit->duration, ticks_to_pts(1024, 48'000));
    }
  }
}

TEST(RoundTrip, H265_7798) {
  Random random(3);
  for (const size_t packet_bytes_max : {256u, 1400u, 9000u}) {
    Pair pair = make_pair(h265_stream(), {.packet_bytes_max = packet_bytes_max});
    EXPECT_TRUE(pair.depacketizer->ready());
    EXPECT_EQ(pair.depacketizer->stream_info().width, 320);
    for (int i = 0; i < 200; ++i) {
      const bool key = i % 20 == 0;
      Data data = key ? prefixed({kVps265, kSps265, kPps265}) : Data();
      const size_t slices = 1 + random() % 3;
      for (size_t k = 0; k < slices; ++k) {
        const uint8_t header = key ? 19 << 1 : 1 << 1;
        const Data one = prefixed({nal({header, 1}, 4 + random_size(random, 30'000))});
        data.insert(data.end(), one.begin(), one.end());
      }
      const media::Pts pts = ticks_to_pts(i * 3600, 90'000);
      const auto batch = pair.packetizer->push(unit_of(data, pts, key));
      ASSERT_TRUE(batch) << batch.error().message();
      for (size_t k = 0; k < batch->size(); ++k) {
        ASSERT_LE(batch->packet(k).size(), packet_bytes_max);
      }
      feed(*pair.depacketizer, *batch);
      const auto unit = pair.depacketizer->take();
      ASSERT_TRUE(unit);
      EXPECT_EQ(bytes_of(unit->data), data);
      EXPECT_EQ(unit->pts, pts);
      EXPECT_EQ(unit->key, key);
    }
    EXPECT_EQ(pair.depacketizer->units_dropped(), 0u);
  }
}

// One packet a unit: PCMU, PCMA and Opus.
TEST(RoundTrip, Plain_3551_7587) {
  Random random(4);
  for (const auto codec : {media::Codec::pcmu, media::Codec::pcma, media::Codec::opus}) {
    const bool opus = codec == media::Codec::opus;
    Pair pair = make_pair(audio_stream(codec, opus ? 48'000 : 8000, opus ? 2 : 1));
    int64_t time = 0;
    for (int i = 0; i < 100; ++i) {
      Data data = nal({uint8_t(opus ? 0xfc : 0x55)}, 1 + random_size(random, 1000));
      const int rate = opus ? 48'000 : 8000;
      const auto batch = pair.packetizer->push(unit_of(data, ticks_to_pts(time, rate)));
      ASSERT_TRUE(batch) << batch.error().message();
      ASSERT_EQ(batch->size(), 1u);
      feed(*pair.depacketizer, *batch);
      const auto unit = pair.depacketizer->take();
      ASSERT_TRUE(unit);
      EXPECT_EQ(bytes_of(unit->data), data);
      EXPECT_EQ(unit->pts, ticks_to_pts(time, rate));
      const int64_t ticks = opus ? 960 : static_cast<int64_t>(data.size());
      EXPECT_EQ(unit->duration, ticks_to_pts(ticks, rate));
      time += ticks;
    }
  }
}

TEST(RoundTrip, LongPcmGoesInSteps_3551) {
  Pair pair = make_pair(audio_stream(media::Codec::pcma, 8000, 1));
  const Data data = nal({1}, 4000);
  const auto batch = pair.packetizer->push(unit_of(data, std::chrono::seconds(1)));
  ASSERT_TRUE(batch);
  ASSERT_EQ(batch->size(), 3u);
  feed(*pair.depacketizer, *batch);
  Data together;
  media::Pts next = std::chrono::seconds(1);
  while (const auto unit = pair.depacketizer->take()) {
    EXPECT_EQ(unit->pts, next);
    next += unit->duration;
    together.insert(together.end(), unit->data.data(), unit->data.data() + unit->data.size());
  }
  EXPECT_EQ(together, data);
}

TEST(RoundTrip, MpegAudio_2250) {
  // MPEG-1 layer III, 128 kbit/s, 44.1 kHz: 417 bytes; and 320 kbit/s at 48 kHz: 960 bytes.
  Random random(5);
  for (const size_t packet_bytes_max : {256u, 1400u}) {
    Pair pair = make_pair(audio_stream(media::Codec::mp3, 44'100, 2),
                          {.packet_bytes_max = packet_bytes_max});
    for (int i = 0; i < 50; ++i) {
      const bool big = i >= 25;
      const Data data =
          big ? nal({0xff, 0xfb, 0xe4, 0x00}, 960) : nal({0xff, 0xfb, 0x90, 0x00}, 417);
      const auto batch = pair.packetizer->push(unit_of(data, ticks_to_pts(i * 2351, 90'000)));
      ASSERT_TRUE(batch) << batch.error().message();
      feed(*pair.depacketizer, *batch);
      const auto unit = pair.depacketizer->take();
      ASSERT_TRUE(unit);
      EXPECT_EQ(bytes_of(unit->data), data);
      EXPECT_EQ(pair.depacketizer->stream_info().sample_rate, big ? 48'000 : 44'100);
    }
    EXPECT_EQ(pair.depacketizer->changes(), 2u);
  }
}

media::StreamInfo metadata_stream() {
  media::StreamInfo info;
  info.codec_name = kOnvifMetadata;
  return info;
}

TEST(RoundTrip, OnvifMetadata) {
  Random random(6);
  Pair pair = make_pair(metadata_stream());
  for (int i = 0; i < 100; ++i) {
    Data data = hex("3c");  // '<'
    data.resize(1 + random_size(random, 20'000), 'x');
    const auto batch = pair.packetizer->push(unit_of(data, ticks_to_pts(i * 9000, 90'000)));
    ASSERT_TRUE(batch) << batch.error().message();
    feed(*pair.depacketizer, *batch);
    const auto unit = pair.depacketizer->take();
    ASSERT_TRUE(unit);
    EXPECT_EQ(bytes_of(unit->data), data);
  }
}

// A file of what RFC 2435 can carry; the scan is no picture.
Data jpeg(uint8_t sampling, uint16_t restart_interval, size_t scan_bytes) {
  Data file = hex("ffd8ffe000044a46");  // SOI, an application segment
  for (const uint8_t table : {0, 1}) {
    file.insert(file.end(), {0xff, 0xdb, 0, 67, table});
    for (uint8_t i = 0; i < 64; ++i) file.push_back(static_cast<uint8_t>(1 + i + table));
  }
  const Data frame = hex("ffc000110800f0014003010000021101031101");
  file.insert(file.end(), frame.begin(), frame.end());
  file[file.size() - 8] = sampling;
  if (restart_interval != 0) {
    file.insert(file.end(),
                {0xff, 0xdd, 0, 4, uint8_t(restart_interval >> 8), uint8_t(restart_interval)});
  }
  const Data scan = hex("ffda000c03010002110311003f00");
  file.insert(file.end(), scan.begin(), scan.end());
  for (size_t i = 0; i < scan_bytes; ++i) file.push_back(static_cast<uint8_t>(i * 7 % 251));
  file.insert(file.end(), {0xff, 0xd9});
  return file;
}

TEST(RoundTrip, Jpeg_2435) {
  Random random(7);
  for (const uint8_t sampling : {0x21, 0x22}) {
    for (const uint16_t restart : {0, 20}) {
      media::StreamInfo stream;
      stream.kind = media::MediaKind::video;
      stream.codec = media::Codec::mjpeg;
      Pair pair = make_pair(stream);
      for (int i = 0; i < 50; ++i) {
        const media::Pts pts = ticks_to_pts(i * 3600, 90'000);
        const size_t scan_bytes = 1 + random_size(random, 60'000);
        // The first time the head is written anew; from then on files are equal.
        const auto first = pair.packetizer->push(unit_of(jpeg(sampling, restart, scan_bytes), pts));
        ASSERT_TRUE(first) << first.error().message();
        feed(*pair.depacketizer, *first);
        const auto unit = pair.depacketizer->take();
        ASSERT_TRUE(unit);
        EXPECT_EQ(unit->pts, pts);
        const Data tail = bytes_of(unit->data.view().last(scan_bytes + 2));
        const Data original = jpeg(sampling, restart, scan_bytes);
        EXPECT_EQ(tail,
                  Data(original.end() - static_cast<ptrdiff_t>(scan_bytes + 2), original.end()));
        Pair second = make_pair(stream);
        const auto again = second.packetizer->push(*unit);
        ASSERT_TRUE(again) << again.error().message();
        feed(*second.depacketizer, *again);
        const auto reread = second.depacketizer->take();
        ASSERT_TRUE(reread);
        EXPECT_EQ(bytes_of(reread->data), bytes_of(unit->data));
      }
      EXPECT_EQ(pair.depacketizer->stream_info().width, 320);
      EXPECT_EQ(pair.depacketizer->stream_info().height, 240);
    }
  }
}

}  // namespace
}  // namespace pasu::rtp
