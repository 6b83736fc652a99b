#include "train/data/image_header.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <string>
#include <vector>

#include "train/data/detail/byte_source.h"

namespace pasu::data {
namespace {

class Bytes {
 public:
  explicit Bytes(ByteView view) : view_(view) {}
  [[nodiscard]] bool has(size_t at, size_t n) const {
    return at <= view_.size() && n <= view_.size() - at;
  }
  [[nodiscard]] bool is(size_t at, std::string_view text) const {
    return has(at, text.size()) && std::memcmp(view_.data() + at, text.data(), text.size()) == 0;
  }
  [[nodiscard]] uint32_t u8(size_t at) const { return view_[at]; }
  [[nodiscard]] uint32_t be16(size_t at) const { return u8(at) << 8 | u8(at + 1); }
  [[nodiscard]] uint32_t be32(size_t at) const { return be16(at) << 16 | be16(at + 2); }
  [[nodiscard]] uint32_t le16(size_t at) const { return u8(at) | u8(at + 1) << 8; }
  [[nodiscard]] uint32_t le24(size_t at) const { return le16(at) | u8(at + 2) << 16; }
  [[nodiscard]] uint32_t le32(size_t at) const { return le16(at) | le16(at + 2) << 16; }
  [[nodiscard]] ByteView view() const { return view_; }

 private:
  ByteView view_;
};

tl::unexpected<Error> ends(size_t at) {
  return fail(Errc::truncated, "byte {}: the picture ends within its header", at);
}

Result<ImageHeader> sized(ImageFormat format, uint32_t width, uint32_t height, int turns = 0) {
  if (width == 0 || height == 0 || width > INT32_MAX || height > INT32_MAX)
    return fail(Errc::malformed, "a {} of {}x{}", to_string(format), width, height);
  return ImageHeader{.format = format,
                     .size = {static_cast<int>(width), static_cast<int>(height)},
                     .quarter_turns = turns};
}

/// Exif 2.3 4.6: the orientation (tag 0x112) of a TIFF header's first directory; 1 without one.
uint32_t exif_orientation(ByteView app1) {
  constexpr uint32_t kUpright = 1, kOrientation = 0x112;
  const Bytes all(app1);
  if (!all.is(0, std::string_view("Exif\0\0", 6))) return kUpright;
  const Bytes tiff(app1.subspan(6));
  const bool big = tiff.is(0, "MM");
  if (!tiff.has(0, 8) || (!big && !tiff.is(0, "II"))) return kUpright;
  const size_t directory = big ? tiff.be32(4) : tiff.le32(4);
  if (!tiff.has(directory, 2)) return kUpright;
  const uint32_t entries = big ? tiff.be16(directory) : tiff.le16(directory);
  for (size_t i = 0, at = directory + 2; i < entries && tiff.has(at, 12); ++i, at += 12) {
    if ((big ? tiff.be16(at) : tiff.le16(at)) != kOrientation) continue;
    return big ? tiff.be16(at + 8) : tiff.le16(at + 8);
  }
  return kUpright;
}

/// T.81 B.1.1: markers up to the frame header.
Result<ImageHeader> parse_jpeg(const Bytes& b) {
  int turns = 0;
  for (size_t at = 2;;) {
    if (!b.has(at, 2)) return ends(at);
    if (b.u8(at) != 0xFF)
      return fail(Errc::malformed, "byte {}: expected a JPEG marker, found 0x{:02x}", at, b.u8(at));
    const uint32_t marker = b.u8(at + 1);
    if (marker == 0xFF) {  // Fill bytes.
      ++at;
      continue;
    }
    at += 2;
    if (marker == 0x01 || (marker >= 0xD0 && marker <= 0xD8)) continue;  // No segment.
    if (marker == 0xD9 || marker == 0xDA || marker == 0x00)
      return fail(Errc::malformed, "byte {}: a JPEG without frame header", at - 2);
    if (!b.has(at, 2)) return ends(at);
    const uint32_t size = b.be16(at);
    if (size < 2) return fail(Errc::malformed, "byte {}: a JPEG segment of {} bytes", at, size);
    const bool frame =
        marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC;
    if (frame) {
      if (!b.has(at, 7)) return ends(at);
      return sized(ImageFormat::jpeg, b.be16(at + 5), b.be16(at + 3), turns);
    }
    if (marker == 0xE1 && b.has(at, size)) {
      constexpr std::array<int, 9> kTurns = {0, 0, 0, 2, 2, 1, 1, 3, 3};  // Mirrored ones beside.
      const uint32_t orientation = exif_orientation(b.view().subspan(at + 2, size - 2));
      if (orientation < kTurns.size() && orientation > 1) turns = kTurns[orientation];
    }
    at += size;
  }
}

Result<ImageHeader> parse_webp(const Bytes& b) {  // RFC 9649 2.5 to 2.7
  if (!b.has(0, 30)) return ends(b.view().size());
  if (b.is(12, "VP8X")) return sized(ImageFormat::webp, b.le24(24) + 1, b.le24(27) + 1);
  if (b.is(12, "VP8L")) {
    if (b.u8(20) != 0x2F) return fail(Errc::malformed, "byte 20: no lossless WebP");
    const uint32_t bits = b.le32(21);
    return sized(ImageFormat::webp, (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1);
  }
  if (!b.is(12, "VP8 ") || !b.is(23, "\x9D\x01\x2A"))
    return fail(Errc::malformed, "byte 12: no WebP chunk that a picture begins with");
  return sized(ImageFormat::webp, b.le16(26) & 0x3FFF, b.le16(28) & 0x3FFF);
}

Result<ImageHeader> parse_bmp(const Bytes& b) {
  if (!b.has(0, 26)) return ends(b.view().size());
  const uint32_t header = b.le32(14);
  if (header == 12) return sized(ImageFormat::bmp, b.le16(18), b.le16(20));
  if (header < 40 || header > 256)
    return fail(Errc::malformed, "byte 14: a BMP header of {} bytes", header);
  const auto height = static_cast<int32_t>(b.le32(22));  // Negative: rows from the top.
  return sized(ImageFormat::bmp, b.le32(18),
               height < 0 ? 0u - static_cast<uint32_t>(height) : static_cast<uint32_t>(height));
}

struct Kind {
  ImageFormat format;
  const char* name;
  const char* extensions;  // The first is what is written.
};

constexpr std::array<Kind, 5> kKinds = {{{ImageFormat::jpeg, "jpeg", ".jpg.jpeg.jpe.jfif."},
                                         {ImageFormat::png, "png", ".png."},
                                         {ImageFormat::gif, "gif", ".gif."},
                                         {ImageFormat::bmp, "bmp", ".bmp.dib."},
                                         {ImageFormat::webp, "webp", ".webp."}}};

}  // namespace

const char* to_string(ImageFormat format) {
  for (const Kind& kind : kKinds)
    if (kind.format == format) return kind.name;
  return "unknown";
}

const char* extension(ImageFormat format) {
  constexpr std::array<const char*, 6> kWritten = {"", ".jpg", ".png", ".gif", ".bmp", ".webp"};
  return kWritten.at(static_cast<size_t>(format));
}

ImageFormat format_of_name(std::string_view name) {
  const size_t dot = name.rfind('.');
  if (dot == name.npos || name.size() - dot > 6) return ImageFormat::unknown;
  std::string end(name.substr(dot));
  for (char& c : end) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
  for (const Kind& kind : kKinds)
    if (std::string_view(kind.extensions).find(end + ".") != std::string_view::npos)
      return kind.format;
  return ImageFormat::unknown;
}

Result<ImageHeader> parse_image_header(ByteView bytes) {
  const Bytes b(bytes);
  if (bytes.empty()) return fail(Errc::malformed, "a picture of 0 bytes");
  if (b.is(0, "\xFF\xD8\xFF")) return parse_jpeg(b);
  if (b.is(0, "\x89PNG\r\n\x1A\n")) {  // PNG 11.2.1
    if (!b.has(0, 24)) return ends(bytes.size());
    if (!b.is(12, "IHDR")) return fail(Errc::malformed, "byte 12: a PNG without IHDR");
    return sized(ImageFormat::png, b.be32(16), b.be32(20));
  }
  if (b.is(0, "GIF87a") || b.is(0, "GIF89a")) {
    if (!b.has(0, 10)) return ends(bytes.size());
    return sized(ImageFormat::gif, b.le16(6), b.le16(8));
  }
  if (b.is(0, "RIFF") && b.is(8, "WEBP")) return parse_webp(b);
  if (b.is(0, "BM")) return parse_bmp(b);
  return fail(Errc::unsupported, "no JPEG, PNG, GIF, BMP or WebP");
}

Result<ImageHeader> read_image_header(const std::filesystem::path& path) {
  constexpr size_t kFirst = 16 << 10, kMax = 64 << 20;
  const auto source = TRY(detail::open_plain(path));
  std::vector<uint8_t> bytes;
  for (size_t wanted = kFirst;; wanted *= 8) {
    size_t size = bytes.size();
    bytes.resize(std::min(wanted, kMax));
    size_t n = 1;
    while (size < bytes.size() && n > 0) {
      n = TRY(source->read(std::span(bytes).subspan(size)));
      size += n;
    }
    bytes.resize(size);
    auto header = parse_image_header(bytes);
    const bool more = !header && header.error().code() == Errc::truncated && n > 0 && size < kMax;
    if (!more) return with_context(std::move(header), path.string());
  }
}

}  // namespace pasu::data
