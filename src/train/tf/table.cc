#include "train/tf/table.h"

#include "train/data/crc32c.h"
#include "train/data/wire.h"

namespace pasu::train {
namespace {

constexpr size_t kFooterBytes = 48, kTrailerBytes = 5, kEntriesMax = 1'000'000;
constexpr size_t kKeyMax = 4096;
constexpr uint64_t kMagic = 0xdb4775248b80fb57;

uint64_t little_endian(ByteView bytes) {
  uint64_t out = 0;
  for (size_t i = bytes.size(); i-- > 0;) out = out << 8 | bytes[i];
  return out;
}

struct Handle {
  uint64_t offset = 0, size = 0;
};

Result<Handle> read_handle(data::WireReader& reader) {
  Handle out;
  out.offset = TRY(reader.varint());
  out.size = TRY(reader.varint());
  return out;
}

/// A block's bytes without its trailer: u8 compression, u32 masked CRC-32C of both.
Result<ByteView> block_at(ByteView file, const Handle& handle) {
  if (handle.size > file.size() || handle.offset > file.size() - handle.size ||
      file.size() - handle.size - handle.offset < kTrailerBytes)
    return fail(Errc::malformed, "a block is said to be at byte {}, {} long; the file has {}",
                handle.offset, handle.size, file.size());
  const ByteView block = file.subspan(handle.offset, handle.size);
  const ByteView trailer = file.subspan(handle.offset + handle.size, kTrailerBytes);
  const uint32_t crc = data::crc32c(file.subspan(handle.offset, handle.size + 1));
  if (data::mask_crc(crc) != little_endian(trailer.subspan(1)))
    return fail(Errc::malformed, "the block at byte {} is damaged (CRC-32C differs)",
                handle.offset);
  if (trailer[0] != 0)
    return fail(Errc::unsupported, "the block at byte {} is compressed", handle.offset);
  return block;
}

/// Entries share the start of their key with the one before; the restart points at the end, for
/// searching, are passed over.
Result<void> read_block(ByteView block, std::vector<TableEntry>& out) {
  if (block.size() < 4) return fail(Errc::malformed, "a block of {} bytes", block.size());
  const uint64_t restarts = little_endian(block.last(4));
  if (restarts > block.size() / 4 - 1)
    return fail(Errc::malformed, "a block with {} restart points", restarts);
  const ByteView entries = block.first(block.size() - 4 * (restarts + 1));
  std::string key;
  size_t at = 0;
  while (at < entries.size()) {
    const ByteView rest = entries.subspan(at);
    data::WireReader reader(rest);
    const uint64_t shared = TRY(reader.varint());
    const uint64_t added = TRY(reader.varint());
    const uint64_t value = TRY(reader.varint());
    const size_t start = reader.position();
    if (shared > key.size() || added > rest.size() - start || added + shared > kKeyMax ||
        value > rest.size() - start - added)
      return fail(Errc::malformed, "an entry does not fit its block");
    if (out.size() >= kEntriesMax) return fail(Errc::too_large, "over {} entries", kEntriesMax);
    std::string next = key.substr(0, shared);
    next += as_text(rest.subspan(start, added));
    if (!out.empty() && next <= out.back().key)
      return fail(Errc::malformed, "the entry '{}' is out of order", next);
    key = std::move(next);
    out.push_back({key, std::string(as_text(rest.subspan(start + added, value)))});
    at += start + added + value;
  }
  return {};
}

}  // namespace

Result<std::vector<TableEntry>> read_table(ByteView bytes) {
  if (bytes.size() < kFooterBytes || little_endian(bytes.last(8)) != kMagic)
    return fail(Errc::malformed, "is no checkpoint index, or is cut off");
  data::WireReader footer(bytes.last(kFooterBytes).first(kFooterBytes - 8));
  TRY(read_handle(footer));  // The meta index, which checkpoints have no use for.
  const Handle index = TRY(read_handle(footer));
  std::vector<TableEntry> blocks, out;
  const ByteView index_block = TRY(block_at(bytes, index));
  TRY(read_block(index_block, blocks));
  for (const TableEntry& entry : blocks) {
    data::WireReader reader(as_bytes(entry.value));
    const Handle handle = TRY(read_handle(reader));
    const ByteView block = TRY(block_at(bytes, handle));
    TRY(read_block(block, out));
  }
  return out;
}

}  // namespace pasu::train
