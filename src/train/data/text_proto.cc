#include "train/data/text_proto.h"

#include <charconv>
#include <cstdlib>
#include <limits>
#include <utility>

#include "train/data/detail/utf8.h"

namespace pasu::data {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool is_octal(char c) { return c >= '0' && c <= '7'; }
bool is_hex(char c) { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }

/// Bytes at the front of `text` for which `holds`.
template <class F>
size_t run(std::string_view text, F&& holds) {
  size_t n = 0;
  while (n < text.size() && holds(text[n])) ++n;
  return n;
}

size_t number_size(std::string_view text) {
  if (text.starts_with("0x") || text.starts_with("0X")) return 2 + run(text.substr(2), is_hex);
  size_t n = run(text, is_digit);
  if (n < text.size() && text[n] == '.') n += 1 + run(text.substr(n + 1), is_digit);
  if (n < text.size() && (text[n] == 'e' || text[n] == 'E')) {
    size_t sign = n + 1;
    if (sign < text.size() && (text[sign] == '-' || text[sign] == '+')) ++sign;
    if (const size_t digits = run(text.substr(std::min(sign, text.size())), is_digit); digits > 0)
      n = sign + digits;
  }
  if (n < text.size() && (text[n] == 'f' || text[n] == 'F')) ++n;
  return n;
}

/// A number in base 8 or 16 of at most `digits_max` digits at the front of `text`, taken off it.
uint32_t take_code(std::string_view& text, int base, size_t digits_max) {
  const auto digits = text.substr(0, digits_max);
  const size_t n = base == 8 ? run(digits, is_octal) : run(digits, is_hex);
  uint32_t value = 0;
  std::from_chars(text.data(), text.data() + n, value, base);
  text.remove_prefix(n);
  return value;
}

}  // namespace

std::string TextToken::shown() const {
  if (kind == Kind::end) return "the end";
  constexpr size_t kShown = 40;
  std::string out = "'";
  for (const char c : text.substr(0, kShown)) out += static_cast<uint8_t>(c) < ' ' ? ' ' : c;
  return out + (text.size() > kShown ? "...'" : "'");
}

TextLexer::TextLexer(std::string_view text, std::string path)
    : text_(text), path_(std::move(path)) {
  if (text_.starts_with("\xEF\xBB\xBF")) text_.remove_prefix(3);
}

tl::unexpected<Error> TextLexer::error(const TextToken& at, std::string_view what) const {
  return fail(Errc::malformed, "{}:{}:{}: {}", path_, at.line, at.column, what);
}

TextToken TextLexer::token(TextToken::Kind kind, size_t size) const {
  return {.kind = kind,
          .text = text_.substr(at_, size),
          .line = line_,
          .column = static_cast<int>(at_ - line_begin_ + 1)};
}

void TextLexer::advance(size_t bytes) {
  for (const size_t end = at_ + bytes; at_ < end; ++at_) {
    if (text_[at_] != '\n') continue;
    ++line_;
    line_begin_ = at_ + 1;
  }
}

void TextLexer::skip_space() {
  while (at_ < text_.size()) {
    const char c = text_[at_];
    if (c == '#')
      advance(run(text_.substr(at_), [](char x) { return x != '\n'; }));
    else if (c == ' ' || (c >= '\t' && c <= '\r'))
      advance(1);
    else
      return;
  }
}

Result<TextToken> TextLexer::lex() {
  using Kind = TextToken::Kind;
  skip_space();
  if (at_ >= text_.size()) return token(Kind::end, 0);
  const std::string_view rest = text_.substr(at_);
  const char c = rest.front();
  TextToken out;
  if (is_letter(c)) {
    out = token(Kind::identifier, run(rest, [](char x) { return is_letter(x) || is_digit(x); }));
  } else if (is_digit(c) || (c == '.' && rest.size() > 1 && is_digit(rest[1]))) {
    out = token(Kind::number, number_size(rest));
    const size_t size = out.text.size();
    if (size < rest.size() && (is_letter(rest[size]) || is_digit(rest[size])))
      return error(out, fmt::format("the number {} runs into '{}'", out.text, rest[size]));
    if (out.text == "0x" || out.text == "0X") return error(out, "0x without digits");
  } else if (c == '"' || c == '\'') {
    size_t end = 1;
    while (end < rest.size() && rest[end] != c && rest[end] != '\n')
      end += rest[end] == '\\' ? 2 : 1;
    if (end >= rest.size() || rest[end] != c)
      return error(token(Kind::string, 1), "this string has no end on its line");
    out = token(Kind::string, end + 1);
  } else if (c > ' ' && c < 127) {
    out = token(Kind::symbol, 1);
  } else {
    return error(token(Kind::symbol, 1),
                 fmt::format("byte 0x{:02x} outside a string", static_cast<uint8_t>(c)));
  }
  advance(out.text.size());
  return out;
}

Result<TextToken> TextLexer::peek() {
  if (!peeked_) ahead_ = TRY(lex());
  peeked_ = true;
  return ahead_;
}

Result<TextToken> TextLexer::next() {
  if (std::exchange(peeked_, false)) return ahead_;
  return lex();
}

Result<bool> TextLexer::take(char symbol) {
  if (!TRY(peek()).is(symbol)) return false;
  peeked_ = false;
  return true;
}

Result<std::string> string_value(const TextLexer& lexer, const TextToken& token) {
  if (token.kind != TextToken::Kind::string)
    return lexer.error(token, "expected a string, found " + token.shown());
  std::string_view rest = token.text.substr(1, token.text.size() - 2);
  std::string out;
  while (!rest.empty()) {
    const char c = rest.front();
    rest.remove_prefix(1);
    if (c != '\\') {
      out += c;
      continue;
    }
    constexpr std::string_view kFrom = "nrtabfv?'\"\\", kTo = "\n\r\t\a\b\f\v?'\"\\";
    const char escape = rest.front();  // The lexer leaves no lone backslash at the end.
    if (const size_t known = kFrom.find(escape); known != kFrom.npos) {
      out += kTo[known];
      rest.remove_prefix(1);
    } else if (is_octal(escape)) {
      out += static_cast<char>(take_code(rest, 8, 3));
    } else if ((escape == 'x' || escape == 'X') && rest.size() > 1 && is_hex(rest[1])) {
      rest.remove_prefix(1);
      out += static_cast<char>(take_code(rest, 16, 2));
    } else if (escape == 'u' || escape == 'U') {
      const size_t digits = escape == 'u' ? 4 : 8;
      rest.remove_prefix(1);
      const size_t before = rest.size();
      const uint32_t code = take_code(rest, 16, digits);
      if (before - rest.size() != digits || code > 0x10FFFF)
        return lexer.error(token,
                           fmt::format("\\{} without {} digits of a character", escape, digits));
      detail::append_utf8(out, code);
    } else {
      return lexer.error(token, fmt::format("unknown escape in {}", token.shown()));
    }
  }
  return out;
}

Result<uint64_t> integer_value(const TextLexer& lexer, const TextToken& token) {
  if (token.kind != TextToken::Kind::number)
    return lexer.error(token, "expected a whole number, found " + token.shown());
  std::string_view digits = token.text;
  int base = 10;
  if (digits.starts_with("0x") || digits.starts_with("0X")) {
    base = 16;
    digits.remove_prefix(2);
  } else if (digits.size() > 1 && digits.front() == '0') {
    base = 8;
  }
  uint64_t value = 0;
  const char* last = digits.data() + digits.size();
  const auto [end, code] = std::from_chars(digits.data(), last, value, base);
  if (code == std::errc::result_out_of_range && end == last)
    return lexer.error(token, token.shown() + " is beyond 64 bits");
  if (code != std::errc() || end != last)
    return lexer.error(token, "expected a whole number, found " + token.shown());
  return value;
}

Result<double> double_value(const TextLexer& lexer, const TextToken& token) {
  std::string text(token.text);
  if (token.kind == TextToken::Kind::identifier) {
    for (char& c : text) c = static_cast<char>(c | 0x20);
    if (text == "inf" || text == "infinity") return std::numeric_limits<double>::infinity();
    if (text == "nan") return std::numeric_limits<double>::quiet_NaN();
  }
  if (token.kind != TextToken::Kind::number)
    return lexer.error(token, "expected a number, found " + token.shown());
  const bool whole = text.find_first_of(".eEfF") == text.npos;
  if (whole || text.starts_with("0x") || text.starts_with("0X"))
    if (const auto value = integer_value(lexer, token)) return static_cast<double>(*value);
  if (text.back() == 'f' || text.back() == 'F') text.pop_back();
  double value = 0;
  const char* last = text.data() + text.size();
  const auto [end, code] = std::from_chars(text.data(), last, value);
  if (code == std::errc::result_out_of_range) return std::strtod(text.c_str(), nullptr);
  if (code != std::errc() || end != last)
    return lexer.error(token, "expected a number, found " + token.shown());
  return value;
}

}  // namespace pasu::data
