// Any bytes as a TFRecord file, strictly and passing over damage, and each record and the bytes
// themselves as a picture with boxes.
#include <cmath>
#include <cstdint>
#include <string>
#include <sys/mman.h>
#include <unistd.h>

#include "train/data/record_set.h"

using namespace pasu;
using namespace pasu::data;

namespace {

void read_as_picture(const Record& record) {
  ClassNumbers classes;
  std::vector<Finding> findings;
  const auto read = parse_picture_record(record, classes, "fuzz", {.findings = &findings});
  if (!read) return;
  for (const Object& object : read->picture.objects)
    if (!std::isfinite(object.box.x) || !std::isfinite(object.box.w) || object.category < 1)
      __builtin_trap();
  DataSet set{.categories = classes.categories(), .pictures = {}};
  if (read->picture.size.width < 1 || read->picture.size.height < 1) return;
  const std::string message = picture_example(read->picture, set, read->encoded);
  ClassNumbers again;
  const auto back =
      parse_picture_record({.data = as_bytes(message)}, again, "fuzz", {.findings = &findings});
  if (!back || back->picture.objects.size() > read->picture.objects.size()) __builtin_trap();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string bytes(reinterpret_cast<const char*>(data), size);
  read_as_picture({.data = as_bytes(bytes)});
  static const int file = memfd_create("record_fuzz", 0);
  static const std::string path = "/proc/self/fd/" + std::to_string(file);
  if (ftruncate(file, 0) != 0 || pwrite(file, bytes.data(), size, 0) != static_cast<ssize_t>(size))
    return 0;
  std::vector<std::string> strict;
  if (auto reader = RecordReader::open(path))
    while (auto record = reader->next()) {
      if (!*record) break;
      strict.emplace_back(as_text((*record)->data));
    }
  std::vector<Finding> findings;
  auto reader = RecordReader::open(path, {.findings = &findings});
  if (!reader) __builtin_trap();
  size_t count = 0;
  for (uint64_t last = 0;; ++count) {
    const auto record = reader->next();
    if (!record || !*record) break;
    if (count > 0 && (*record)->offset <= last) __builtin_trap();
    last = (*record)->offset;
    if (count < strict.size() && as_text((*record)->data) != strict[count]) __builtin_trap();
    read_as_picture(**record);
  }
  if (count < strict.size()) __builtin_trap();
  return 0;
}
