// Any text as TensorFlow's `checkpoint`.
#include <algorithm>
#include <cstdint>
#include <memory>
#include <string_view>

#include "train/pipeline/checkpoint_path.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto copy = std::make_unique<char[]>(size);
  std::copy(data, data + size, copy.get());
  const auto latest = pasu::pipeline::latest_checkpoint({copy.get(), size}, "checkpoint");
  if (latest ? latest->empty() || latest->size() > size : latest.error().message().empty())
    __builtin_trap();
  return 0;
}
