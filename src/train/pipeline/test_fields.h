// For tests that hold lists of fields to what reads them: every field of the format, set in turn.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "train/pipeline/check.h"

namespace pasu::pipeline {

/// The paths below `type`, beginning with `path`, of fields that are no messages, and of messages
/// without fields.
inline void leaves(const MessageType& type, const std::string& path, std::vector<std::string>& out,
                   int depth = 0) {
  constexpr int kDepthMax = 10;  // Messages hold their own kind.
  for (const Field& field : type.fields) {
    const std::string here = path + "." + std::string(field.name);
    const bool parent = field.message != nullptr && !field.message->fields.empty();
    if (!parent)
      out.push_back(here);
    else if (depth < kDepthMax)
      leaves(*field.message, here, out, depth + 1);
  }
}

/// A value that `field` has not now, within its limits.
inline Value another(const Block& block, const Field& field) {
  Value out;
  out.field = &field;
  const double now = field.message == nullptr && field.type != Type::text && !field.repeated
                         ? block.number(field.name)
                         : 0;
  switch (field.type) {
    case Type::text:
      out.text = "another";
      break;
    case Type::boolean:
      out.number = now != 0 ? 0 : 1;
      break;
    case Type::enumerator:
      for (size_t i = 0; i < field.enumeration->numbers.size(); ++i)
        if (field.enumeration->numbers[i] != now) {
          out.number = field.enumeration->numbers[i];
          out.text = field.enumeration->names[i];
        }
      break;
    default:
      for (const double value : {now + 2, now + 1, now / 2, now - 1, field.low, field.high})
        if (value != now && value >= field.low && value <= field.high &&
            (field.type == Type::real || value == static_cast<double>(static_cast<int>(value)))) {
          out.number = value;
          break;
        }
  }
  return out;
}

/// Sets the field at `path` ("model.ssd.num_classes") to another value than it has, with the
/// messages around it, and takes away what a oneof has in its place. `whole` false: the messages
/// around it alone.
inline void set_another(Block& block, std::string_view path, bool whole) {
  const size_t dot = path.find('.');
  const Field& field = *block.type->find(path.substr(0, dot));
  if (dot == path.npos && !whole) return;
  if (!field.oneof.empty())
    std::erase_if(block.values, [&](const Value& value) {
      return value.field != &field && value.field->oneof == field.oneof;
    });
  if (dot == path.npos && field.message == nullptr) {
    Value made = another(block, field);
    if (!field.repeated)
      std::erase_if(block.values, [&](const Value& value) { return value.field == &field; });
    block.values.push_back(std::move(made));
    return;
  }
  // Of a repeated message the one that has the next field already. Augmentation has a message for
  // each step.
  const std::string_view next = path.substr(dot == path.npos ? path.size() : dot + 1);
  const auto of = [&](const Value& value) { return value.field == &field; };
  auto found = std::ranges::find_if(block.values, [&](const Value& value) {
    return of(value) && value.block->find(next.substr(0, next.find('.'))) != nullptr;
  });
  if (found == block.values.end() && field.name != "data_augmentation_options")
    found = std::ranges::find_if(block.values, of);
  if (found == block.values.end()) {
    found = block.values.insert(block.values.end(), Value());
    found->field = &field;
    found->block = std::make_unique<Block>();
    found->block->type = field.message;
  }
  if (dot != path.npos) set_another(*found->block, next, whole);
}

/// The remark of a check on the field itself or a message around it, that nothing heeds it.
inline const Remark* not_heeded(const Report& report, const std::string& path) {
  for (const Remark& remark : report.remarks)
    if ((path == remark.field || path.starts_with(remark.field + ".")) &&
        (remark.what.find("not honoured") != std::string::npos ||
         remark.what.find("changes nothing here") != std::string::npos))
      return &remark;
  return nullptr;
}

/// What is wrong with what a check says of the field at `path` of a configuration, or empty.
/// `settings_from` makes what a run goes by of a Config, as a Result that can be compared.
template <class F>
std::string wrong_remark(const std::string& text, const std::string& path, F&& settings_from) {
  auto before = parse_config(text, "p.config").value();
  auto after = parse_config(text, "p.config").value();
  set_another(before.root, path, false);
  set_another(after.root, path, true);
  const auto without = settings_from(before), with = settings_from(after);
  const std::atomic<bool> stop = false;
  const Report report = check(after, {.read_records = false}, stop);
  const Remark* remark = not_heeded(report, path);
  if (!with)  // Refused, and so not to be said to go on without.
    return remark != nullptr && remark->level == Level::warning
               ? "is refused (" + with.error().message() + "), and said to be ignored"
               : "";
  // A step of augmentation is heeded as such.
  const bool heeded = !without || !(*without == *with);
  if (heeded && remark != nullptr) return "is heeded, and said not to be: " + remark->what;
  return heeded || remark != nullptr ? "" : "is not heeded, and not said so";
}

}  // namespace pasu::pipeline
