// Any bytes as a picture: sizes are positive, and more bytes never change what was read.
#include <cstdint>
#include <string>

#include "train/data/image_header.h"

using namespace pasu;
using namespace pasu::data;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string bytes(reinterpret_cast<const char*>(data), size);
  const auto header = parse_image_header(as_bytes(bytes));
  if (header && (header->size.width < 1 || header->size.height < 1 || header->quarter_turns < 0 ||
                 header->quarter_turns > 3))
    __builtin_trap();
  const auto half = parse_image_header(as_bytes(bytes).first(size / 2));
  if (half && (!header || header->size != half->size)) __builtin_trap();
  return 0;
}
