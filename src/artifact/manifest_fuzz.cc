// Any text as a manifest: what is taken keeps the rules, and what is written comes back.
#include <cstdint>
#include <string>

#include "artifact/manifest.h"

using namespace pasu::artifact;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  (void)parse_labels(text, "labels.txt");
  const auto manifest = parse_manifest(text, "fuzz.toml");
  if (!manifest) return 0;
  if (manifest->variants.empty() || manifest->outputs.empty()) __builtin_trap();
  for (const Variant& variant : manifest->variants)
    if (variant.file.empty() || variant.file.front() == '/' || variant.input.width < 1 ||
        variant.input.height < 1 || !(variant.threshold >= 0 && variant.threshold <= 1))
      __builtin_trap();
  const std::string once = write_manifest(*manifest);
  const auto again = parse_manifest(once, "again.toml");
  if (!again || write_manifest(*again) != once) __builtin_trap();
  return 0;
}
