// Any bytes as a checkpoint: what parses is written back to the same checkpoint, and its graph is
// read.
#include <cstdint>
#include <cstring>
#include <vector>

#include "train/model/graph.h"
#include "train/model/weights.h"

using namespace pasu;
using namespace pasu::train;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::vector<uint8_t> bytes(data, data + size);
  const auto read = parse_checkpoint(bytes);
  if (!read) return 0;
  // Bytes, not values, are compared: a NaN differs from itself.
  const std::string again = write_checkpoint(*read);
  const auto back = parse_checkpoint(as_bytes(again));
  if (!back || write_checkpoint(*back) != again) __builtin_trap();
  for (const auto& [name, array] : read->arrays) {
    int64_t count = 1;
    for (const int64_t side : array.shape) count *= side;
    if (static_cast<size_t>(count) != array.values.size()) __builtin_trap();
  }
  return 0;
}
