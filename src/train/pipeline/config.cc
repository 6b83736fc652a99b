#include "train/pipeline/config.h"

#include <algorithm>
#include <cmath>

#include "base/assert.h"
#include "base/nearest.h"
#include "base/read_file.h"
#include "train/data/text_proto.h"

namespace pasu::pipeline {
namespace {

using data::TextLexer;
using data::TextToken;
using Kind = TextToken::Kind;

constexpr size_t kFileBytesMax = 1 << 20;

const char* words(Type type) {
  switch (type) {
    case Type::int32:
    case Type::int64:
      return "a whole number";
    case Type::uint32:
      return "a whole number from 0";
    case Type::real:
      return "a number";
    case Type::boolean:
      return "true or false";
    case Type::text:
      return "a string in quotes";
    case Type::enumerator:
      return "a name";
    case Type::message:
      return "'{'";
  }
  return "";
}

std::string joined(const std::vector<std::string>& names) {
  std::string out;
  for (const std::string& name : names) out += (out.empty() ? "" : ", ") + name;
  return out;
}

std::string limits_text(const Field& field) {
  if (std::isinf(field.high)) return fmt::format("{} or more", field.low);
  return fmt::format("{} to {}", field.low, field.high);
}

class Parser {
 public:
  Parser(std::string_view text, const std::string& path) : lexer_(text, path) {}

  Result<Config> parse() {
    Config config{.path = lexer_.path(),
                  .root = {.type = &Schema::get().root(), .place = {}, .values = {}}};
    while (TRY(lexer_.peek()).kind != Kind::end) TRY(entry(config.root));
    return config;
  }

 private:
  static Place place(const TextToken& token) { return {token.line, token.column}; }

  /// "model.ssd: ", or nothing at the top.
  [[nodiscard]] std::string inside() const { return path_.empty() ? "" : path_ + ": "; }

  tl::unexpected<Error> wrong(const TextToken& at, std::string_view what) const {
    return lexer_.error(at, inside() + std::string(what));
  }

  Result<void> entry(Block& block) {
    const TextToken name = TRY(lexer_.next());
    if (name.is(';') || name.is(',')) return {};
    if (name.is('['))
      return wrong(name, "extensions of the format in [ ] are not known here; leave them out");
    if (name.kind != Kind::identifier)
      return wrong(name, fmt::format("expected a field's name, found {}", name.shown()));
    const Field* field = block.type->find(name.text);
    if (field == nullptr) return unknown(block, name);
    TRY(check_once(block, *field, name));
    if (field->type == Type::message) return message(block, *field, name);
    if (!TRY(lexer_.take(':'))) {
      const TextToken found = TRY(lexer_.next());
      return wrong(found,
                   fmt::format("expected ':' after '{}', found {}", name.text, found.shown()));
    }
    if (!TRY(lexer_.take('['))) return scalar(block, *field, name);
    if (!field->repeated)
      return wrong(name, fmt::format("'{}' takes one value, not a list", name.text));
    if (TRY(lexer_.take(']'))) return {};
    while (true) {
      TRY(scalar(block, *field, name));
      if (TRY(lexer_.take(']'))) return {};
      TRY(comma());
    }
  }

  Result<void> comma() {
    if (TRY(lexer_.take(','))) return {};
    const TextToken found = TRY(lexer_.next());
    return wrong(found, fmt::format("expected ',' or ']', found {}", found.shown()));
  }

  Result<void> unknown(const Block& block, const TextToken& name) {
    std::vector<std::string> names;
    for (const Field& field : block.type->fields) names.emplace_back(field.name);
    std::string what = fmt::format("{} has no field {}", block.type->name, name.shown());
    // What stands one level too high or low is more often a misplaced bracket than a slip.
    const auto elsewhere = Schema::get().place_of(name.text);
    if (elsewhere)
      what += fmt::format("; it belongs elsewhere, for example {}: is a bracket misplaced?",
                          *elsewhere);
    else if (const auto near = nearest(name.text, names))
      what += fmt::format("; did you mean '{}'?", *near);
    else if (names.empty())
      what += "; it has none at all";
    else if (names.size() <= 12)
      what += "; it has " + joined(names);
    return wrong(name, what);
  }

  Result<void> check_once(const Block& block, const Field& field, const TextToken& name) {
    if (field.repeated) return {};
    if (const Value* before = block.find(field.name))
      return wrong(name, fmt::format("'{}' is set a second time; the first is in line {}",
                                     field.name, before->place.line));
    if (field.oneof.empty()) return {};
    if (const Value* other = block.chosen(field.oneof))
      return wrong(name,
                   fmt::format("'{}' is set, and so is '{}' in line {}: only one of them may be",
                               field.name, other->field->name, other->place.line));
    return {};
  }

  Result<void> message(Block& block, const Field& field, const TextToken& name) {
    const bool colon = TRY(lexer_.take(':'));
    if (!colon || !TRY(lexer_.take('['))) return one_message(block, field, name);
    if (!field.repeated)
      return wrong(name, fmt::format("'{}' takes one value, not a list", name.text));
    if (TRY(lexer_.take(']'))) return {};
    while (true) {
      TRY(one_message(block, field, name));
      if (TRY(lexer_.take(']'))) return {};
      TRY(comma());
    }
  }

  // As deep as the schema is, which has an end.
  Result<void> one_message(Block& block, const Field& field, const TextToken& name) {
    const TextToken open = TRY(lexer_.next());
    if (!open.is('{') && !open.is('<'))
      return wrong(open,
                   fmt::format("expected '{{' after '{}', found {}", name.text, open.shown()));
    const char close = open.is('{') ? '}' : '>';
    auto inner = std::make_unique<Block>();
    inner->type = field.message;
    inner->place = place(name);
    const size_t outside = path_.size();
    if (!path_.empty()) path_ += '.';
    path_ += field.name;
    while (!TRY(lexer_.take(close))) {
      if (TRY(lexer_.peek()).kind == Kind::end)
        return wrong(
            open, fmt::format("the '{}' that begins here has no closing '{}'", open.text, close));
      TRY(entry(*inner));
    }
    path_.resize(outside);
    block.values.push_back(
        {.field = &field, .place = place(name), .text = {}, .block = std::move(inner)});
    return {};
  }

  Result<void> scalar(Block& block, const Field& field, const TextToken& name) {
    Value value{.field = &field, .place = place(name), .text = {}, .block = nullptr};
    switch (field.type) {
      case Type::text:
        TRY(string(field, value));
        break;
      case Type::boolean:
        TRY(boolean(field, value));
        break;
      case Type::enumerator:
        TRY(enumerator(field, value));
        break;
      case Type::real:
        TRY(real(field, value));
        break;
      default:
        TRY(integer(field, value));
    }
    block.values.push_back(std::move(value));
    return {};
  }

  tl::unexpected<Error> expected(const Field& field, const TextToken& found,
                                 bool negative = false) {
    return wrong(found, fmt::format("{} is {}, found {}{}", field.name, words(field.type),
                                    negative ? "-" : "", found.shown()));
  }

  Result<void> string(const Field& field, Value& value) {
    const TextToken first = TRY(lexer_.next());
    if (first.kind != Kind::string) return expected(field, first);
    value.text = TRY(data::string_value(lexer_, first));
    while (TRY(lexer_.peek()).kind == Kind::string) {
      const TextToken more = TRY(lexer_.next());
      value.text += TRY(data::string_value(lexer_, more));
    }
    return {};
  }

  Result<void> boolean(const Field& field, Value& value) {
    const TextToken token = TRY(lexer_.next());
    for (const std::string_view word : {"true", "True", "t", "1"})
      if (token.text == word) value.number = 1;
    for (const std::string_view word : {"false", "False", "f", "0"})
      if (token.text == word) return {};
    if (value.number == 0) return expected(field, token);
    return {};
  }

  Result<void> enumerator(const Field& field, Value& value) {
    const bool negative = TRY(lexer_.take('-'));
    const TextToken token = TRY(lexer_.next());
    const EnumType& type = *field.enumeration;
    for (size_t i = 0; i < type.names.size(); ++i) {
      const bool by_number =
          !negative && token.kind == Kind::number && token.text == std::to_string(type.numbers[i]);
      if (!by_number && (negative || token.text != type.names[i])) continue;
      value.number = type.numbers[i];
      value.text = type.names[i];
      return {};
    }
    const auto near = nearest(token.text, type.names);
    return wrong(token,
                 fmt::format("{} is one of {}; found {}{}", field.name, joined(type.names),
                             token.shown(), near ? fmt::format(", did you mean {}?", *near) : ""));
  }

  Result<void> real(const Field& field, Value& value) {
    const bool negative = TRY(lexer_.take('-'));
    const TextToken token = TRY(lexer_.next());
    if (token.kind != Kind::number && token.kind != Kind::identifier)
      return expected(field, token, negative);
    const auto read = data::double_value(lexer_, token);
    if (!read) return expected(field, token, negative);
    // Floats: what does not fit is infinite there.
    value.number = static_cast<double>(static_cast<float>(negative ? -*read : *read));
    if (!std::isfinite(value.number))
      return wrong(token, fmt::format("{} is {}{}, which is no finite number", field.name,
                                      negative ? "-" : "", token.text));
    // A preset such as 0.7 must equal the text 0.7: doubles are kept, checked as floats.
    value.number = negative ? -*read : *read;
    return limits(field, value, token);
  }

  Result<void> integer(const Field& field, Value& value) {
    const bool negative = TRY(lexer_.take('-'));
    const TextToken token = TRY(lexer_.next());
    if (token.kind != Kind::number) return expected(field, token, negative);
    const auto read = data::integer_value(lexer_, token);
    if (!read) return expected(field, token, negative);
    const double number = negative ? -static_cast<double>(*read) : static_cast<double>(*read);
    const auto [low, high] = field.type == Type::uint32  ? std::pair(0., 4294967295.)
                             : field.type == Type::int32 ? std::pair(-2147483648., 2147483647.)
                                                         : std::pair(-0x1p63, 0x1p63);
    if (number < low || number > high)
      return wrong(token, fmt::format("{} is {}{}; it lies within {} and {}", field.name,
                                      negative ? "-" : "", token.text, low, high));
    value.number = number;
    return limits(field, value, token);
  }

  Result<void> limits(const Field& field, const Value& value, const TextToken& token) {
    if (value.number >= field.low && value.number <= field.high) return {};
    return wrong(token, fmt::format("{} is {}; it must be {}", field.name, value.number,
                                    limits_text(field)));
  }

  TextLexer lexer_;
  std::string path_;  // Of the message being read.
};

}  // namespace

const Value* Block::find(std::string_view field) const {
  const auto at = std::find_if(values.rbegin(), values.rend(),
                               [&](const Value& value) { return value.field->name == field; });
  return at == values.rend() ? nullptr : &*at;
}

const Block* Block::block(std::string_view field) const {
  const Value* value = find(field);
  return value == nullptr ? nullptr : value->block.get();
}

double Block::number(std::string_view field) const {
  if (const Value* value = find(field)) return value->number;
  const Field* known = type->find(field);
  ASSERT(known != nullptr);
  if (known->preset.empty()) return 0;
  if (known->type == Type::boolean) return known->preset == "true" ? 1 : 0;
  if (known->type == Type::enumerator) {
    const auto& names = known->enumeration->names;
    const auto at = std::ranges::find(names, known->preset) - names.begin();
    return known->enumeration->numbers[static_cast<size_t>(at)];
  }
  return std::stod(std::string(known->preset));
}

std::string Block::text(std::string_view field) const {
  if (const Value* value = find(field)) return value->text;
  const Field* known = type->find(field);
  ASSERT(known != nullptr);
  return std::string(known->preset);
}

const Value* Block::chosen(std::string_view oneof) const {
  for (const Value& value : values)
    if (value.field->oneof == oneof) return &value;
  return nullptr;
}

const Value* Config::find(std::string_view name) const {
  const Block* at = &root;
  while (true) {
    const size_t dot = name.find('.');
    const Value* value = at->find(name.substr(0, dot));
    if (value == nullptr || dot == name.npos) return value;
    at = value->block.get();
    if (at == nullptr) return nullptr;
    name.remove_prefix(dot + 1);
  }
}

const Block* Config::block(std::string_view name) const {
  const Value* value = find(name);
  return value == nullptr ? nullptr : value->block.get();
}

Result<Config> parse_config(std::string_view text, const std::string& path) {
  return Parser(text, path).parse();
}

Result<Config> read_config(const std::string& path) {
  const std::string text = TRY(read_file(path, kFileBytesMax));
  return parse_config(text, path);
}

}  // namespace pasu::pipeline
