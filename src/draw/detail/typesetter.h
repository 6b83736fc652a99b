// Lines of text as masks, by FreeType from fonts of the system, or from the built-in ones.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "draw/detail/canvas.h"

namespace pasu::draw {

/// Thread-safe: a lock is held while a line is set. A code point is taken from the first font that
/// has it; ASCII that none has comes from the built-in font, all else is a small frame. No shaping:
/// decomposed Hangul stays decomposed.
class Typesetter {
 public:
  static constexpr size_t kCharactersMax = 64;  ///< Of a line; the rest is cut and "..." added.
  static constexpr size_t kGlyphsMax =
      2048;  ///< Kept drawn; all are dropped when there is one more.

  /// Files that are missing or no fonts are passed over.
  explicit Typesetter(const std::vector<std::string>& font_files);
  ~Typesetter();
  Typesetter(const Typesetter&) = delete;
  Typesetter& operator=(const Typesetter&) = delete;

  /// With the fonts this system has: a Latin one and a Korean one, of those that Debian packages.
  [[nodiscard]] static Typesetter& of_system();

  /// `pixels` is the size of the type's em; the mask is as high as a line, as wide as the text.
  [[nodiscard]] Mask line(std::string_view utf8, int pixels);

 private:
  struct Fonts;
  std::unique_ptr<Fonts> fonts_;
};

}  // namespace pasu::draw
