#include "train/data/example.h"

#include <algorithm>
#include <bit>

#include "train/data/wire.h"

namespace pasu::data {
namespace {

// Numbers of the fields, as feature.proto and example.proto have them.
constexpr uint32_t kFeatures = 1, kEntry = 1, kKey = 1, kValue = 2, kListValue = 1;
constexpr uint32_t kBytesList = 1, kFloatList = 2, kInt64List = 3;

constexpr size_t kValuesMax = 1'000'000, kNamesMax = 1000;

Result<void> room_for_one(size_t size) {
  if (size < kValuesMax) return {};
  return fail(Errc::too_large, "more than {} values", kValuesMax);
}

Result<void> read_floats(WireReader& reader, const WireField& field, std::vector<float>& out) {
  const auto add = [&](uint32_t bits) -> Result<void> {
    TRY(room_for_one(out.size()));
    out.push_back(std::bit_cast<float>(bits));
    return {};
  };
  if (field.type == WireField::kFixed32) return add(static_cast<uint32_t>(field.value));
  if (field.type != WireField::kBytes) return {};
  const ByteView packed = field.bytes;
  if (packed.size() % 4 != 0)
    return fail(Errc::malformed, "byte {}: {} bytes of floats are no whole floats",
                reader.offset_of(packed), packed.size());
  for (size_t i = 0; i < packed.size(); i += 4)
    TRY(add(uint32_t{packed[i]} | uint32_t{packed[i + 1]} << 8 | uint32_t{packed[i + 2]} << 16 |
            uint32_t{packed[i + 3]} << 24));
  return {};
}

Result<void> read_ints(WireReader& reader, const WireField& field, std::vector<int64_t>& out) {
  if (field.type == WireField::kVarint) {
    TRY(room_for_one(out.size()));
    out.push_back(static_cast<int64_t>(field.value));
  }
  if (field.type != WireField::kBytes) return {};
  WireReader packed(field.bytes, reader.offset_of(field.bytes));
  while (!packed.at_end()) {
    TRY(room_for_one(out.size()));
    out.push_back(static_cast<int64_t>(TRY(packed.varint())));
  }
  return {};
}

Result<void> read_list(ByteView message, size_t offset, Feature::Kind kind, Feature& out) {
  if (out.kind != kind) out = {};  // Of a oneof the last counts; the same kind is merged.
  out.kind = kind;
  WireReader reader(message, offset);
  while (const auto field = TRY(reader.next())) {
    if (field->number != kListValue) continue;
    if (kind == Feature::Kind::bytes && field->type == WireField::kBytes) {
      TRY(room_for_one(out.bytes.size()));
      out.bytes.push_back(field->bytes);
    } else if (kind == Feature::Kind::floats) {
      TRY(read_floats(reader, *field, out.floats));
    } else if (kind == Feature::Kind::ints) {
      TRY(read_ints(reader, *field, out.ints));
    }
  }
  return {};
}

Result<Feature> read_feature(ByteView message, size_t offset) {
  Feature out;
  WireReader reader(message, offset);
  while (const auto field = TRY(reader.next())) {
    if (field->type != WireField::kBytes) continue;
    const size_t at = reader.offset_of(field->bytes);
    if (field->number == kBytesList)
      TRY(read_list(field->bytes, at, Feature::Kind::bytes, out));
    else if (field->number == kFloatList)
      TRY(read_list(field->bytes, at, Feature::Kind::floats, out));
    else if (field->number == kInt64List)
      TRY(read_list(field->bytes, at, Feature::Kind::ints, out));
  }
  return out;
}

Result<void> read_entry(ByteView message, size_t offset, Example& out) {
  std::string_view name;
  Feature feature;
  WireReader reader(message, offset);
  while (const auto field = TRY(reader.next())) {
    if (field->type != WireField::kBytes) continue;
    if (field->number == kKey)
      name = as_text(field->bytes);
    else if (field->number == kValue)
      feature = TRY(read_feature(field->bytes, reader.offset_of(field->bytes)));
  }
  const auto same =
      std::ranges::find(out.features, name, &std::pair<std::string_view, Feature>::first);
  if (same != out.features.end()) {
    same->second = std::move(feature);
    return {};
  }
  if (out.features.size() == kNamesMax)
    return fail(Errc::too_large, "byte {}: more than {} names", offset, kNamesMax);
  out.features.emplace_back(name, std::move(feature));
  return {};
}

}  // namespace

const Feature* Example::find(std::string_view name) const {
  for (const auto& [key, feature] : features)
    if (key == name) return &feature;
  return nullptr;
}

Result<Example> parse_example(ByteView message) {
  Example out;
  WireReader reader(message);
  while (const auto field = TRY(reader.next())) {
    if (field->number != kFeatures || field->type != WireField::kBytes) continue;
    WireReader features(field->bytes, reader.offset_of(field->bytes));
    while (const auto entry = TRY(features.next()))
      if (entry->number == kEntry && entry->type == WireField::kBytes)
        TRY(read_entry(entry->bytes, features.offset_of(entry->bytes), out));
  }
  return out;
}

void ExampleWriter::add(std::string_view name, const std::vector<std::string_view>& values) {
  std::string list;
  for (const std::string_view value : values) put_bytes(list, kListValue, value);
  add_list(name, kBytesList, list);
}

void ExampleWriter::add(std::string_view name, const std::vector<float>& values) {
  std::string packed, list;
  for (const float value : values) {
    const auto bits = std::bit_cast<uint32_t>(value);
    for (int shift = 0; shift < 32; shift += 8) packed += static_cast<char>(bits >> shift);
  }
  if (!values.empty()) put_bytes(list, kListValue, packed);
  add_list(name, kFloatList, list);
}

void ExampleWriter::add(std::string_view name, const std::vector<int64_t>& values) {
  std::string packed, list;
  for (const int64_t value : values) put_varint(packed, static_cast<uint64_t>(value));
  if (!values.empty()) put_bytes(list, kListValue, packed);
  add_list(name, kInt64List, list);
}

void ExampleWriter::add_list(std::string_view name, uint32_t number, std::string_view list) {
  std::string feature, entry;
  put_bytes(feature, number, list);
  put_bytes(entry, kKey, name);
  put_bytes(entry, kValue, feature);
  put_bytes(features_, kEntry, entry);
}

std::string ExampleWriter::take() {
  std::string out;
  put_bytes(out, kFeatures, features_);
  features_.clear();
  return out;
}

}  // namespace pasu::data
