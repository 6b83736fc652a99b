// Any text as a VOC annotation: what is taken keeps the rules, and what is written comes back.
#include <cmath>
#include <cstdint>
#include <string>

#include "train/data/voc.h"

using namespace pasu::data;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  std::vector<Finding> findings;
  const auto read = parse_voc(text, "fuzz", VocCorners::pixels_from_1, {.findings = &findings});
  if (!read) return 0;
  DataSet set;
  for (size_t i = 0; i < read->names.size(); ++i)
    set.categories.push_back({static_cast<int64_t>(i), read->names[i]});
  const auto again =
      parse_voc(voc_text(read->picture, set, "x"), "again", VocCorners::pixels_from_1);
  if (!again || again->picture.objects.size() != read->picture.objects.size()) __builtin_trap();
  for (size_t i = 0; i < again->picture.objects.size(); ++i) {
    const Object &a = again->picture.objects[i], &b = read->picture.objects[i];
    if (!std::isfinite(b.box.x) || static_cast<size_t>(b.category) >= read->names.size())
      __builtin_trap();
    if (std::abs(b.box.x) < 1e9 && std::abs(b.box.w) < 1e9 && std::abs(a.box.x - b.box.x) > 0.0051)
      __builtin_trap();
  }
  return 0;
}
