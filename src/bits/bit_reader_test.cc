#include "bits/bit_reader.h"

#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "bits/test_bits.h"

namespace pasu::bits {
namespace {

using testing::HasSubstr;

TEST(BitReader, ReadsAcrossBytes) {
  const std::vector<uint8_t> nal = from_hex("67a5c380");
  BitReader bits(nal, 1);
  EXPECT_EQ(bits.u(4), 0xau);
  EXPECT_EQ(bits.u(8), 0x5cu);
  EXPECT_TRUE(bits.more_rbsp_data());
  EXPECT_EQ(bits.u(4), 3u);
  EXPECT_FALSE(bits.more_rbsp_data());  // 0x80 is the stop bit.
  EXPECT_TRUE(bits.ok());
}

// H.264 Table 9-2 and 9-3: codeNum and se(v) of the first bit strings.
TEST(BitReader, ExpGolomb_9_1) {
  const struct {
    const char* bits;
    uint32_t ue;
    int32_t se;
  } cases[] = {{"1", 0, 0},        {"010", 1, 1},    {"011", 2, -1},   {"00100", 3, 2},
               {"00101", 4, -2},   {"00110", 5, 3},  {"00111", 6, -3}, {"0001000", 7, 4},
               {"0001001", 8, -4}, {"0001010", 9, 5}};
  for (const auto& c : cases) {
    SCOPED_TRACE(c.bits);
    BitWriter writer;
    for (const char* bit = c.bits; *bit != 0; ++bit) writer.u(1, *bit == '1' ? 1 : 0);
    const std::vector<uint8_t> nal = writer.nal({0x67});
    EXPECT_EQ(BitReader(nal, 1).ue("code", 100), c.ue);
    EXPECT_EQ(BitReader(nal, 1).se("code", -100, 100), c.se);
  }
}

TEST(BitReader, LongestExpGolomb) {
  const std::vector<uint8_t> nal = BitWriter().ue(UINT32_MAX - 1).nal({0x67});
  EXPECT_EQ(BitReader(nal, 1).ue("code", UINT32_MAX), UINT32_MAX - 1);
}

TEST(BitReader, RemovesEmulationPrevention_7_4_1) {
  const std::vector<uint8_t> nal = from_hex("6700000300000301000003");
  BitReader bits(nal, 1);
  EXPECT_EQ(bits.u(32), 0u);
  EXPECT_EQ(bits.u(8), 1u);
  EXPECT_EQ(bits.u(16), 0u);
  EXPECT_TRUE(bits.ok());
  bits.u(1);
  EXPECT_FALSE(bits.ok());
}

TEST(BitReader, FirstTroubleSticks) {
  const std::vector<uint8_t> nal = BitWriter().u(8, 1).ue(40).ue(7).nal({0x67});
  BitReader bits(nal, 1);
  bits.u(8);
  EXPECT_EQ(bits.ue("chroma_format_idc", 3), 0u);
  EXPECT_EQ(bits.ue("another", 100), 0u);
  EXPECT_FALSE(bits.more_rbsp_data());
  const Error error = bits.status("SPS").error();
  EXPECT_EQ(error.code(), Errc::malformed);
  EXPECT_EQ(error.message(), "SPS: chroma_format_idc is 40, not in 0..3 (byte 3)");
}

TEST(BitReader, NamesWhatIsMissing) {
  const std::vector<uint8_t> nal = from_hex("6700000080");
  BitReader whole(nal, 1);
  whole.skip(25);
  EXPECT_EQ(whole.status("SPS").error().code(), Errc::truncated);

  const std::vector<uint8_t> zeros = from_hex("67010000");
  BitReader bits(zeros, 1);
  bits.u(8);
  bits.ue("level", 9);
  EXPECT_THAT(bits.status("SPS").error().message(), HasSubstr("ends before its level"));
}

TEST(BitReader, CodeTooLong) {
  const std::vector<uint8_t> nal = from_hex("67000003000003000003000003ff");
  BitReader bits(nal, 1);
  bits.ue("level", UINT32_MAX);
  EXPECT_EQ(bits.status("SPS").error().code(), Errc::malformed);
  EXPECT_THAT(bits.status("SPS").error().message(), HasSubstr("no Exp-Golomb code"));
}

TEST(BitReader, RoundTripsRandomFields) {
  std::mt19937 random(7);
  for (int round = 0; round < 200; ++round) {
    struct Field {
      int kind;
      int64_t value;
    };
    std::vector<Field> fields;
    BitWriter writer;
    for (int i = 0; i < 100; ++i) {
      // Many small values, so that runs of zeros need escapes.
      const uint32_t value = random() >> (random() % 32);
      const int kind = static_cast<int>(random() % 3);
      if (kind == 0) {
        writer.u(32, value);
        fields.push_back({kind, value});
      } else if (kind == 1) {
        writer.ue(value / 2);
        fields.push_back({kind, value / 2});
      } else {
        const int64_t value_signed = static_cast<int64_t>(value / 2) - (1 << 29);
        writer.se(value_signed);
        fields.push_back({kind, value_signed});
      }
    }
    const std::vector<uint8_t> nal = writer.nal({0x67});
    BitReader bits(nal, 1);
    for (const Field& field : fields) {
      EXPECT_TRUE(bits.more_rbsp_data());
      const int64_t got = field.kind == 0   ? int64_t{bits.u(32)}
                          : field.kind == 1 ? int64_t{bits.ue("ue", UINT32_MAX)}
                                            : int64_t{bits.se("se", INT32_MIN, INT32_MAX)};
      ASSERT_EQ(got, field.value);
    }
    EXPECT_FALSE(bits.more_rbsp_data());
  }
}

}  // namespace
}  // namespace pasu::bits
