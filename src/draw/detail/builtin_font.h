// A font of 5 x 9 pixels for ASCII, so that ids and scores are drawn where no font is installed.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace pasu::draw {

inline constexpr int kBuiltinGlyphWidth = 5;
inline constexpr int kBuiltinGlyphHeight = 9;
inline constexpr int kBuiltinFontAscent = 7;  ///< Rows above the baseline.
inline constexpr int kBuiltinFontEm = 10;     ///< Line height.

struct BuiltinGlyph {
  std::array<uint8_t, kBuiltinGlyphHeight> rows;  ///< Top first; bit 4 is the left column.
  [[nodiscard]] bool pixel(int x, int y) const {
    return (rows[static_cast<size_t>(y)] >> (kBuiltinGlyphWidth - 1 - x)) & 1;
  }
};

/// A frame for what is not printable ASCII.
[[nodiscard]] const BuiltinGlyph& builtin_font_glyph(char32_t code);

}  // namespace pasu::draw
