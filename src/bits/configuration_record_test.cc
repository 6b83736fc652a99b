#include "bits/configuration_record.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "bits/test_bits.h"

namespace pasu::bits {
namespace {

using testing::HasSubstr;

// A clip's: one SPS, one PPS, lengths of 4 bytes.
const char* const kAvcc =
    "014d401fffe10019674d401f965281806f4d418181900000030010000003014840010005"
    "68e9093520";

TEST(Avcc, OfAClip_14496_15_5_3_3) {
  const auto bytes = from_hex(kAvcc);
  const auto record = parse_avcc(bytes);
  ASSERT_TRUE(record) << record.error().message();
  EXPECT_EQ(record->length_size, 4);
  ASSERT_EQ(record->units.size(), 2u);
  EXPECT_EQ(h264_type(record->units[0].bytes), H264Nal::sps);
  EXPECT_EQ(record->units[0].bytes.size(), 25u);
  EXPECT_EQ(record->units[0].offset, 8u);
  EXPECT_EQ(h264_type(record->units[1].bytes), H264Nal::pps);
  EXPECT_EQ(record->units[1].bytes.size(), 5u);
}

TEST(Avcc, TooShortAnywhere) {
  const auto bytes = from_hex(kAvcc);
  for (size_t size = 0; size < bytes.size(); ++size) {
    const auto record = parse_avcc(ByteView(bytes).first(size));
    ASSERT_FALSE(record) << size;
    EXPECT_EQ(record.error().code(), Errc::truncated);
  }
}

TEST(Avcc, Oddities) {
  EXPECT_THAT(parse_avcc(from_hex("024d401fffe0"
                                  "00"))
                  .error()
                  .message(),
              HasSubstr("version 2"));
  EXPECT_THAT(parse_avcc(from_hex("014d401ffee0"
                                  "00"))
                  .error()
                  .message(),
              HasSubstr("3 bytes"));
  EXPECT_EQ(parse_avcc(from_hex("014d401ffce0"
                                "00"))
                ->length_size,
            1);
}

TEST(Hvcc, Arrays_14496_15_8_3_3) {
  std::string hex = "01" + std::string(40, '0') +
                    "0d"
                    "02";  // lengths of 2 bytes, two arrays
  hex +=
      "a1"
      "0001"
      "0003"
      "420101";
  hex +=
      "a2"
      "0002"
      "0002"
      "4401"
      "0003"
      "440102";
  const auto bytes = from_hex(hex);
  const auto record = parse_hvcc(bytes);
  ASSERT_TRUE(record) << record.error().message();
  EXPECT_EQ(record->length_size, 2);
  ASSERT_EQ(record->units.size(), 3u);
  EXPECT_EQ(h265_type(record->units[0].bytes), H265Nal::sps);
  EXPECT_EQ(record->units[2].bytes.size(), 3u);
  for (size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_EQ(parse_hvcc(ByteView(bytes).first(size)).error().code(), Errc::truncated);
  }
}

// Records as FFmpeg's MP4 muxer wrote them for x264 and x265 streams.
TEST(MakeAvcc, OfItsOwnParts_14496_15_5_3_3) {
  for (const char* hex :
       {kAvcc,
        "016e000dffe10019676e000da6cd94141fb011000003000100000300320f14299601000668ebe3cb22c0fdfafa"
        "00"}) {
    const auto golden = from_hex(hex);
    const auto parsed = parse_avcc(golden);
    ASSERT_TRUE(parsed) << parsed.error().message();
    const ByteView sps[] = {parsed->units[0].bytes}, pps[] = {parsed->units[1].bytes};
    const auto made = make_avcc(sps, pps);
    ASSERT_TRUE(made) << made.error().message();
    EXPECT_EQ(*made, golden);
  }
}

TEST(MakeHvcc, OfItsOwnParts_14496_15_8_3_3) {
  const auto golden = from_hex(
      "0104080000009e08000000003cf000fcfff8f800000f03200001001740010c01ffff0408000003009e0800000300"
      "003c959809210001002b4201010408000003009e0800000300003c90014101e2cb2b349265780b70202000400000"
      "0300400000064222000100084401c172860c4624");
  const auto parsed = parse_hvcc(golden);
  ASSERT_TRUE(parsed) << parsed.error().message();
  ASSERT_EQ(parsed->units.size(), 3u);
  const ByteView vps[] = {parsed->units[0].bytes}, sps[] = {parsed->units[1].bytes},
                 pps[] = {parsed->units[2].bytes};
  const auto made = make_hvcc(vps, sps, pps);
  ASSERT_TRUE(made) << made.error().message();
  EXPECT_EQ(*made, golden);
}

TEST(MakeRecords, Refusals) {
  const auto bytes = from_hex(kAvcc);
  const auto parsed = parse_avcc(bytes);
  const ByteView sps[] = {parsed->units[0].bytes}, pps[] = {parsed->units[1].bytes};
  EXPECT_EQ(make_avcc({}, pps).error().code(), Errc::invalid_argument);
  EXPECT_EQ(make_avcc(sps, {}).error().code(), Errc::invalid_argument);
  EXPECT_FALSE(make_avcc(pps, pps));  // A PPS is no SPS.
  const std::vector<uint8_t> huge(65'536, 0x68);
  const ByteView huge_pps[] = {huge};
  EXPECT_THAT(make_avcc(sps, huge_pps).error().message(), HasSubstr("65536 bytes"));
  EXPECT_EQ(make_hvcc({}, sps, pps).error().code(), Errc::invalid_argument);
}

}  // namespace
}  // namespace pasu::bits
