// Any text as a configuration: what parses keeps the schema's rules, and can be checked.
#include <cmath>
#include <cstdint>
#include <memory>
#include <string_view>

#include "train/pipeline/check.h"

using namespace pasu::pipeline;

namespace {

void hold(const Block& block, int depth) {
  if (depth > 32) __builtin_trap();
  for (const Value& value : block.values) {
    const Field& field = *value.field;
    if (block.type->find(field.name) != &field) __builtin_trap();
    if ((value.block != nullptr) != (field.type == Type::message)) __builtin_trap();
    if (!std::isfinite(value.number)) __builtin_trap();
    if (field.type != Type::message && field.type != Type::text && field.type != Type::boolean &&
        !(value.number >= field.low && value.number <= field.high))
      __builtin_trap();
    if (value.block != nullptr) hold(*value.block, depth + 1);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto copy = std::make_unique<char[]>(size);
  std::copy(data, data + size, copy.get());
  const auto config = parse_config({copy.get(), size}, "/nowhere/fuzz.config");
  if (!config) {
    if (config.error().message().empty()) __builtin_trap();
    return 0;
  }
  hold(config->root, 0);
  // Nothing of the file system: a path could name a device.
  if (std::string_view(copy.get(), size).find('/') != std::string_view::npos) return 0;
  static const std::atomic<bool> stop = true;
  for (const Remark& remark : check(*config, {.read_records = false}, stop).remarks)
    if (remark.what.empty() || remark.place.line < 1) __builtin_trap();
  return 0;
}
