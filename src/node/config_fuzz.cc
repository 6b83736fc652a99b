#include <cstdint>

#include "node/camera_check.h"
#include "node/camera_store.h"
#include "node/config.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace pasu::node;
  const std::string text(reinterpret_cast<const char*>(data), size);
  if (const auto config = parse_config(text, "fuzz.toml")) {
    // Whatever is accepted must be acceptable by itself.
    for (const auto& camera : config->cameras)
      if (find_problem(camera)) __builtin_trap();
    if (config->port < 1 || config->port > 65535) __builtin_trap();
  }
  if (const auto changes = parse_changes(text)) {
    for (const auto& [name, camera] : *changes)
      if (camera && find_problem(*camera)) __builtin_trap();
  }
  (void)is_plain_text(text);
  return 0;
}
