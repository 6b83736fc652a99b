// XML as a stream of tags and text: what annotation files need of it, and no more.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace pasu::data {

struct XmlEvent {
  enum class Kind { start, text, end, finish };
  Kind kind = Kind::finish;
  std::string_view name;  ///< Of a tag.
  std::string text;       ///< Unescaped; never only white space.
  int line = 1;           ///< From 1.
};

/// Borrows its text. Tags must nest and close; attributes, comments, processing instructions and
/// the XML declaration are checked for their ends and passed over. Of entities only &lt; &gt;
/// &amp; &quot; &apos; and characters by number are known: there is no DOCTYPE (unsupported), hence
/// nothing that could expand or be fetched.
/// Errors name "line N": truncated, malformed, unsupported, too_large (nested over kDepthMax).
class XmlReader {
 public:
  static constexpr size_t kDepthMax = 64;

  explicit XmlReader(std::string_view text);
  [[nodiscard]] Result<XmlEvent> next();
  /// After a start: everything up to its end.
  [[nodiscard]] Result<void> skip();
  /// After a start: the text in it; tags in it are malformed. White space around is taken off.
  [[nodiscard]] Result<std::string> text();
  [[nodiscard]] int line() const { return line_; }

 private:
  [[nodiscard]] Result<XmlEvent> tag();
  [[nodiscard]] Result<void> append_text(std::string& out);
  [[nodiscard]] Result<void> append_entity(std::string& out);
  [[nodiscard]] Result<void> pass(std::string_view end, const char* what);
  void advance(size_t bytes);
  [[nodiscard]] tl::unexpected<Error> error(Errc code, std::string_view what) const;

  std::string_view text_;
  size_t at_ = 0;
  int line_ = 1;
  std::vector<std::string_view> open_;
  bool closes_ = false;  // The last start was <x/>: its end comes next.
  bool rooted_ = false;
};

}  // namespace pasu::data
