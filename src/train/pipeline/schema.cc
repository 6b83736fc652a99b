#include "train/pipeline/schema.h"

#include <charconv>
#include <deque>
#include <set>

#include "base/assert.h"
#include "train/pipeline/detail/schema_tables.h"

namespace pasu::pipeline {
namespace {

/// The part of `text` before `separator`, taken off it with the separator.
std::string_view take(std::string_view& text, std::string_view separator) {
  const size_t end = std::min(text.find(separator), text.size());
  const auto part = text.substr(0, end);
  text.remove_prefix(std::min(end + separator.size(), text.size()));
  return part;
}

double number(std::string_view text) {
  double value = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
  ASSERT(code == std::errc() && end == text.data() + text.size());
  return value;
}

EnumType enum_of(const detail::TableRow& row) {
  EnumType out{.name = row.name, .names = {}, .numbers = {}};
  for (std::string_view rest = row.content; !rest.empty();) {
    std::string_view value = take(rest, " ");
    out.names.emplace_back(take(value, "="));
    out.numbers.push_back(static_cast<int32_t>(number(value)));
  }
  return out;
}

std::optional<Type> plain_type(std::string_view name) {
  constexpr std::pair<std::string_view, Type> kTypes[] = {
      {"int32", Type::int32}, {"int64", Type::int64},  {"uint32", Type::uint32},
      {"float", Type::real},  {"bool", Type::boolean}, {"string", Type::text}};
  for (const auto& [known, type] : kTypes)
    if (known == name) return type;
  return std::nullopt;
}

}  // namespace

const Field* MessageType::find(std::string_view field) const {
  for (const Field& one : fields)
    if (one.name == field) return &one;
  return nullptr;
}

Schema::Schema() {
  for (const auto& row : detail::enumerations()) enums_.emplace(row.name, enum_of(row));
  for (const auto& rows : {detail::run_messages(), detail::model_messages()})
    for (const auto& row : rows) messages_[row.name].name = row.name;
  for (const auto& rows : {detail::run_messages(), detail::model_messages()})
    for (const auto& row : rows)
      for (std::string_view rest = row.content; !rest.empty();) {
        std::string_view text = take(rest, "; ");
        Field field{.name = take(text, " ")};
        std::string_view type = take(text, " ");
        field.repeated = type.ends_with('*');
        if (field.repeated) type.remove_suffix(1);
        if (const auto plain = plain_type(type)) {
          field.type = *plain;
        } else if (const auto known = enums_.find(type); known != enums_.end()) {
          field.type = Type::enumerator;
          field.enumeration = &known->second;
        } else {
          ASSERT(messages_.contains(type));
          field.type = Type::message;
          field.message = &messages_[type];
        }
        while (!text.empty()) {
          std::string_view word = take(text, " ");
          if (word.front() == '@') {
            field.oneof = word.substr(1);
          } else if (word.front() == '=') {
            field.preset = word.substr(1);
          } else {
            field.low = number(take(word, ".."));
            if (!word.empty()) field.high = number(word);
          }
        }
        messages_[row.name].fields.push_back(field);
      }
  root_ = &messages_["TrainEvalPipelineConfig"];
}

const Schema& Schema::get() {
  static const Schema schema;
  return schema;
}

std::optional<std::string> Schema::place_of(std::string_view name) const {
  std::deque<std::pair<const MessageType*, std::string>> open = {{root_, ""}};
  std::set<const MessageType*> seen;
  while (!open.empty()) {
    const auto [message, path] = open.front();
    open.pop_front();
    if (!seen.insert(message).second) continue;
    for (const Field& field : message->fields) {
      std::string place = path + std::string(field.name);
      if (field.name == name) return place;
      if (field.message != nullptr) open.emplace_back(field.message, place + ".");
    }
  }
  return std::nullopt;
}

}  // namespace pasu::pipeline
