#include "train/data/image_header.h"

#include <fstream>

#include <gmock/gmock.h>

namespace pasu::data {
namespace {

using namespace std::string_literals;

struct Case {
  const char* name;
  std::string bytes;
  ImageFormat format;
  geom::Size size;
  int quarter_turns = 0;
};

const std::string kSof = "\xFF\xC0\x00\x0B\x08\x00\x30\x00\x40\x01\x01\x11\x00"s;

std::string exif(char orientation) {
  return "\xFF\xD8\xFF\xE1\x00\x22"
         "Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0"s +
         orientation + "\0\0\0\0\0\0"s + kSof;
}

TEST(ImageHeader, EveryFormat) {
  const Case kCases[] = {
      {"Jpeg", "\xFF\xD8\xFF\xE0\x00\x04xx\xFF"s + kSof, ImageFormat::jpeg, {64, 48}},
      {"JpegTurned", exif(6), ImageFormat::jpeg, {64, 48}, 1},
      {"JpegUpsideDown", exif(3), ImageFormat::jpeg, {64, 48}, 2},
      {"Png", "\x89PNG\r\n\x1A\n\0\0\0\x0DIHDR\0\0\x01\0\0\0\0\x07"s, ImageFormat::png, {256, 7}},
      {"Gif", "GIF89a\x05\x01\x03\x00"s, ImageFormat::gif, {261, 3}},
      {"Bmp",
       "BM"s + std::string(12, '\0') + "\x28\0\0\0\x05\0\0\0\xFD\xFF\xFF\xFF"s,
       ImageFormat::bmp,
       {5, 3}},
      {"WebpLossy",
       "RIFF\0\0\0\0WEBPVP8 \0\0\0\0\0\0\0\x9D\x01\x2A\x10\x40\x08\x00"s,
       ImageFormat::webp,
       {16, 8}},
      {"WebpLossless",
       "RIFF\0\0\0\0WEBPVP8L\0\0\0\0\x2F\x0F\xC0\x01\x00\0\0\0\0\0"s,
       ImageFormat::webp,
       {16, 8}},
      {"WebpExtended",
       "RIFF\0\0\0\0WEBPVP8X\0\0\0\0\0\0\0\0\x0F\0\0\x07\0\0"s,
       ImageFormat::webp,
       {16, 8}},
  };
  for (const Case& c : kCases) {
    const auto header = parse_image_header(as_bytes(c.bytes));
    ASSERT_TRUE(header) << c.name << ": " << header.error().message();
    EXPECT_EQ(header->format, c.format) << c.name;
    EXPECT_EQ(header->size, c.size) << c.name;
    EXPECT_EQ(header->quarter_turns, c.quarter_turns) << c.name;
  }
}

TEST(ImageHeader, BrokenOnesAreNamed) {
  const std::pair<std::string, Errc> kCases[] = {
      {"", Errc::malformed},
      {"hello", Errc::unsupported},
      {"\xFF\xD8\xFF\xE0\x00\x04xx"s, Errc::truncated},
      {"\xFF\xD8\xFF\xE0\x00\x01"s, Errc::malformed},
      {"\xFF\xD8\xFF\xD9"s, Errc::malformed},
      {"\xFF\xD8\xFF\xE0\x00\x02xx"s, Errc::malformed},
      {"\x89PNG\r\n\x1A\n\0\0"s, Errc::truncated},
      {"\x89PNG\r\n\x1A\n\0\0\0\x0DIHDR\0\0\0\0\0\0\0\x07"s, Errc::malformed},
      {"\x89PNG\r\n\x1A\n\0\0\0\x0DIHDR\x7F\0\0\0\0\0\0\x07"s, Errc::malformed},
      {"BM"s + std::string(30, '\0'), Errc::malformed},
  };
  for (const auto& [bytes, code] : kCases)
    EXPECT_EQ(parse_image_header(as_bytes(bytes)).error().code(), code) << bytes;
}

TEST(ImageHeader, Names) {
  EXPECT_EQ(format_of_name("a/b.JPG"), ImageFormat::jpeg);
  EXPECT_EQ(format_of_name("b.jpeg"), ImageFormat::jpeg);
  EXPECT_EQ(format_of_name("b.jp"), ImageFormat::unknown);
  EXPECT_EQ(format_of_name("b."), ImageFormat::unknown);
  EXPECT_EQ(format_of_name("webp"), ImageFormat::unknown);
  EXPECT_STREQ(extension(ImageFormat::webp), ".webp");
  EXPECT_STREQ(to_string(ImageFormat::jpeg), "jpeg");
}

}  // namespace
}  // namespace pasu::data
