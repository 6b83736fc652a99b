// Any text as a graph: what parses round-trips, and its shapes and cost can be asked for.
#include <cstdint>
#include <string>

#include "train/model/graph.h"

using namespace pasu::train;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  const auto graph = parse_graph(text);
  if (!graph) return 0;
  const auto again = parse_graph(write_graph(*graph));
  if (!again || *again != *graph) __builtin_trap();
  for (const int side : {1, 32, 300})
    if (const auto maps = shapes(*graph, side, 2 * side))
      for (const auto& map : *maps)
        for (const int64_t n : map)
          if (n < 1) __builtin_trap();
  static_cast<void>(cost(*graph, 320, 192));
  return 0;
}
