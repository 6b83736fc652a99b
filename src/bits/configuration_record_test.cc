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

}  // namespace
}  // namespace pasu::bits
