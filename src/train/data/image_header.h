// What a picture's first bytes say of it: its format and size, without decoding.
#pragma once

#include <filesystem>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"
#include "geom/box.h"

namespace pasu::data {

enum class ImageFormat { unknown, jpeg, png, gif, bmp, webp };

/// "jpeg", as records say in image/format.
[[nodiscard]] const char* to_string(ImageFormat format);
/// Of a file's name, by its extension.
[[nodiscard]] ImageFormat format_of_name(std::string_view name);
/// With the dot: ".jpg".
[[nodiscard]] const char* extension(ImageFormat format);

struct ImageHeader {
  ImageFormat format = ImageFormat::unknown;
  geom::Size size;        ///< As stored, before any turning.
  int quarter_turns = 0;  ///< Clockwise, by EXIF's orientation: odd ones swap width and height.
};

/// `bytes` are a picture's first ones, or all. Errors name the byte: truncated (more of the file is
/// needed), malformed (a known format, broken), unsupported (none of the known formats).
[[nodiscard]] Result<ImageHeader> parse_image_header(ByteView bytes);

/// Reads as much of the file as is needed. Errors also: not_found, io; each names the file.
[[nodiscard]] Result<ImageHeader> read_image_header(const std::filesystem::path& path);

}  // namespace pasu::data
