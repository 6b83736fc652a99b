// Small helpers for text protocols: trimming, splitting, comparing, numbers.
#pragma once

#include <charconv>
#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace pasu::wire::detail {

inline bool is_space(char c) { return c == ' ' || c == '\t'; }
inline bool is_digit(char c) { return c >= '0' && c <= '9'; }
inline char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

inline std::string_view trim(std::string_view text) {
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

/// ASCII letters of either case are equal.
inline bool equal_ignoring_case(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  for (size_t i = 0; i < a.size(); ++i)
    if (lower(a[i]) != lower(b[i])) return false;
  return true;
}

inline bool starts_ignoring_case(std::string_view text, std::string_view prefix) {
  return text.size() >= prefix.size() && equal_ignoring_case(text.substr(0, prefix.size()), prefix);
}

/// What a URL may hold in brackets in place of a host's name: an IPv6 address (RFC 3986 3.2.2), so
/// far as that it prints and reads as itself.
inline bool may_be_ipv6(std::string_view host) {
  return host.find(':') != std::string_view::npos && host.find('[') == std::string_view::npos;
}

/// Cuts `text` at the first `separator`: the piece before it is returned, the rest (empty where
/// there is none) stays in `text`.
inline std::string_view cut(std::string_view& text, char separator) {
  const size_t at = text.find(separator);
  const std::string_view piece = text.substr(0, at);
  text = at == std::string_view::npos ? std::string_view() : text.substr(at + 1);
  return piece;
}

/// As cut(), but a separator inside "double quotes" does not count.
inline std::string_view cut_outside_quotes(std::string_view& text, char separator) {
  bool quoted = false;
  for (size_t i = 0; i < text.size(); ++i) {
    if (quoted && text[i] == '\\') {
      ++i;
    } else if (text[i] == '"') {
      quoted = !quoted;
    } else if (!quoted && text[i] == separator) {
      const std::string_view piece = text.substr(0, i);
      text.remove_prefix(i + 1);
      return piece;
    }
  }
  return std::exchange(text, {});
}

/// The next run of characters that are not blank; empty at the end.
inline std::string_view cut_word(std::string_view& text) {
  text = trim(text);
  size_t end = 0;
  while (end < text.size() && !is_space(text[end])) ++end;
  const std::string_view word = text.substr(0, end);
  text = trim(text.substr(end));
  return word;
}

/// The whole of `text` as an unsigned number; nothing where it is none or does not fit.
template <std::unsigned_integral T>
std::optional<T> to_number(std::string_view text, int base = 10) {
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

/// "%41b" is "Ab"; a '%' without two hexadecimal digits stands for itself (RFC 3986 2.1).
inline std::string percent_decode(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (size_t i = 0; i < text.size(); ++i) {
    std::optional<uint8_t> byte;
    if (text[i] == '%' && i + 2 < text.size()) byte = to_number<uint8_t>(text.substr(i + 1, 2), 16);
    out += byte ? static_cast<char>(*byte) : text[i];
    if (byte) i += 2;
  }
  return out;
}

}  // namespace pasu::wire::detail
