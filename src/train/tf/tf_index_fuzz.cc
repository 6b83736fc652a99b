// Any bytes as a checkpoint's index, and as the one data block of an index whose CRCs are right:
// nothing that a fuzzer changes would get past them otherwise.
#include <cstdint>
#include <string>
#include <vector>

#include "train/data/crc32c.h"
#include "train/data/wire.h"
#include "train/tf/checkpoint.h"

using namespace pasu;
using namespace pasu::train;

namespace {

void put32(std::string& out, uint32_t value) {
  for (int i = 0; i < 4; ++i) out += static_cast<char>(value >> (8 * i));
}

/// Appends the block with its trailer; gives its handle.
std::string put_block(std::string& file, std::string block) {
  std::string handle;
  data::put_varint(handle, file.size());
  data::put_varint(handle, block.size());
  block += '\0';
  file += block;
  put32(file, data::mask_crc(data::crc32c(as_bytes(block))));
  return handle;
}

std::string table_of(std::string block) {
  std::string file;
  const std::string handle = put_block(file, std::move(block));
  std::string index;
  data::put_varint(index, 0);
  data::put_varint(index, 1);
  data::put_varint(index, handle.size());
  index += 'z' + handle;
  put32(index, 0);
  put32(index, 1);
  std::string footer = handle + put_block(file, std::move(index));
  footer.resize(40);
  put32(footer, 0x8b80fb57);
  put32(footer, 0xdb477524);
  return file + footer;
}

void check(ByteView bytes) {
  const auto index = parse_tf_index(bytes);
  if (!index) return;
  for (const TfVariable& variable : index->variables)
    if (variable.shard < 0 || variable.shard >= index->shards || variable.name.empty())
      __builtin_trap();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  check(std::vector<uint8_t>(data, data + size));
  check(as_bytes(table_of(std::string(reinterpret_cast<const char*>(data), size))));
  return 0;
}
