#include "train/tf/checkpoint.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <fstream>

#include "base/read_file.h"
#include "train/data/crc32c.h"
#include "train/data/wire.h"
#include "train/tf/table.h"

namespace pasu::train {
namespace {

using data::WireField;
using data::WireReader;

constexpr size_t kIndexMax = 256u << 20;
constexpr uint64_t kVariableMax = uint64_t{4} << 30;
constexpr int kShardsMax = 100'000;

/// BundleHeaderProto: 1 num_shards, 2 endianness (0 little), 3 version {1 producer, 2
/// min_consumer}.
Result<int> parse_header(ByteView bytes) {
  WireReader reader(bytes);
  uint64_t shards = 0;
  while (const auto field = TRY(reader.next())) {
    if (field->number == 1) shards = field->value;
    if (field->number == 2 && field->value != 0)
      return fail(Errc::unsupported, "was written by a big-endian machine");
    if (field->number != 3 || field->type != WireField::kBytes) continue;
    WireReader version(field->bytes);
    while (const auto part = TRY(version.next()))
      if (part->number == 2 && part->value > 1)
        return fail(Errc::unsupported, "asks for a later reader (version {})", part->value);
  }
  if (shards < 1 || shards > static_cast<uint64_t>(kShardsMax))
    return fail(Errc::malformed, "speaks of {} shards", shards);
  return static_cast<int>(shards);
}

/// TensorShapeProto: 2 dim {1 size}, 3 unknown_rank.
Result<std::vector<int64_t>> parse_shape(ByteView bytes) {
  std::vector<int64_t> out;
  WireReader reader(bytes);
  while (const auto field = TRY(reader.next())) {
    if (field->number != 2 || field->type != WireField::kBytes) continue;
    int64_t size = 0;
    WireReader dimension(field->bytes);
    while (const auto part = TRY(dimension.next()))
      if (part->number == 1) size = static_cast<int64_t>(part->value);
    if (size < 0 || size > static_cast<int64_t>(kVariableMax) || out.size() >= 16)
      return fail(Errc::malformed, "a shape that cannot be");
    out.push_back(size);
  }
  return out;
}

/// BundleEntryProto: 1 dtype, 2 shape, 3 shard_id, 4 offset, 5 size, 6 crc32c (fixed32), 7 slices.
Result<TfVariable> parse_entry(const TableEntry& entry, int shards) {
  TfVariable out;
  out.name = entry.key;
  WireReader reader(as_bytes(entry.value));
  uint64_t shard = 0;
  while (const auto field = TRY(reader.next())) {
    switch (field->number) {
      case 1:
        out.type = static_cast<int>(field->value & 0xFFFF);
        break;
      case 2:
        out.shape = TRY(parse_shape(field->bytes));
        break;
      case 3:
        shard = field->value;
        break;
      case 4:
        out.offset = field->value;
        break;
      case 5:
        out.bytes = field->value;
        break;
      case 6:
        out.crc = static_cast<uint32_t>(field->value);
        break;
      case 7:
        out.sliced = true;
        break;
      default:
        break;
    }
  }
  if (shard >= static_cast<uint64_t>(shards))
    return fail(Errc::malformed, "is said to be in shard {} of {}", shard, shards);
  out.shard = static_cast<int>(shard);
  return out;
}

float from_half(uint16_t bits) {
  const uint32_t sign = (bits & 0x8000u) << 16, exponent = bits >> 10 & 31, fraction = bits & 1023;
  if (exponent == 0) {  // Zero or subnormal: fraction * 2^-24.
    const float value = static_cast<float>(fraction) * 0x1p-24f;
    return sign != 0 ? -value : value;
  }
  const uint32_t wide = exponent == 31 ? 255 : exponent + 112;
  return std::bit_cast<float>(sign | wide << 23 | fraction << 13);
}

template <class T>
void convert(const std::string& bytes, std::vector<float>& out, auto&& value) {
  for (size_t i = 0; i < out.size(); ++i) {
    T raw;
    std::memcpy(&raw, bytes.data() + i * sizeof(T), sizeof(T));
    out[i] = value(raw);
  }
}

/// Bytes of one number; 0: not a type of numbers.
uint64_t width_of(int type) {
  switch (static_cast<TfType>(type)) {
    case TfType::f64:
    case TfType::i64:
      return 8;
    case TfType::f32:
    case TfType::i32:
      return 4;
    case TfType::bf16:
    case TfType::f16:
      return 2;
    case TfType::u8:
    case TfType::boolean:
      return 1;
    default:
      return 0;
  }
}

void to_floats(int type, const std::string& bytes, std::vector<float>& out) {
  const auto plain = [](auto raw) { return static_cast<float>(raw); };
  switch (static_cast<TfType>(type)) {
    case TfType::f32:
      convert<float>(bytes, out, plain);
      break;
    case TfType::f64:
      convert<double>(bytes, out, plain);
      break;
    case TfType::i32:
      convert<int32_t>(bytes, out, plain);
      break;
    case TfType::i64:
      convert<int64_t>(bytes, out, plain);
      break;
    case TfType::f16:
      convert<uint16_t>(bytes, out, from_half);
      break;
    case TfType::bf16:
      convert<uint16_t>(bytes, out,
                        [](uint16_t raw) { return std::bit_cast<float>(uint32_t{raw} << 16); });
      break;
    default:
      convert<uint8_t>(bytes, out, plain);
      break;
  }
}

Result<std::string> read_part(const std::string& path, uint64_t offset, uint64_t size) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return fail(Errc::not_found, "{}: no such file; copy all data files", path);
  std::string out(size, '\0');
  file.seekg(static_cast<std::streamoff>(offset));
  if (!file.read(out.data(), static_cast<std::streamsize>(size)))
    return fail(Errc::truncated, "{}: ends before byte {}: copy it again", path, offset + size);
  return out;
}

}  // namespace

Result<TfIndex> parse_tf_index(ByteView bytes) {
  const auto entries = TRY(read_table(bytes));
  if (entries.empty() || !entries[0].key.empty())
    return fail(Errc::malformed, "is no checkpoint index: it has no header");
  TfIndex out;
  out.shards = TRY(parse_header(as_bytes(entries[0].value)));
  for (size_t i = 1; i < entries.size(); ++i) {
    // A sliced variable's pieces have keys of their own, which are no names.
    if (entries[i].key[0] == '\0') continue;
    out.variables.push_back(TRY(
        with_context(parse_entry(entries[i], out.shards), fmt::format("'{}'", entries[i].key))));
  }
  return out;
}

Result<TfCheckpoint> TfCheckpoint::open(const std::string& prefix) {
  const std::string path = prefix + ".index";
  const std::string bytes = TRY(read_file(path, kIndexMax));
  TfIndex index = TRY(with_context(parse_tf_index(as_bytes(bytes)), path));
  return TfCheckpoint(prefix, std::move(index));
}

const TfVariable* TfCheckpoint::find(std::string_view name) const {
  const auto& all = index_.variables;
  const auto found = std::lower_bound(
      all.begin(), all.end(), name,
      [](const TfVariable& variable, std::string_view wanted) { return variable.name < wanted; });
  return found != all.end() && found->name == name ? &*found : nullptr;
}

Result<Array> TfCheckpoint::read(const TfVariable& variable) const {
  const uint64_t width = width_of(variable.type);
  if (variable.sliced || width == 0)
    return fail(Errc::unsupported, "'{}' is {}", variable.name,
                variable.sliced ? "kept in pieces" : "of no type of numbers");
  uint64_t count = 1;
  for (const int64_t side : variable.shape) {
    const auto n = static_cast<uint64_t>(side);
    if (n > 0 && count > kVariableMax / n)
      return fail(Errc::too_large, "'{}' is too large", variable.name);
    count *= n;
  }
  if (variable.bytes != count * width || variable.bytes > kVariableMax)
    return fail(Errc::malformed, "'{}' has {} bytes for {} numbers", variable.name, variable.bytes,
                count);
  const std::string path =
      fmt::format("{}.data-{:05}-of-{:05}", prefix_, variable.shard, index_.shards);
  const std::string bytes = TRY(
      with_context(read_part(path, variable.offset, variable.bytes), "'" + variable.name + "'"));
  if (data::mask_crc(data::crc32c(as_bytes(bytes))) != variable.crc)
    return fail(Errc::malformed, "{}: '{}' is damaged (CRC-32C differs): copy it again", path,
                variable.name);
  Array out{variable.shape, std::vector<float>(count)};
  to_floats(variable.type, bytes, out.values);
  return out;
}

}  // namespace pasu::train
