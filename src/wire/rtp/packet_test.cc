#include "wire/rtp/packet.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "wire/rtp/test_rtp.h"

namespace pasu::rtp {
namespace {

using testing::HasSubstr;

TEST(Packet, PlainHeader_3550_5_1) {
  const Data bytes = hex("80e01234000003e8deadbeef0102");
  const auto packet = parse_packet(bytes);
  ASSERT_TRUE(packet) << packet.error().message();
  EXPECT_TRUE(packet->marker);
  EXPECT_EQ(packet->payload_type, 96);
  EXPECT_EQ(packet->sequence, 0x1234);
  EXPECT_EQ(packet->timestamp, 1000u);
  EXPECT_EQ(packet->ssrc, 0xdeadbeef);
  EXPECT_EQ(bytes_of(packet->payload), hex("0102"));
  Data again;
  append_packet(again, *packet);
  EXPECT_EQ(again, bytes);
}

TEST(Packet, EverythingAtOnce_3550_5_1) {
  // Two contributing sources, an extension of one word, three bytes of padding.
  const Data bytes =
      hex("b260000100000002"
          "00000003"
          "0000000a0000000b"
          "abac0001cafecafe"
          "0708"
          "000003");
  const auto packet = parse_packet(bytes);
  ASSERT_TRUE(packet) << packet.error().message();
  EXPECT_EQ(packet->contributing.size(), 8u);
  EXPECT_EQ(packet->extension_profile, 0xabac);
  EXPECT_EQ(bytes_of(packet->extension), hex("cafecafe"));
  EXPECT_EQ(bytes_of(packet->payload), hex("0708"));
  Data again;
  append_packet(again, *packet);
  const auto reread = parse_packet(again);
  ASSERT_TRUE(reread);
  EXPECT_EQ(bytes_of(reread->payload), hex("0708"));
  EXPECT_EQ(bytes_of(reread->extension), hex("cafecafe"));
}

TEST(Packet, Refusals) {
  const struct {
    const char* name;
    const char* bytes;
    Errc code;
    const char* sentence;
  } cases[] = {
      {"Empty", "", Errc::truncated, "0 bytes"},
      {"ShortHeader", "8060000100000002000000", Errc::truncated, "11 bytes"},
      {"Version1", "406000010000000200000003", Errc::malformed, "version 1"},
      {"CsrcPastEnd", "8f600001000000020000000300000000", Errc::truncated, "contributing"},
      {"ExtensionHeaderPastEnd", "9060000100000002000000030000", Errc::truncated, "extension"},
      {"ExtensionPastEnd", "906000010000000200000003abacffff00000000", Errc::truncated,
       "262140 bytes with 4 left"},
      {"PaddingZero", "a06000010000000200000003aa00", Errc::malformed, "0 bytes of padding"},
      {"PaddingPastStart", "a06000010000000200000003aa03", Errc::malformed, "3 bytes of padding"},
      {"PaddingWithoutPayload", "a06000010000000200000003", Errc::malformed, "3 bytes of padding"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    const Data bytes = hex(c.bytes);
    const auto packet = parse_packet(bytes);
    ASSERT_FALSE(packet);
    EXPECT_EQ(packet.error().code(), c.code);
    EXPECT_THAT(packet.error().message(), HasSubstr(c.sentence));
  }
}

TEST(Packet, PaddingOnly_3550_5_1) {
  const Data bytes = hex("a0600001000000020000000300000004");
  const auto packet = parse_packet(bytes);
  ASSERT_TRUE(packet);
  EXPECT_TRUE(packet->payload.empty());
}

TEST(Packet, SerialArithmetic) {
  EXPECT_EQ(sequence_distance(65'535, 0), 1);
  EXPECT_EQ(sequence_distance(0, 65'535), -1);
  EXPECT_EQ(sequence_distance(0, 32'768), -32'768);
  EXPECT_EQ(timestamp_distance(0xffffffff, 1), 2);
  EXPECT_EQ(timestamp_distance(1, 0xffffffff), -2);
}

TEST(Packet, OnvifReplayExtension_6_3) {
  const Data bytes =
      hex("906000010000000200000003"
          "abac0003"
          "e8b0c0de80000000"
          "a0070000"
          "65");
  const auto packet = parse_packet(bytes);
  ASSERT_TRUE(packet);
  const auto replay = replay_extension(*packet);
  ASSERT_TRUE(replay);
  EXPECT_EQ(replay->ntp, 0xe8b0c0de80000000u);
  EXPECT_TRUE(replay->clean_point);
  EXPECT_FALSE(replay->end_of_section);
  EXPECT_TRUE(replay->discontinuity);
  EXPECT_EQ(replay->cseq, 7);
  const Data short_bytes =
      hex("906000010000000200000003"
          "abac0001"
          "e8b0c0de"
          "65");
  EXPECT_FALSE(replay_extension(*parse_packet(short_bytes)));
}

TEST(Packet, RtcpOnTheSameChannel_5761_4) {
  EXPECT_TRUE(is_rtcp(hex("80c80006")));
  EXPECT_TRUE(is_rtcp(hex("81cd0006")));
  EXPECT_FALSE(is_rtcp(hex("80e00006")));
  EXPECT_FALSE(is_rtcp(hex("80")));
}

}  // namespace
}  // namespace pasu::rtp
