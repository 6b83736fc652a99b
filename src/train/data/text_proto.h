// The tokens of protobuf's text format (protobuf.dev, "Text Format Language Specification"), each
// with its line and column. What they mean is the readers' business: label maps, pipeline.config.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace pasu::data {

struct TextToken {
  enum class Kind {
    end,         ///< After the last one, again and again.
    identifier,  ///< A field's name, true, false, inf, nan, or an enumerator.
    number,      ///< Without its sign, which is a symbol: 7, 017, 0x1F, 1.5e-3f.
    string,      ///< 'x' or "x"; several in a row are one value, which the reader joins.
    symbol,      ///< One of { } [ ] < > ( ) : ; , - / . ? + * and the like.
  };
  Kind kind = Kind::end;
  std::string_view text;  ///< As it stands in the file, quotes included.
  int line = 1;           ///< From 1.
  int column = 1;         ///< In bytes, from 1.

  [[nodiscard]] bool is(char symbol) const {
    return kind == Kind::symbol && text.front() == symbol;
  }
  /// "'item'", "'{'" or "the end", for messages.
  [[nodiscard]] std::string shown() const;
};

/// Borrows its text. Comments (# to the end of the line) and a byte order mark are passed over.
class TextLexer {
 public:
  /// `path` names the text in errors.
  TextLexer(std::string_view text, std::string path);

  /// Errors (malformed): a byte that begins no token, a string without end, a number run into
  /// letters.
  [[nodiscard]] Result<TextToken> next();
  /// The token that next() gives, which stays there.
  [[nodiscard]] Result<TextToken> peek();
  /// Takes the next token where it is `symbol`.
  [[nodiscard]] Result<bool> take(char symbol);

  /// "path:line:column: what", malformed.
  [[nodiscard]] tl::unexpected<Error> error(const TextToken& at, std::string_view what) const;
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  [[nodiscard]] Result<TextToken> lex();
  [[nodiscard]] TextToken token(TextToken::Kind kind, size_t size) const;
  void skip_space();
  void advance(size_t bytes);

  std::string_view text_;
  std::string path_;
  size_t at_ = 0;
  int line_ = 1;
  size_t line_begin_ = 0;
  bool peeked_ = false;
  TextToken ahead_;
};

/// The bytes that a string token stands for: \n \r \t \a \b \f \v \? \' \" \\ \ooo \xHH \uXXXX
/// \UXXXXXXXX. Errors as the lexer's.
[[nodiscard]] Result<std::string> string_value(const TextLexer& lexer, const TextToken& token);

/// A number token as an integer below 2^64: decimal, octal (leading 0) or hexadecimal (0x).
/// Errors: malformed (1.5 is none; beyond 64 bits).
[[nodiscard]] Result<uint64_t> integer_value(const TextLexer& lexer, const TextToken& token);

/// A number token, or the identifiers inf, infinity and nan in whatever case, as a double.
[[nodiscard]] Result<double> double_value(const TextLexer& lexer, const TextToken& token);

}  // namespace pasu::data
