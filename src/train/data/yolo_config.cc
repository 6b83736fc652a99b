// data.yaml and classes.txt: as much YAML as such files are made of.
#include <charconv>
#include <map>
#include <optional>

#include "train/data/detail/lines.h"
#include "train/data/yolo.h"

namespace pasu::data {
namespace {

constexpr size_t kNamesMax = 100'000;

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

/// Does the quote at `at` begin a quoted scalar, rather than stand in a plain one ("it's").
bool opens_quote(std::string_view text, size_t at) {
  if (text[at] != '"' && text[at] != '\'') return false;
  return at == 0 || std::string_view(" \t[{,:-").find(text[at - 1]) != std::string_view::npos;
}

/// The first byte outside quotes for which `holds`.
template <class F>
size_t find_outside_quotes(std::string_view text, F&& holds) {
  char quote = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    if (quote != 0) {
      if (quote == '"' && text[i] == '\\')
        ++i;
      else if (text[i] == quote)
        quote = 0;
    } else if (holds(i)) {
      return i;
    } else if (opens_quote(text, i)) {
      quote = text[i];
    }
  }
  return text.npos;
}

/// A line without its comment; # in quotes or within a word is none.
std::string_view without_comment(std::string_view line) {
  return line.substr(0, find_outside_quotes(line, [line](size_t i) {
                       return line[i] == '#' &&
                              (i == 0 || line[i - 1] == ' ' || line[i - 1] == '\t');
                     }));
}

std::string scalar(std::string_view text) {
  text = trimmed(text);
  if (text.size() < 2 || (text.front() != '"' && text.front() != '\'') ||
      text.front() != text.back())
    return std::string(text);
  const char quote = text.front();
  text = text.substr(1, text.size() - 2);
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    if (quote == '\'' && text.substr(i).starts_with("''")) ++i;
    if (quote == '"' && text[i] == '\\' && i + 1 < text.size()) ++i;
    out += text[i];
  }
  return out;
}

/// The first of `stops` outside quotes.
size_t find_plain(std::string_view text, std::string_view stops) {
  return find_outside_quotes(text, [=](size_t i) { return stops.find(text[i]) != stops.npos; });
}

class Parser {
 public:
  Parser(std::string_view text, const std::string& path) : rest_(text), path_(path) {
    if (rest_.starts_with("\xEF\xBB\xBF")) rest_.remove_prefix(3);
  }

  Result<YoloConfig> parse() {
    next();
    while (line_) {
      if (indent() > 0 || trimmed(*line_).starts_with("-")) {  // Of a key nobody asked for.
        next();
        continue;
      }
      const std::string_view text = trimmed(*line_);
      const size_t colon = find_plain(text, ":");
      if (colon == text.npos) {
        if (text == "---" || text == "..." || text.starts_with("%")) {
          next();
          continue;
        }
        return error(fmt::format("expected 'key: value', found '{}'", text.substr(0, 40)));
      }
      const std::string key = scalar(text.substr(0, colon));
      const std::string_view value = trimmed(text.substr(colon + 1));
      if (key == "names")
        TRY(names(value));
      else if (key == "path")
        TRY(one(value, out_.root));
      else if (key == "train" || key == "val" || key == "valid" || key == "test")
        TRY(split(key == "valid" ? "val" : key, value));
      else
        next();
    }
    return std::move(out_);
  }

 private:
  [[nodiscard]] tl::unexpected<Error> error(std::string_view what) const {
    return fail(Errc::malformed, "{}:{}: {}", path_, number_, what);
  }

  /// The next line that says something, or none.
  void next() {
    line_.reset();
    while (!rest_.empty()) {
      const std::string_view line = without_comment(detail::take_line(rest_));
      ++number_;
      if (trimmed(line).empty()) continue;
      line_ = line;
      return;
    }
  }

  [[nodiscard]] size_t indent() const { return line_->find_first_not_of(" \t"); }

  Result<void> one(std::string_view value, std::string& out) {
    out = scalar(value);
    next();
    return {};
  }

  Result<void> split(const std::string& name, std::string_view value) {
    std::vector<std::string> paths;
    if (!value.empty() && value.front() != '[') {
      paths.push_back(scalar(value));
      next();
    } else {
      TRY(list(value, paths));
    }
    std::erase_if(paths, [](const std::string& path) { return path.empty() || path == "null"; });
    if (!paths.empty()) out_.splits.push_back({name, std::move(paths)});
    return {};
  }

  /// A flow list that may go on over lines, or a block list below.
  Result<void> list(std::string_view value, std::vector<std::string>& out) {
    if (value.empty()) {
      for (next(); line_ && trimmed(*line_).starts_with("-"); next()) {
        if (out.size() >= kNamesMax) return error("too many names");
        out.push_back(scalar(trimmed(*line_).substr(1)));
      }
      return {};
    }
    const std::string flow = TRY(flow_text(value, ']'));
    return items(flow, [&](std::string_view item) -> Result<void> {
      out.push_back(scalar(item));
      return {};
    });
  }

  /// What stands between the brackets, joined where it goes on over lines.
  Result<std::string> flow_text(std::string_view value, char close) {
    std::string text;
    std::string_view part = value.substr(1);  // Quotes do not go on over lines here.
    size_t end = 0;
    while ((end = find_plain(part, {&close, 1})) == part.npos) {
      text += part;
      text += ' ';
      next();
      if (!line_) return error(fmt::format("this list has no closing '{}'", close));
      part = trimmed(*line_);
    }
    if (!trimmed(part.substr(end + 1)).empty()) return error(fmt::format("text after '{}'", close));
    text += part.substr(0, end);
    next();
    return text;
  }

  template <class F>
  Result<void> items(std::string_view text, F&& each) {
    for (size_t count = 0;; ++count) {
      if (count > kNamesMax) return error("too many names");
      const size_t comma = find_plain(text, ",");
      const std::string_view item = trimmed(text.substr(0, comma));
      if (comma == text.npos && item.empty()) return {};
      TRY(each(item));
      if (comma == text.npos) return {};
      text.remove_prefix(comma + 1);
    }
  }

  Result<void> names(std::string_view value) {
    out_.names.clear();
    const auto numbered = [this](std::string_view item) { return name(item); };
    if (value.starts_with("{")) {
      const std::string flow = TRY(flow_text(value, '}'));
      TRY(items(flow, numbered));
    } else if (!value.empty()) {
      if (value.front() != '[') return error("expected a list of names after 'names:'");
      return list(value, out_.names);
    } else {
      const auto mark = std::pair(rest_, number_);
      const auto line = line_;
      next();
      if (line_ && trimmed(*line_).starts_with("-")) {
        std::tie(rest_, number_) = mark;
        line_ = line;
        return list({}, out_.names);
      }
      for (; line_ && indent() > 0; next()) TRY(name(trimmed(*line_)));
    }
    for (const auto& [number, text] : numbered_) {
      if (number != out_.names.size())
        return error(fmt::format("class {} has no name, class {} has", out_.names.size(), number));
      out_.names.push_back(text);
    }
    return {};
  }

  /// "3: car"
  Result<void> name(std::string_view item) {
    const size_t colon = find_plain(item, ":");
    const std::string key = scalar(item.substr(0, colon));
    size_t number = 0;
    const auto [end, code] = std::from_chars(key.data(), key.data() + key.size(), number);
    if (colon == item.npos || code != std::errc() || end != key.data() + key.size())
      return error(fmt::format("expected 'number: name', found '{}'", item.substr(0, 40)));
    if (number >= kNamesMax) return error(fmt::format("class {} is too many", number));
    if (!numbered_.emplace(number, scalar(item.substr(colon + 1))).second)
      return error(fmt::format("class {} is named twice", number));
    return {};
  }

  std::string_view rest_;
  const std::string& path_;
  std::optional<std::string_view> line_;
  int number_ = 0;
  std::map<size_t, std::string> numbered_;
  YoloConfig out_;
};

std::string quoted(std::string_view text) {
  std::string out = "'";
  for (const char c : text) {
    if (c == '\'') out += '\'';
    out += static_cast<uint8_t>(c) < ' ' ? ' ' : c;
  }
  return out + "'";
}

}  // namespace

Result<YoloConfig> parse_yolo_config(std::string_view text, const std::string& path) {
  return Parser(text, path).parse();
}

std::string yolo_config_text(const YoloConfig& config) {
  std::string out;
  if (!config.root.empty()) out += fmt::format("path: {}\n", quoted(config.root));
  for (const YoloConfig::Split& split : config.splits) {
    if (split.paths.size() == 1) {
      out += fmt::format("{}: {}\n", split.name, quoted(split.paths.front()));
      continue;
    }
    out += split.name + ":\n";
    for (const std::string& path : split.paths) out += fmt::format("  - {}\n", quoted(path));
  }
  out += fmt::format("nc: {}\nnames:{}\n", config.names.size(), config.names.empty() ? " []" : "");
  for (size_t i = 0; i < config.names.size(); ++i)
    out += fmt::format("  {}: {}\n", i, quoted(config.names[i]));
  return out;
}

Result<std::vector<std::string>> parse_class_names(std::string_view text, const std::string& path) {
  std::vector<std::string> out;
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  int blank = 0;
  for (int number = 1; !text.empty(); ++number) {
    const std::string_view line = trimmed(detail::take_line(text));
    if (line.empty()) {
      if (blank == 0) blank = number;
      continue;
    }
    if (blank > 0)
      return fail(Errc::malformed, "{}:{}: a class without name; classes are numbered by line",
                  path, blank);
    if (out.size() == kNamesMax)
      return fail(Errc::too_large, "{}: more than {} classes", path, kNamesMax);
    out.emplace_back(line);
  }
  return out;
}

}  // namespace pasu::data
