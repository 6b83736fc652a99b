#include "train/data/label_map.h"

#include <algorithm>
#include <array>
#include <unordered_map>

#include "base/nearest.h"
#include "base/part_file.h"
#include "base/read_file.h"
#include "train/data/text_proto.h"

namespace pasu::data {
namespace {

using Kind = TextToken::Kind;

class Parser {
 public:
  Parser(std::string_view text, const std::string& path, std::vector<Finding>* findings)
      : lexer_(text, path), findings_(findings) {
    map_.path = path;
  }

  Result<LabelMap> parse() {
    while (true) {
      const TextToken token = TRY(lexer_.next());
      if (token.kind == Kind::end) break;
      if (token.is(';') || token.is(',')) continue;
      if (token.text != "item")
        return lexer_.error(token, "expected 'item', found " + token.shown());
      TRY(item(token));
    }
    std::ranges::sort(map_.labels, {}, &Label::id);
    return std::move(map_);
  }

 private:
  Result<char> open(const TextToken& field) {
    TRY(lexer_.take(':'));
    if (TRY(lexer_.take('{'))) return '}';
    if (TRY(lexer_.take('<'))) return '>';
    const TextToken token = TRY(lexer_.next());
    return lexer_.error(
        token, fmt::format("expected '{{' after {}, found {}", field.shown(), token.shown()));
  }

  Result<void> colon(const TextToken& field) {
    if (TRY(lexer_.take(':'))) return {};
    const TextToken token = TRY(lexer_.next());
    return lexer_.error(
        token, fmt::format("expected ':' after {}, found {}", field.shown(), token.shown()));
  }

  Result<void> item(const TextToken& begin) {
    const char close = TRY(open(begin));
    Label label;
    bool has_id = false, has_name = false;
    while (!TRY(lexer_.take(close))) {
      const TextToken field = TRY(lexer_.next());
      if (field.kind == Kind::end)
        return lexer_.error(begin, fmt::format("this item has no closing '{}'", close));
      if (field.is(';') || field.is(',')) continue;
      if (field.text == "id") {
        TRY(colon(field));
        label.id = TRY(id());
        has_id = true;
      } else if (field.text == "name" || field.text == "display_name") {
        TRY(colon(field));
        (field.text == "name" ? label.name : label.display_name) = TRY(text());
        has_name = true;
      } else {
        TRY(other(field));
      }
    }
    if (!has_id && label.name != "background")
      return lexer_.error(begin, "this item has no id; ids are numbered from 1");
    if (!has_name) return lexer_.error(begin, fmt::format("item {} has no name", label.id));
    return add(std::move(label), begin);
  }

  Result<void> add(Label label, const TextToken& begin) {
    if (label.id == 0) {
      if (label.name == "background" || label.display_name == "background") return {};
      return lexer_.error(
          begin, fmt::format("id 0 is the background's; number '{}' from 1", label.shown()));
    }
    const auto [first, fresh] = lines_.emplace(label.id, begin.line);
    if (fresh) {
      map_.labels.push_back(std::move(label));
    } else if (findings_ != nullptr && findings_->size() < kFindingsMax) {
      findings_->push_back(
          {.flaw = Flaw::label_map_mismatch,
           .file = map_.path,
           .place = fmt::format("line {}", begin.line),
           .picture = {},
           .box = {},
           .what = fmt::format("item '{}' repeats id {} of line {} and is left out", label.shown(),
                               label.id, first->second),
           .remedy = "give it an id of its own"});
    }
    return {};
  }

  Result<int64_t> id() {
    const bool negative = TRY(lexer_.take('-'));
    const TextToken token = TRY(lexer_.next());
    const uint64_t value = TRY(integer_value(lexer_, token));
    if (negative || value > INT32_MAX)
      return lexer_.error(
          token, fmt::format("id {}{} is not in 1..{}", negative ? "-" : "", value, INT32_MAX));
    return static_cast<int64_t>(value);
  }

  Result<std::string> text() {
    std::string out;
    TextToken token = TRY(lexer_.next());
    while (true) {
      out += TRY(string_value(lexer_, token));
      token = TRY(lexer_.peek());
      if (token.kind != Kind::string) return out;
      TRY(lexer_.next());
    }
  }

  /// Passes over a field that label maps may have.
  Result<void> other(const TextToken& field) {
    static const std::array<std::string, 9> kFields = {
        "id",        "name",           "display_name",
        "keypoints", "ancestor_ids",   "descendant_ids",
        "frequency", "instance_count", "supercategory"};
    if (std::ranges::find(kFields, field.text) == kFields.end()) {
      const auto near = nearest(std::string(field.text), kFields);
      return lexer_.error(field, fmt::format("an item has no field {}{}", field.shown(),
                                             near ? "; did you mean '" + *near + "'?" : ""));
    }
    TRY(lexer_.take(':'));
    constexpr int kDepthMax = 16;
    int depth = 0;
    do {
      const TextToken token = TRY(lexer_.next());
      if (token.kind == Kind::end) return lexer_.error(field, "this field has no end");
      if (token.is('{') || token.is('[') || token.is('<')) ++depth;
      if (token.is('}') || token.is(']') || token.is('>')) --depth;
      if (depth < 0) return lexer_.error(token, "expected a value, found " + token.shown());
      if (depth > kDepthMax) return lexer_.error(token, "nested too deep");
      if (depth == 0 && token.is('-')) TRY(lexer_.next());
    } while (depth > 0);
    return {};
  }

  TextLexer lexer_;
  std::vector<Finding>* findings_;
  LabelMap map_;
  std::unordered_map<int64_t, int> lines_;  // Of ids that are taken.
};

std::string text_proto_string(std::string_view text) {
  std::string out = "'";
  for (const char c : text) {
    if (c == '\'' || c == '\\')
      out += std::string("\\") + c;
    else if (static_cast<uint8_t>(c) < ' ' || c == 127)
      out += fmt::format("\\{:03o}", static_cast<uint8_t>(c));
    else
      out += c;
  }
  return out + "'";
}

}  // namespace

const Label* LabelMap::find(int64_t id) const {
  const auto found = std::ranges::lower_bound(labels, id, {}, &Label::id);
  return found == labels.end() || found->id != id ? nullptr : &*found;
}

const Label* LabelMap::find(std::string_view name) const {
  auto found = std::ranges::find(labels, name, &Label::name);
  if (found == labels.end()) found = std::ranges::find(labels, name, &Label::display_name);
  return found == labels.end() ? nullptr : &*found;
}

std::vector<Category> LabelMap::categories() const {
  std::vector<Category> out;
  for (const Label& label : labels) out.push_back({label.id, label.shown()});
  return out;
}

Result<LabelMap> parse_label_map(std::string_view text, const std::string& path,
                                 std::vector<Finding>* findings) {
  return Parser(text, path, findings).parse();
}

Result<LabelMap> read_label_map(const std::filesystem::path& path, std::vector<Finding>* findings) {
  constexpr size_t kBytesMax = 64u << 20;
  const std::string text = TRY(read_file(path, kBytesMax));
  return parse_label_map(text, path.string(), findings);
}

Result<void> write_label_map(const std::vector<Category>& categories,
                             const std::filesystem::path& path) {
  std::string text;
  for (const Category& category : categories)
    text += fmt::format("item {{\n  id: {}\n  name: {}\n}}\n", category.id,
                        text_proto_string(category.name));
  return write_file(path.string(), as_bytes(text));
}

}  // namespace pasu::data
