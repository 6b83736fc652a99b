#include <cstdint>
#include <vector>

#include "bits/bit_reader.h"
#include "bits/nal.h"

using namespace pasu;

namespace {

// Units lie in the input, in order, and neither they nor the errors are endless.
void walk(bits::NalCursor cursor, ByteView bytes) {
  size_t past = 0;
  for (size_t steps = 0; steps <= bytes.size() + 1; ++steps) {
    const auto unit = cursor.next();
    if (!unit) continue;
    if (!*unit) return;
    const auto& [nal, offset] = **unit;
    if (nal.empty() || offset < past || offset + nal.size() > bytes.size()) __builtin_trap();
    if (nal.data() != bytes.data() + offset) __builtin_trap();
    past = offset + nal.size();
  }
  __builtin_trap();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::vector<uint8_t> bytes(data, data + size);
  walk(bits::NalCursor::annexb(bytes), bytes);
  for (const int length_size : {1, 2, 4}) {
    walk(bits::NalCursor::length_prefixed(bytes, length_size), bytes);
  }
  // The same bytes say what to read and are what is read.
  bits::BitReader reader(bytes, 1);
  size_t position = 0;
  for (const uint8_t byte : bytes) {
    switch (byte % 5) {
      case 0:
        reader.u(byte % 33);
        break;
      case 1:
        reader.skip(byte);
        break;
      case 2:
        if (reader.ue("ue", byte) > byte) __builtin_trap();
        break;
      case 3:
        if (reader.se("se", -1, byte) < -1) __builtin_trap();
        break;
      default:
        (void)reader.more_rbsp_data();
    }
    if (!reader.ok()) {
      if (reader.status("fuzz")) __builtin_trap();
      continue;
    }
    if (reader.byte_position() + 1 < position || reader.byte_position() > size) __builtin_trap();
    position = reader.byte_position();
  }
  return 0;
}
