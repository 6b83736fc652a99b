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
  for (const size_t packet_bytes_max : {100u, 1400u, 9000u}) {
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
  for (const size_t packet_bytes_max : {100u, 1400u}) {
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

}  // namespace
}  // namespace pasu::rtp
