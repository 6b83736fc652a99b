#include <cstdint>

#include "base/config_text.h"

using pasu::ConfigTable;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  auto root = ConfigTable::parse(text, "fuzz.toml");
  if (!root) return 0;
  std::string name;
  double fps = 0;
  int64_t port = 1;
  auto server = root->table("server");
  if (server) {
    (void)server->read("listen", name);
    (void)server->read("fps", fps, 0, 60);
    (void)server->read("port", port, 1, 65535);
    if (!(fps >= 0 && fps <= 60) || port < 1 || port > 65535) __builtin_trap();
    (void)server->finish();
  }
  auto cameras = root->tables("camera");
  if (cameras)
    for (auto& camera : *cameras) (void)camera.read("name", name);
  (void)root->finish();
  return 0;
}
