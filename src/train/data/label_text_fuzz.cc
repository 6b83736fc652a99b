// Any text as YOLO labels, data.yaml, class names and KITTI labels.
#include <cmath>
#include <cstdint>
#include <string>

#include "train/data/kitti.h"
#include "train/data/yolo.h"

using namespace pasu::data;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  std::vector<Finding> findings;
  const auto boxes = parse_yolo(text, "fuzz", {640, 480}, 80, {.findings = &findings});
  if (boxes)
    for (const Object& object : *boxes)
      if (object.category < 1 || object.category > 80) __builtin_trap();
  if (const auto config = parse_yolo_config(text, "fuzz")) {
    const auto again = parse_yolo_config(yolo_config_text(*config), "again");
    if (!again || again->names.size() != config->names.size()) __builtin_trap();
  }
  (void)parse_class_names(text, "fuzz");
  if (const auto objects = parse_kitti(text, "fuzz", {.findings = &findings}))
    for (const KittiObject& object : *objects)
      if (object.type.empty() || !std::isfinite(object.object.box.x)) __builtin_trap();
  return 0;
}
