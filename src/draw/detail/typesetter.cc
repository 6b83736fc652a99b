#include "draw/detail/typesetter.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <mutex>
#include <unordered_map>

#include <ft2build.h>
#include FT_FREETYPE_H

#include "base/metrics.h"
#include "draw/detail/builtin_font.h"
#include "draw/detail/utf8.h"

namespace pasu::draw {
namespace {

/// One font for Latin and one for Korean, the first of each list that exists; all from Debian's
/// fonts-* packages.
const std::vector<std::vector<std::string>> kSystemFonts = {
    {"/usr/share/fonts/truetype/noto/NotoSans-SemiBold.ttf",
     "/usr/share/fonts/truetype/noto/NotoSans-Bold.ttf",
     "/usr/share/fonts/truetype/dejavu/DejaVuSans-Bold.ttf",
     "/usr/share/fonts/truetype/liberation/LiberationSans-Bold.ttf",
     "/usr/share/fonts/truetype/liberation2/LiberationSans-Bold.ttf",
     "/usr/share/fonts/truetype/freefont/FreeSansBold.ttf",
     "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf"},
    {"/usr/share/fonts/opentype/noto/NotoSansCJK-Bold.ttc",
     "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",
     "/usr/share/fonts/truetype/nanum/NanumGothicBold.ttf",
     "/usr/share/fonts/truetype/nanum/NanumGothic.ttf",
     "/usr/share/fonts/truetype/nanum/NanumBarunGothicBold.ttf",
     "/usr/share/fonts/truetype/unfonts-core/UnDotumBold.ttf",
     "/usr/share/fonts/truetype/unfonts-core/UnDotum.ttf",
     "/usr/share/fonts/truetype/baekmuk/dotum.ttf"}};

struct Glyph {
  Mask mask;
  int left = 0;  // of the mask, from the pen
  int top = 0;   // of the mask, above the baseline
  int advance = 0;
};

Glyph builtin_glyph(char32_t code, int pixels) {
  const BuiltinGlyph& shape = builtin_font_glyph(code);
  const int scale = std::max(1, (pixels + 4) / kBuiltinFontEm);
  Glyph out;
  out.mask = Mask(kBuiltinGlyphWidth * scale, kBuiltinGlyphHeight * scale);
  for (int y = 0; y < out.mask.height; ++y)
    for (int x = 0; x < out.mask.width; ++x)
      out.mask.at(x, y) = shape.pixel(x / scale, y / scale) ? 255 : 0;
  out.top = kBuiltinFontAscent * scale;
  out.advance = (kBuiltinGlyphWidth + 1) * scale;
  return out;
}

}  // namespace

struct Typesetter::Fonts {
  std::mutex mutex;
  FT_Library library = nullptr;
  std::vector<FT_Face> faces;
  std::unordered_map<uint64_t, Glyph> glyphs;
  metrics::Counter drawn = metrics::registry().counter(
      "pasu_draw_glyphs_drawn_total", "Letters rendered because they were not kept from before.");

  const Glyph& glyph(char32_t code, int pixels) {
    const uint64_t key = static_cast<uint64_t>(pixels) << 32 | code;
    if (const auto found = glyphs.find(key); found != glyphs.end()) return found->second;
    if (glyphs.size() == kGlyphsMax) glyphs.clear();
    drawn.add();
    Glyph drawn_glyph;
    const bool in_font = std::any_of(faces.begin(), faces.end(), [&](FT_Face face) {
      return render(face, code, pixels, drawn_glyph);
    });
    if (!in_font) drawn_glyph = builtin_glyph(code, pixels);
    return glyphs.emplace(key, std::move(drawn_glyph)).first->second;
  }

  static bool render(FT_Face face, char32_t code, int pixels, Glyph& out) {
    const FT_UInt index = FT_Get_Char_Index(face, code);
    if (index == 0 || FT_Set_Pixel_Sizes(face, 0, static_cast<FT_UInt>(pixels)) != 0 ||
        FT_Load_Glyph(face, index, FT_LOAD_RENDER | FT_LOAD_TARGET_LIGHT | FT_LOAD_NO_BITMAP) != 0)
      return false;
    const FT_GlyphSlot slot = face->glyph;
    const FT_Bitmap& bitmap = slot->bitmap;
    if (bitmap.pixel_mode != FT_PIXEL_MODE_GRAY) return false;
    out.mask = Mask(static_cast<int>(bitmap.width), static_cast<int>(bitmap.rows));
    for (int y = 0; y < out.mask.height; ++y)
      for (int x = 0; x < out.mask.width; ++x)
        out.mask.at(x, y) = bitmap.buffer[y * bitmap.pitch + x];
    out.left = slot->bitmap_left;
    out.top = slot->bitmap_top;
    out.advance = static_cast<int>((slot->advance.x + 32) / 64);
    return true;
  }
};

Typesetter::Typesetter(const std::vector<std::string>& font_files)
    : fonts_(std::make_unique<Fonts>()) {
  if (FT_Init_FreeType(&fonts_->library) != 0) {
    fonts_->library = nullptr;
    return;
  }
  for (const std::string& file : font_files) {
    FT_Face face = nullptr;
    if (FT_New_Face(fonts_->library, file.c_str(), 0, &face) == 0) fonts_->faces.push_back(face);
  }
}

Typesetter::~Typesetter() {
  for (FT_Face face : fonts_->faces) FT_Done_Face(face);
  if (fonts_->library) FT_Done_FreeType(fonts_->library);
}

Typesetter& Typesetter::of_system() {
  static Typesetter typesetter = [] {
    std::vector<std::string> files;
    for (const auto& choices : kSystemFonts) {
      const auto found = std::find_if(choices.begin(), choices.end(), [](const auto& file) {
        std::error_code ignored;
        return std::filesystem::exists(file, ignored);
      });
      if (found != choices.end()) files.push_back(*found);
    }
    return Typesetter(files);
  }();
  return typesetter;
}

Mask Typesetter::line(std::string_view utf8, int pixels) {
  std::u32string text = code_points(utf8);
  if (text.size() > kCharactersMax) text = text.substr(0, kCharactersMax) + U"...";
  // Room for accents above capitals and for descenders, in the fonts above.
  const int height = static_cast<int>(std::lround(pixels * 1.2));
  const int baseline = static_cast<int>(std::lround(pixels * 0.92));

  const std::lock_guard lock(fonts_->mutex);
  int width = 0;
  for (const char32_t code : text) width += fonts_->glyph(code, pixels).advance;
  Mask out(width, height);
  int pen = 0;
  for (const char32_t code : text) {
    const Glyph& glyph = fonts_->glyph(code, pixels);
    const int left = pen + glyph.left;
    const int top = baseline - glyph.top;
    for (int y = std::max(0, -top); y < std::min(glyph.mask.height, height - top); ++y)
      for (int x = std::max(0, -left); x < std::min(glyph.mask.width, width - left); ++x) {
        uint8_t& alpha = out.at(left + x, top + y);
        alpha = std::max(alpha, glyph.mask.at(x, y));
      }
    pen += glyph.advance;
  }
  return out;
}

}  // namespace pasu::draw
