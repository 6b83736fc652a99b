#include "bits/nal.h"

#include <random>

#include <gtest/gtest.h>

#include "bits/test_bits.h"

namespace pasu::bits {
namespace {

// Each unit as "offset:hex", each error as "!position"; blanks between.
std::string walk(NalCursor cursor) {
  std::string out;
  for (;;) {
    const auto unit = cursor.next();
    if (!out.empty() && (!unit || *unit)) out += ' ';
    if (!unit) {
      out += fmt::format("!{}", cursor.position());
      continue;
    }
    if (!*unit) return out;
    out += fmt::format("{}:", (*unit)->offset);
    for (const uint8_t byte : (*unit)->bytes) out += fmt::format("{:02x}", byte);
  }
}

struct Case {
  const char* name;
  const char* bytes;
  const char* units;
};

TEST(NalCursor, AnnexB_B_1) {
  const Case cases[] = {
      {"Empty", "", ""},
      {"ThreeByteCode", "00000167aa", "3:67aa"},
      {"FourByteCode", "0000000167aa", "4:67aa"},
      {"LeadingZeros", "00000000000000000167", "9:67"},
      {"Two", "00000001674200000168", "4:6742 9:68"},
      {"TrailingZeros", "0000016742000000", "3:6742"},
      {"TrailingZerosBetween", "00000167420000000000000168", "3:6742 12:68"},
      {"EmptyUnit", "00000100000167", "6:67"},
      {"CodeAtTheEnd", "00000167000001", "3:67"},
      {"EscapesStay", "0000016700000301", "3:6700000301"},
      {"ZeroInside", "000001670001000002", "3:670001000002"},
      {"JunkBefore", "aabb00000167", "!2 5:67"},
      {"NoCode", "67420102", "!4"},
      {"OneZeroShort", "000167", "!3"},
      {"OnlyZeros", "00000000", ""},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    EXPECT_EQ(walk(NalCursor::annexb(from_hex(c.bytes))), c.units);
  }
}

TEST(NalCursor, LengthPrefixed_14496_15) {
  const struct {
    const char* name;
    int length_size;
    const char* bytes;
    const char* units;
  } cases[] = {
      {"Four", 4, "000000026742000000016800000000", "4:6742 10:68"},
      {"Two", 2, "00026742000168", "2:6742 6:68"},
      {"One", 1, "0267420168", "1:6742 4:68"},
      {"LengthPastTheEnd", 4, "0000000167000000096800", "4:67 !11"},
      {"LengthOf4GiB", 4, "ffffffff67", "!5"},
      {"HalfALength", 4, "00000001670000", "4:67 !7"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    EXPECT_EQ(walk(NalCursor::length_prefixed(from_hex(c.bytes), c.length_size)), c.units);
  }
}

TEST(NalCursor, SaysHowMuchIsMissing) {
  const std::vector<uint8_t> bytes = from_hex("000000096800");
  const auto unit = NalCursor::length_prefixed(bytes, 4).next();
  ASSERT_FALSE(unit);
  EXPECT_EQ(unit.error().code(), Errc::truncated);
  EXPECT_EQ(unit.error().message(), "a NAL unit of 9 bytes, but only 2 are there");
}

size_t find_start_code_plainly(ByteView bytes, size_t from) {
  for (size_t i = from; i + 3 <= bytes.size(); ++i) {
    if (bytes[i] == 0 && bytes[i + 1] == 0 && bytes[i + 2] == 1) return i;
  }
  return bytes.size();
}

TEST(FindStartCode, EqualsThePlainSearch) {
  std::mt19937 random(3);
  for (int round = 0; round < 20'000; ++round) {
    std::vector<uint8_t> bytes(random() % 24);
    for (uint8_t& byte : bytes) byte = static_cast<uint8_t>(random() % 3);
    for (size_t from = 0; from <= bytes.size(); ++from) {
      ASSERT_EQ(find_start_code(bytes, from), find_start_code_plainly(bytes, from));
    }
  }
}

}  // namespace
}  // namespace pasu::bits
