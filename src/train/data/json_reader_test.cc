#include "train/data/json_reader.h"

#include <cmath>

#include <gmock/gmock.h>

namespace pasu::data {
namespace {

TEST(JsonReader, WalksNestedValues) {
  JsonReader json("\xEF\xBB\xBF { \"a\" : [1, -2.5e1, []], \"b\\n\":{}, \"c\":true,\"d\":null } ");
  ASSERT_TRUE(json.enter_object());
  EXPECT_EQ(json.next_key().value(), "a");
  ASSERT_TRUE(json.enter_array());
  EXPECT_TRUE(json.next_element().value());
  EXPECT_EQ(json.integer().value(), 1);
  EXPECT_TRUE(json.next_element().value());
  EXPECT_EQ(json.number().value(), -25);
  EXPECT_TRUE(json.next_element().value());
  ASSERT_TRUE(json.enter_array());
  EXPECT_FALSE(json.next_element().value());
  EXPECT_FALSE(json.next_element().value());
  EXPECT_EQ(json.next_key().value(), "b\n");
  ASSERT_TRUE(json.enter_object());
  EXPECT_EQ(json.next_key().value(), std::nullopt);
  EXPECT_EQ(json.next_key().value(), "c");
  EXPECT_TRUE(json.flag().value());
  EXPECT_EQ(json.next_key().value(), "d");
  EXPECT_EQ(json.peek().value(), JsonReader::Kind::null);
  ASSERT_TRUE(json.skip());
  EXPECT_EQ(json.next_key().value(), std::nullopt);
  EXPECT_TRUE(json.finish());
}

TEST(JsonReader, Strings) {
  const std::pair<const char*, const char*> kCases[] = {
      {R"("")", ""},
      {R"("a\"b\\c\/d\b\f\n\r\t")", "a\"b\\c/d\b\f\n\r\t"},
      {R"("\u0041\u00e9\u20AC")", "A\xC3\xA9\xE2\x82\xAC"},
      {R"("\ud83d\ude00")", "\xF0\x9F\x98\x80"},
      {R"("\ud83d!")", "\xEF\xBF\xBD!"},
  };
  for (const auto& [text, expected] : kCases)
    EXPECT_EQ(JsonReader(text).string().value(), expected) << text;
}

TEST(JsonReader, Integers) {
  const std::pair<const char*, int64_t> kCases[] = {
      {"0", 0},   {"-7", -7},   {"9223372036854775807", INT64_MAX},
      {"3.0", 3}, {"3e2", 300}, {"-9223372036854775808", INT64_MIN},
  };
  for (const auto& [text, expected] : kCases)
    EXPECT_EQ(JsonReader(text).integer().value(), expected) << text;
  EXPECT_EQ(JsonReader("9223372036854775808").integer().error().code(), Errc::too_large);
  EXPECT_EQ(JsonReader("1e300").integer().error().code(), Errc::too_large);
  EXPECT_EQ(JsonReader("1.5").integer().error().message(), "byte 0: 1.5 is no whole number");
}

TEST(JsonReader, PythonsNumbersAreRead) {
  EXPECT_TRUE(std::isnan(JsonReader("NaN").number().value()));
  EXPECT_EQ(JsonReader("-Infinity").number().value(), -HUGE_VAL);
  EXPECT_EQ(JsonReader("1e999").number().value(), HUGE_VAL);
  EXPECT_EQ(JsonReader("1e-999").number().value(), 0);
}

TEST(JsonReader, BrokenValues) {
  const std::pair<const char*, const char*> kCases[] = {
      {"", "byte 0: the text ends where a value should be"},
      {"{\"a\":[1,2}", "byte 9: expected ']', found '}'"},
      {"[1,\"ab", "byte 3: the text ends within the string that begins here"},
      {"[[1]", "byte 4: the text ends where a closing bracket should be"},
      {"[1\x01]", "byte 2: expected a value, found byte 0x01"},
      {"\"a\nb\"", "byte 2: a control character in a string"},
  };
  for (const auto& [text, expected] : kCases) {
    const auto skipped = JsonReader(text).skip();
    ASSERT_FALSE(skipped) << text;
    EXPECT_EQ(skipped.error().message(), expected) << text;
  }
  for (const char* text : {"01", "-", "1.", ".5", "+1", "1e", "0x10", "nan"})
    EXPECT_FALSE([&]() -> Result<void> {
      JsonReader json(text);
      TRY(json.number());
      return json.finish();
    }()) << text;
  JsonReader comma("[1,]");
  ASSERT_TRUE(comma.enter_array());
  ASSERT_TRUE(comma.next_element());
  ASSERT_TRUE(comma.integer());
  EXPECT_EQ(comma.next_element().error().message(), "byte 3: expected a value, found ']'");
  EXPECT_EQ(JsonReader(std::string(1000, '[')).skip().error().code(), Errc::too_large);
}

}  // namespace
}  // namespace pasu::data
