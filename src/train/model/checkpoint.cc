// The checkpoint file (docs/ref/checkpoint.md), little endian:
//
//   "PASUCKP1", u64 index bytes, index, u32 CRC-32C of all before it, then the arrays' floats in
//   order index: u32 facts, each u32 length, key, u32 length, text;
//          u32 arrays, each u32 length, name, u32 dimensions, u64 each, u32 CRC-32C of its floats
#include <bit>
#include <cstring>
#include <limits>

#include "base/part_file.h"
#include "base/read_file.h"
#include "train/data/crc32c.h"
#include "train/model/weights.h"

namespace pasu::train {
namespace {

constexpr std::string_view kMagic = "PASUCKP1";
static_assert(std::endian::native == std::endian::little, "floats are copied as they stand");

void put32(std::string& out, uint64_t value) {
  for (int i = 0; i < 4; ++i) out += static_cast<char>(value >> (8 * i));
}
void put64(std::string& out, uint64_t value) {
  put32(out, value & 0xFFFFFFFF);
  put32(out, value >> 32);
}
void put_text(std::string& out, std::string_view text) {
  put32(out, text.size());
  out += text;
}

ByteView bytes_of(const Array& array) {
  return {reinterpret_cast<const uint8_t*>(array.values.data()),
          array.values.size() * sizeof(float)};
}

/// Takes from the front; what is not there is an error.
class Cursor {
 public:
  explicit Cursor(ByteView bytes) : bytes_(bytes), whole_(bytes.size()) {}

  Result<ByteView> take(uint64_t count) {
    if (count > bytes_.size())
      return fail(Errc::truncated, "ends at byte {}, {} bytes early", whole_,
                  count - bytes_.size());
    const ByteView out = bytes_.first(count);
    bytes_ = bytes_.subspan(count);
    return out;
  }
  Result<uint64_t> number(size_t count) {
    const ByteView bytes = TRY(take(count));
    uint64_t out = 0;
    for (size_t i = count; i-- > 0;) out = out << 8 | bytes[i];
    return out;
  }
  Result<std::string> text(size_t length_max) {
    const uint64_t length = TRY(number(4));
    if (length > length_max) return fail(Errc::malformed, "a text of {} bytes", length);
    return std::string(as_text(TRY(take(length))));
  }
  /// How many follow, each of at least `each` bytes.
  Result<uint64_t> count(size_t each) {
    const uint64_t out = TRY(number(4));
    if (out > Checkpoint::kEntriesMax || out * each > bytes_.size())
      return fail(Errc::malformed, "{} entries cannot be", out);
    return out;
  }
  [[nodiscard]] size_t left() const { return bytes_.size(); }

 private:
  ByteView bytes_;
  size_t whole_;
};

struct Entry {
  std::string name;
  std::vector<int64_t> shape;
  uint64_t values = 1;
  uint64_t crc = 0;
};

Result<Entry> parse_entry(Cursor& cursor) {
  Entry out;
  out.name = TRY(cursor.text(Checkpoint::kNameMax));
  const uint64_t dimensions = TRY(cursor.number(4));
  if (dimensions > Checkpoint::kDimensionsMax)
    return fail(Errc::malformed, "array '{}' has {} dimensions", out.name, dimensions);
  constexpr uint64_t kValuesMax = Checkpoint::kBytesMax / sizeof(float);
  for (uint64_t i = 0; i < dimensions; ++i) {
    const uint64_t side = TRY(cursor.number(8));
    if (side > kValuesMax || (side > 0 && out.values > kValuesMax / side))
      return fail(Errc::too_large, "array '{}' is too large", out.name);
    out.values *= side;
    out.shape.push_back(static_cast<int64_t>(side));
  }
  out.crc = TRY(cursor.number(4));
  return out;
}

Result<std::vector<Entry>> parse_index(ByteView bytes, std::map<std::string, std::string>& facts) {
  Cursor cursor(bytes);
  const uint64_t fact_count = TRY(cursor.count(8));
  for (uint64_t i = 0; i < fact_count; ++i) {
    std::string key = TRY(cursor.text(Checkpoint::kNameMax));
    std::string text = TRY(cursor.text(Checkpoint::kFactMax));
    if (!facts.emplace(key, std::move(text)).second)
      return fail(Errc::malformed, "the fact '{}' is there twice", key);
  }
  const uint64_t array_count = TRY(cursor.count(12));
  std::vector<Entry> out;
  for (uint64_t i = 0; i < array_count; ++i) out.push_back(TRY(parse_entry(cursor)));
  if (cursor.left() > 0) return fail(Errc::malformed, "{} odd bytes in the index", cursor.left());
  return out;
}

}  // namespace

std::string write_checkpoint(const Checkpoint& checkpoint) {
  std::string index;
  size_t bytes = 0;
  put32(index, checkpoint.facts.size());
  for (const auto& [key, text] : checkpoint.facts) {
    put_text(index, key);
    put_text(index, text);
  }
  put32(index, checkpoint.arrays.size());
  for (const auto& [name, array] : checkpoint.arrays) {
    put_text(index, name);
    put32(index, array.shape.size());
    for (const int64_t side : array.shape) put64(index, static_cast<uint64_t>(side));
    put32(index, data::crc32c(bytes_of(array)));
    bytes += bytes_of(array).size();
  }
  std::string out(kMagic);
  out.reserve(out.size() + index.size() + bytes + 12);
  put64(out, index.size());
  out += index;
  put32(out, data::crc32c(as_bytes(out)));
  for (const auto& [name, array] : checkpoint.arrays) out += as_text(bytes_of(array));
  return out;
}

Result<Checkpoint> parse_checkpoint(ByteView bytes) {
  Cursor cursor(bytes);
  const auto magic = cursor.take(kMagic.size());
  if (!magic || as_text(*magic).substr(0, 7) != kMagic.substr(0, 7))
    return fail(Errc::malformed, "is no checkpoint of pasu's");
  if (as_text(*magic) != kMagic)
    return fail(Errc::unsupported, "is a checkpoint of a later pasu (format '{}')", (*magic)[7]);
  const uint64_t index_bytes = TRY(cursor.number(8));
  const ByteView index = TRY(cursor.take(index_bytes));
  const uint64_t crc = TRY(cursor.number(4));
  if (crc != data::crc32c(bytes.first(16 + index_bytes)))
    return fail(Errc::malformed, "its index is damaged (CRC-32C differs)");
  Checkpoint out;
  for (Entry& entry : TRY(parse_index(index, out.facts))) {
    const auto data = TRY(with_context(cursor.take(entry.values * sizeof(float)),
                                       fmt::format("array '{}'", entry.name)));
    if (data::crc32c(data) != entry.crc)
      return fail(Errc::malformed, "array '{}' is damaged (CRC-32C differs)", entry.name);
    Array array{std::move(entry.shape), std::vector<float>(entry.values)};
    if (!data.empty()) std::memcpy(array.values.data(), data.data(), data.size());
    if (!out.arrays.emplace(entry.name, std::move(array)).second)
      return fail(Errc::malformed, "array '{}' is there twice", entry.name);
  }
  if (cursor.left() > 0) return fail(Errc::malformed, "{} odd bytes at its end", cursor.left());
  return out;
}

Result<void> save_checkpoint(const Checkpoint& checkpoint, const std::string& path) {
  return write_file(path, as_bytes(write_checkpoint(checkpoint)), {.sync = true});
}

Result<Checkpoint> load_checkpoint(const std::string& path) {
  const std::string bytes = TRY(read_file(path, Checkpoint::kBytesMax));
  return with_context(parse_checkpoint(as_bytes(bytes)), path);
}

}  // namespace pasu::train
