// Lines and the words in them, for formats of numbers in columns.
#pragma once

#include <algorithm>
#include <charconv>
#include <optional>
#include <string_view>
#include <vector>

namespace pasu::data::detail {

/// Takes the first line off `text`, without its end (\n, \r\n).
inline std::string_view take_line(std::string_view& text) {
  const size_t end = text.find('\n');
  std::string_view line = text.substr(0, end);
  text.remove_prefix(end == text.npos ? text.size() : end + 1);
  if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
  return line;
}

/// Runs of what is neither space nor tab, at most `words_max` and one.
inline std::vector<std::string_view> words_of(std::string_view line, size_t words_max) {
  std::vector<std::string_view> out;
  for (size_t at = 0; out.size() <= words_max;) {
    const size_t begin = line.find_first_not_of(" \t", at);
    if (begin == line.npos) break;
    at = std::min(line.find_first_of(" \t", begin), line.size());
    out.push_back(line.substr(begin, at - begin));
  }
  return out;
}

/// All of `word` as a number; nan and inf are numbers here, to be refused by name.
inline std::optional<double> number_of(std::string_view word) {
  if (!word.empty() && word.front() == '+') word.remove_prefix(1);
  double value = 0;
  const auto [end, code] = std::from_chars(word.data(), word.data() + word.size(), value);
  if (code != std::errc() || end != word.data() + word.size()) return std::nullopt;
  return value;
}

}  // namespace pasu::data::detail
