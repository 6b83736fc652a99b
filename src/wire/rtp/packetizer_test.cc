// What packets look like: the interleaved framing, sizes, headers, parameter sets in band.
#include "wire/rtp/packetizer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "wire/rtp/test_rtp.h"

namespace pasu::rtp {
namespace {

using testing::HasSubstr;

std::unique_ptr<Packetizer> make(const media::StreamInfo& stream, PacketizerOptions options = {}) {
  auto packetizer = Packetizer::create(stream, options);
  EXPECT_TRUE(packetizer) << packetizer.error().message();
  return std::move(*packetizer);
}

std::vector<Data> payloads(const PacketBatch& batch) {
  std::vector<Data> all;
  for (size_t i = 0; i < batch.size(); ++i) {
    all.push_back(bytes_of(parse_packet(batch.packet(i)).value().payload));
  }
  return all;
}

TEST(PacketBatch, IsReadyForTheChannel_2326_10_12) {
  const auto packetizer = make(h264_stream(), {.payload_type = 97,
                                               .ssrc = 0xdeadbeef,
                                               .first_sequence = 65'535,
                                               .first_timestamp = 0xffffffff,
                                               .channel = 2});
  const auto batch =
      packetizer->push(unit_of(prefixed({nal({0x41}, 3000)}), std::chrono::milliseconds(40)));
  ASSERT_TRUE(batch) << batch.error().message();
  ASSERT_EQ(batch->size(), 3u);
  size_t at = 0;
  for (size_t i = 0; i < batch->size(); ++i) {
    EXPECT_EQ(batch->offsets[i], at);
    const uint8_t* head = batch->data.data() + at;
    EXPECT_EQ(head[0], '$');
    EXPECT_EQ(head[1], 2);
    EXPECT_EQ(size_t(head[2] << 8 | head[3]), batch->packet(i).size());
    at += 4 + batch->packet(i).size();
    const auto packet = parse_packet(batch->packet(i));
    ASSERT_TRUE(packet);
    EXPECT_EQ(packet->payload_type, 97);
    EXPECT_EQ(packet->ssrc, 0xdeadbeef);
    EXPECT_EQ(packet->sequence, static_cast<uint16_t>(65'535 + i));
    EXPECT_EQ(packet->timestamp, 3599u);
    EXPECT_EQ(packet->marker, i == 2);
  }
  EXPECT_EQ(at, batch->data.size());
  // UDP segmentation offload wants equal sizes, the last no larger.
  EXPECT_EQ(batch->packet(0).size(), batch->packet(1).size());
  EXPECT_LE(batch->packet(2).size(), batch->packet(1).size());
  EXPECT_EQ(packetizer->packets(), 3u);
  EXPECT_EQ(packetizer->payload_bytes(), batch->payload_bytes);
  EXPECT_EQ(packetizer->next_sequence(), 2);
  EXPECT_EQ(packetizer->timestamp_of(std::chrono::milliseconds(40)), 3599u);
}

TEST(H264Packetizer, Payloads_6184) {
  const struct {
    const char* name;
    Data unit;
    std::vector<Data> payloads;
  } cases[] = {
      {"SingleNal_5_6", prefixed({hex("419a")}), {hex("419a")}},
      {"StapA_5_7_1",
       prefixed({hex("0605"), hex("419a01")}),
       {hex("5800020605"
            "0003419a01")}},
      {"SetsBeforeIdr_mediamtx787",
       prefixed({hex("6588")}),
       {joined({hex("780018"), kSps, hex("0006"), kPps, hex("00026588")})}},
      {"SetsBehindDelimiter",
       prefixed({hex("09f0"), hex("6588")}),
       {joined({hex("78000209f00018"), kSps, hex("0006"), kPps, hex("00026588")})}},
      {"OwnSetsAreKept",
       prefixed({kSps2, kPps, hex("6588")}),
       {joined({hex("780017"), kSps2, hex("0006"), kPps, hex("00026588")})}},
      {"OnlyTheMissingSet",
       prefixed({kSps2, hex("6588")}),
       {joined({hex("780006"), kPps, hex("0017"), kSps2, hex("00026588")})}},
      {"UnspecifiedTypesStayOut", prefixed({hex("1801"), hex("0001"), hex("419a")}), {hex("419a")}},
      {"Nothing", {}, {}},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    const auto batch = make(h264_stream())->push(unit_of(c.unit));
    ASSERT_TRUE(batch) << batch.error().message();
    EXPECT_EQ(payloads(*batch), c.payloads);
  }
}

TEST(H264Packetizer, FuA_5_8) {
  const Data slice = nal({0x65}, 2000);
  const auto batch = make(h264_stream())->push(unit_of(prefixed({kSps, kPps, slice})));
  ASSERT_TRUE(batch);
  const auto parts = payloads(*batch);
  ASSERT_EQ(parts.size(), 3u);
  EXPECT_EQ(parts[0][0] & 0x1f, 24);
  EXPECT_EQ(Data(parts[1].begin(), parts[1].begin() + 2), hex("7c85"));
  EXPECT_EQ(Data(parts[2].begin(), parts[2].begin() + 2), hex("7c45"));
  EXPECT_EQ(joined({ByteView(slice).first(1), ByteView(parts[1]).subspan(2),
                    ByteView(parts[2]).subspan(2)}),
            slice);
}

// After a change in band, the extradata's parameter sets are wrong.
TEST(H264Packetizer, LatestSetsGoInBand) {
  const auto packetizer = make(h264_stream());
  ASSERT_TRUE(packetizer->push(unit_of(prefixed({kSps2, kPps, hex("6588")}))));
  const auto batch = packetizer->push(unit_of(prefixed({hex("6588")})));
  ASSERT_TRUE(batch);
  EXPECT_EQ(payloads(*batch)[0],
            joined({hex("780017"), kSps2, hex("0006"), kPps, hex("00026588")}));
}

TEST(H264Packetizer, SetsBeforeARecoveryPoint) {
  const auto batch = make(h264_stream())->push(unit_of(prefixed({hex("419a")}), {}, true));
  ASSERT_TRUE(batch);
  EXPECT_EQ(payloads(*batch)[0], joined({hex("780018"), kSps, hex("0006"), kPps, hex("0002419a")}));
}

TEST(H264Packetizer, AnnexBAndShortLengths) {
  media::StreamInfo annexb = h264_stream();
  annexb.extradata = Bytes::copy(joined({hex("00000001"), kSps, hex("000001"), kPps}));
  auto batch =
      make(annexb)->push(unit_of(hex("000000016588"
                                     "000001659f")));
  ASSERT_TRUE(batch) << batch.error().message();
  EXPECT_EQ(payloads(*batch)[0], joined({hex("780018"), kSps, hex("0006"), kPps,
                                         hex("00026588"
                                             "0002659f")}));

  media::StreamInfo two_bytes = h264_stream();
  Data record = bytes_of(two_bytes.extradata);
  record[4] = 0xfd;
  two_bytes.extradata = Bytes::copy(record);
  batch = make(two_bytes)->push(unit_of(hex("0002419a")));
  ASSERT_TRUE(batch) << batch.error().message();
  EXPECT_EQ(payloads(*batch)[0], hex("419a"));
}

TEST(H264Packetizer, DamagedUnitIsNotSent) {
  const auto packetizer = make(h264_stream());
  const auto batch = packetizer->push(unit_of(hex("0000000241")));
  ASSERT_FALSE(batch);
  EXPECT_EQ(batch.error().code(), Errc::truncated);
  EXPECT_EQ(packetizer->next_sequence(), 0);
  EXPECT_TRUE(packetizer->push(unit_of(prefixed({hex("419a")}))));
}

TEST(H265Packetizer, Payloads_7798) {
  const struct {
    const char* name;
    Data unit;
    std::vector<Data> payloads;
  } cases[] = {
      {"SingleNal_4_4_1", prefixed({hex("0201d0")}), {hex("0201d0")}},
      {"Ap_4_4_2", prefixed({hex("4e0105"), hex("0202d001")}), {hex("600100034e010500040202d001")}},
      {"SetsBeforeIdr",
       prefixed({hex("2601af")}),
       {joined({hex("60010017"), kVps265, hex("002c"), kSps265, hex("0008"), kPps265,
                hex("00032601af")})}},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    const auto batch = make(h265_stream())->push(unit_of(c.unit));
    ASSERT_TRUE(batch) << batch.error().message();
    EXPECT_EQ(payloads(*batch), c.payloads);
  }
  const auto batch = make(h265_stream())->push(unit_of(prefixed({nal({0x02, 0x01}, 2000)})));
  ASSERT_TRUE(batch);
  const auto parts = payloads(*batch);
  ASSERT_EQ(parts.size(), 2u);
  EXPECT_EQ(Data(parts[0].begin(), parts[0].begin() + 3), hex("620181"));  // FU_4_4_3
  EXPECT_EQ(Data(parts[1].begin(), parts[1].begin() + 3), hex("620141"));
}

TEST(AacPacketizer, Payloads_3640) {
  const auto packetizer = make(audio_stream(media::Codec::aac, 48'000, 2, "1190"));
  const auto batch = packetizer->push(unit_of(hex("210a0b")));
  ASSERT_TRUE(batch);
  EXPECT_EQ(payloads(*batch), std::vector<Data>{hex("00100018210a0b")});
  EXPECT_TRUE(parse_packet(batch->packet(0))->marker);
  EXPECT_EQ(packetizer->push(unit_of(Data(8192))).error().code(), Errc::too_large);
}

TEST(MjpegPacketizer, Refusals_2435) {
  media::StreamInfo stream;
  stream.codec = media::Codec::mjpeg;
  const auto packetizer = make(stream);
  const struct {
    const char* name;
    Data file;
    Errc code;
    const char* sentence;
  } cases[] = {
      {"NoJpeg", hex("000102030405"), Errc::malformed, "SOI"},
      {"EndsBeforeItsScan", hex("ffd8ffe00002"), Errc::truncated, "scan"},
      {"SegmentPastTheEnd", hex("ffd8ffe0ffff00"), Errc::truncated, "65535"},
      {"SegmentLengthZero", hex("ffd8ffe0000000"), Errc::truncated, "0 bytes"},
      {"Progressive", hex("ffd8ffc200110800f0014003012200021101031101"), Errc::unsupported,
       "baseline"},
      {"Wider", hex("ffd8ffc000110800f0080003012200021101031101"), Errc::unsupported, "2048x240"},
      {"FullChroma", hex("ffd8ffc000110800f0014003011100021101031101"), Errc::unsupported, "4:2:0"},
      {"Gray",
       hex("ffd8ffc0000b0800f00140010111"
           "00"),
       Errc::unsupported, "three components"},
      {"OtherHuffman", hex("ffd8ffc40014000100000000000000000000000000000001"), Errc::unsupported,
       "Huffman"},
      {"NoTables", hex("ffd8ffc000110800f0014003012200021101031101ffda000c03010002110311003f0001"),
       Errc::malformed, "quantization"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    const auto batch = packetizer->push(unit_of(c.file));
    ASSERT_FALSE(batch);
    EXPECT_EQ(batch.error().code(), c.code) << batch.error().message();
    EXPECT_THAT(batch.error().message(), HasSubstr(c.sentence));
  }
}

TEST(Packetizer, Refusals) {
  media::StreamInfo stream;
  stream.codec = media::Codec::vp9;
  EXPECT_THAT(Packetizer::create(stream, {}).error().message(), HasSubstr("transcode"));
  EXPECT_EQ(Packetizer::create(h264_stream(), {.packet_bytes_max = 20}).error().code(),
            Errc::invalid_argument);
  media::StreamInfo broken = h264_stream();
  broken.extradata = Bytes::copy(hex("0164"));
  EXPECT_THAT(Packetizer::create(broken, {}).error().message(), HasSubstr("extradata"));
}

TEST(FormatOf, TellsTheSdp) {
  auto format = format_of(h264_stream());
  ASSERT_TRUE(format);
  EXPECT_EQ(format->encoding, "H264");
  EXPECT_EQ(format->fmtp["packetization-mode"], "1");
  EXPECT_EQ(format->fmtp["profile-level-id"], "64000a");
  EXPECT_EQ(format->fmtp["sprop-parameter-sets"], "Z2QACqzZRHsBEAAAAwAQAAADAyDxIllg,aOvjyyLA");

  format = format_of(audio_stream(media::Codec::aac, 48'000, 2, "1190"));
  ASSERT_TRUE(format);
  EXPECT_EQ(format->encoding, "MPEG4-GENERIC");
  EXPECT_EQ(format->clock_rate, 48'000);
  EXPECT_EQ(format->channels, 2);
  EXPECT_EQ(format->fmtp["config"], "1190");
  EXPECT_EQ(format->fmtp["mode"], "AAC-hbr");

  format = format_of(audio_stream(media::Codec::pcmu, 8000, 1));
  EXPECT_EQ(format->payload_type, 0);
  format = format_of(audio_stream(media::Codec::pcmu, 16'000, 1), 98);
  EXPECT_EQ(format->payload_type, 98);
  EXPECT_EQ(format->clock_rate, 16'000);

  EXPECT_TRUE(format_of(h265_stream())->fmtp.contains("sprop-vps"));
  EXPECT_EQ(format_of(audio_stream(media::Codec::aac, 48'000, 2)).error().code(), Errc::truncated);
}

}  // namespace
}  // namespace pasu::rtp
