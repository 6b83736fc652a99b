// Any text as COCO instances: what is taken keeps the rules, and what is written comes back.
#include <cmath>
#include <cstdint>
#include <filesystem>
#include <string>
#include <unistd.h>

#include "train/data/coco.h"

using namespace pasu::data;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  const auto strict = parse_coco(text, "fuzz.json");
  std::vector<Finding> findings;
  const auto lenient = parse_coco(text, "fuzz.json", {.findings = &findings});
  if (strict && (!lenient || !findings.empty())) __builtin_trap();
  if (!lenient) return 0;
  if (!strict && findings.empty()) __builtin_trap();
  for (const Picture& picture : lenient->pictures)
    for (const Object& object : picture.objects)
      if (!std::isfinite(object.box.x) || !std::isfinite(object.box.w) ||
          lenient->category(object.category) == nullptr)
        __builtin_trap();
  const auto path = std::filesystem::temp_directory_path() /
                    ("pasu_coco_fuzz_" + std::to_string(::getpid()) + ".json");
  if (!write_coco(*lenient, path)) return 0;
  const auto again = read_coco(path);
  std::filesystem::remove(path);
  if (!again || again->pictures.size() != lenient->pictures.size() ||
      again->categories.size() != lenient->categories.size())
    __builtin_trap();
  for (size_t i = 0; i < again->pictures.size(); ++i) {
    const auto &a = lenient->pictures[i].objects, &b = again->pictures[i].objects;
    if (a.size() != b.size()) __builtin_trap();
    for (size_t k = 0; k < a.size(); ++k)
      if (a[k].box != b[k].box || a[k].category != b[k].category) __builtin_trap();
  }
  return 0;
}
