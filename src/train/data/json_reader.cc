#include "train/data/json_reader.h"

#include <array>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <limits>

#include "train/data/detail/utf8.h"

namespace pasu::data {
namespace {

enum ByteClass : uint8_t { kBad, kPlain, kQuote, kOpen, kClose };

// Bytes outside strings: what skip() does with each.
constexpr auto kClasses = [] {
  std::array<uint8_t, 256> out{};
  for (const char c : std::string_view(" \t\r\n,:+-.0123456789eEtrufalsnINyi"))
    out[static_cast<uint8_t>(c)] = kPlain;  // Letters: true, false, null, NaN, Infinity.
  out['"'] = kQuote;
  out['['] = out['{'] = kOpen;
  out[']'] = out['}'] = kClose;
  return out;
}();

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// Four hexadecimal digits of \uXXXX at the front of `text`.
std::optional<uint32_t> hex4(std::string_view text) {
  if (text.size() < 4) return std::nullopt;
  uint32_t value = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + 4, value, 16);
  if (code != std::errc() || end != text.data() + 4) return std::nullopt;
  return value;
}

}  // namespace

JsonReader::JsonReader(std::string_view text) : text_(text) {
  if (text_.starts_with("\xEF\xBB\xBF")) at_ = 3;
}

tl::unexpected<Error> JsonReader::error(size_t at, Errc code, std::string_view what) const {
  return fail(code, "byte {}: {}", at, what);
}

tl::unexpected<Error> JsonReader::expected(const char* what) {
  if (at_ >= text_.size())
    return error(at_, Errc::truncated, fmt::format("the text ends where {} should be", what));
  const char c = text_[at_];
  const std::string found =
      c >= ' ' && c < 127 ? fmt::format("'{}'", c) : fmt::format("byte 0x{:02x}", uint8_t(c));
  return error(at_, Errc::malformed, fmt::format("expected {}, found {}", what, found));
}

void JsonReader::skip_space() {
  while (at_ < text_.size() &&
         (text_[at_] == ' ' || text_[at_] == '\n' || text_[at_] == '\r' || text_[at_] == '\t'))
    ++at_;
}

void JsonReader::seek(size_t offset) {
  at_ = offset;
  first_ = false;
}

Result<void> JsonReader::expect(char c, const char* what) {
  skip_space();
  if (at_ >= text_.size() || text_[at_] != c) return expected(what);
  ++at_;
  return {};
}

Result<JsonReader::Kind> JsonReader::peek() {
  skip_space();
  if (at_ >= text_.size()) return expected("a value");
  switch (text_[at_]) {
    case '{':
      return Kind::object;
    case '[':
      return Kind::array;
    case '"':
      return Kind::string;
    case 't':
    case 'f':
      return Kind::boolean;
    case 'n':
      return Kind::null;
    case 'N':
    case 'I':
    case '-':
      return Kind::number;
    default:
      if (is_digit(text_[at_])) return Kind::number;
      return expected("a value");
  }
}

Result<void> JsonReader::enter_object() {
  TRY(expect('{', "'{'"));
  first_ = true;
  return {};
}

Result<void> JsonReader::enter_array() {
  TRY(expect('[', "'['"));
  first_ = true;
  return {};
}

Result<std::optional<std::string_view>> JsonReader::next_key() {
  skip_space();
  if (at_ < text_.size() && text_[at_] == '}') {
    ++at_;
    first_ = false;
    return std::nullopt;
  }
  if (!first_) TRY(expect(',', "',' or '}'"));
  first_ = false;
  skip_space();
  const size_t at = at_;
  std::string_view key = TRY(raw_string());
  if (key.find('\\') != key.npos) {
    key_ = TRY(unescape(key, at));
    key = key_;
  }
  TRY(expect(':', "':'"));
  return key;
}

Result<bool> JsonReader::next_element() {
  skip_space();
  if (at_ < text_.size() && text_[at_] == ']') {
    ++at_;
    first_ = false;
    return false;
  }
  if (!first_) {
    TRY(expect(',', "',' or ']'"));
    skip_space();
  }
  first_ = false;
  if (at_ >= text_.size() || text_[at_] == ']') return expected("a value");
  return true;
}

Result<std::string_view> JsonReader::number_token() {
  skip_space();
  const size_t begin = at_;
  size_t at = at_;
  const auto digits = [&] {
    const size_t from = at;
    while (at < text_.size() && is_digit(text_[at])) ++at;
    return at > from;
  };
  if (at < text_.size() && text_[at] == '-') ++at;
  for (const std::string_view word : {"NaN", "Infinity"})
    if (text_.substr(at).starts_with(word)) {
      at_ = at + word.size();
      return text_.substr(begin, at_ - begin);
    }
  const size_t first = at;
  if (!digits()) return expected("a number");
  bool good = text_[first] != '0' || at == first + 1;
  if (at < text_.size() && text_[at] == '.') {
    ++at;
    good &= digits();
  }
  if (at < text_.size() && (text_[at] == 'e' || text_[at] == 'E')) {
    ++at;
    if (at < text_.size() && (text_[at] == '+' || text_[at] == '-')) ++at;
    good &= digits();
  }
  const auto token = text_.substr(begin, at - begin);
  if (!good)
    return error(begin, Errc::malformed, fmt::format("'{}' is no number", token.substr(0, 40)));
  at_ = at;
  return token;
}

Result<double> JsonReader::number() {
  const std::string_view token = TRY(number_token());
  if (token.back() == 'N') return std::numeric_limits<double>::quiet_NaN();
  if (token.back() == 'y')
    return token.front() == '-' ? -std::numeric_limits<double>::infinity()
                                : std::numeric_limits<double>::infinity();
  double value = 0;
  const auto [end, code] = std::from_chars(token.data(), token.data() + token.size(), value);
  if (code == std::errc::result_out_of_range) return std::strtod(std::string(token).c_str(), {});
  return value;
}

Result<int64_t> JsonReader::integer() {
  const size_t at = (skip_space(), at_);
  const std::string_view token = TRY(number_token());
  int64_t value = 0;
  const auto [end, code] = std::from_chars(token.data(), token.data() + token.size(), value);
  if (code == std::errc() && end == token.data() + token.size()) return value;
  constexpr double kExactMax = 9007199254740992;  // 2^53: doubles know every integer up to here.
  at_ = at;
  const double real = TRY(number());
  if (std::isfinite(real) && real == std::trunc(real)) {
    if (code != std::errc::result_out_of_range && std::abs(real) <= kExactMax)
      return static_cast<int64_t>(real);
    return error(at, Errc::too_large, fmt::format("{} is beyond 64 bits", token.substr(0, 40)));
  }
  return error(at, Errc::malformed, fmt::format("{} is no whole number", token.substr(0, 40)));
}

Result<bool> JsonReader::flag() {
  skip_space();
  for (const bool value : {false, true}) {
    const std::string_view word = value ? "true" : "false";
    if (!text_.substr(at_).starts_with(word)) continue;
    at_ += word.size();
    return value;
  }
  return TRY(number())
  != 0;
}

Result<std::string_view> JsonReader::raw_string() {
  if (at_ >= text_.size() || text_[at_] != '"') return expected("'\"'");
  const size_t begin = ++at_;
  for (; at_ < text_.size(); ++at_) {
    const char c = text_[at_];
    if (c == '"') return text_.substr(begin, at_++ - begin);
    if (static_cast<uint8_t>(c) < ' ')
      return error(at_, Errc::malformed, "a control character in a string");
    if (c == '\\') ++at_;
  }
  at_ = text_.size();
  return error(begin - 1, Errc::truncated, "the text ends within the string that begins here");
}

Result<std::string> JsonReader::unescape(std::string_view raw, size_t at) const {
  std::string out;
  out.reserve(raw.size());
  for (size_t i = 0; i < raw.size(); ++i) {
    if (raw[i] != '\\') {
      out += raw[i];
      continue;
    }
    constexpr std::string_view kFrom = "\"\\/bfnrt", kTo = "\"\\/\b\f\n\r\t";
    const char c = raw[++i];  // raw_string() leaves no lone backslash at the end.
    if (const size_t known = kFrom.find(c); known != kFrom.npos) {
      out += kTo[known];
      continue;
    }
    auto code = c == 'u' ? hex4(raw.substr(i + 1)) : std::nullopt;
    if (!code) return error(at + 1 + i, Errc::malformed, "an unknown escape in a string");
    i += 4;
    if (*code >= 0xD800 && *code < 0xDC00 && raw.substr(i + 1).starts_with("\\u")) {
      const auto low = hex4(raw.substr(i + 3));
      if (low && *low >= 0xDC00 && *low < 0xE000) {
        code = 0x10000 + ((*code - 0xD800) << 10) + (*low - 0xDC00);
        i += 6;
      }
    }
    detail::append_utf8(out, *code);
  }
  return out;
}

Result<std::string> JsonReader::string() {
  skip_space();
  const size_t at = at_;
  const std::string_view raw = TRY(raw_string());
  if (raw.find('\\') == raw.npos) return std::string(raw);
  return unescape(raw, at);
}

Result<void> JsonReader::skip() {
  TRY(peek());
  std::array<char, kDepthMax> closers{};
  size_t depth = 0;
  while (at_ < text_.size()) {
    const char c = text_[at_];
    switch (kClasses[static_cast<uint8_t>(c)]) {
      case kPlain:
        if (depth == 0 && (c == ',' || c == ' ' || c == '\n' || c == '\r' || c == '\t')) return {};
        ++at_;
        break;
      case kQuote:
        TRY(raw_string());
        if (depth == 0) return {};
        break;
      case kOpen:
        if (depth == kDepthMax)
          return error(at_, Errc::too_large, fmt::format("nested over {} deep", kDepthMax));
        closers[depth++] = c == '[' ? ']' : '}';
        ++at_;
        break;
      case kClose:
        if (depth == 0) return {};  // Of the container around the value.
        if (closers[depth - 1] != c) return expected(c == ']' ? "'}'" : "']'");
        ++at_;
        if (--depth == 0) return {};
        break;
      default:
        return expected("a value");
    }
  }
  if (depth > 0) return expected("a closing bracket");
  return {};
}

Result<void> JsonReader::finish() {
  skip_space();
  if (at_ < text_.size()) return expected("the end");
  return {};
}

}  // namespace pasu::data
