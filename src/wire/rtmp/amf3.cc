#include "wire/rtmp/amf3.h"

#include <cmath>

namespace pasu::rtmp {
namespace {

// AMF 3 specification 3.1
enum Marker : uint8_t {
  kUndefined = 0x00,
  kNull = 0x01,
  kFalse = 0x02,
  kTrue = 0x03,
  kInteger = 0x04,
  kDouble = 0x05,
  kString = 0x06,
  kXmlDocument = 0x07,
  kDate = 0x08,
  kArray = 0x09,
  kObject = 0x0A,
  kXml = 0x0B,
  kByteArray = 0x0C,
};

tl::unexpected<Error> ends_early(size_t at) {
  return fail(Errc::truncated, "AMF3: the value at byte {} ends early", at);
}

// Flex's wrappers, whose external form is the one value they wrap.
bool wraps_one_value(std::string_view class_name) {
  return class_name == "flex.messaging.io.ArrayCollection" ||
         class_name == "flex.messaging.io.ArrayList" ||
         class_name == "flex.messaging.io.ObjectProxy";
}

}  // namespace

Amf3Reader::Amf3Reader(ByteView bytes, size_t begin, const AmfBudget& spent)
    : cursor_(bytes), budget_(spent) {
  cursor_.seek(begin);
}

Result<Value> Amf3Reader::read() {
  const size_t at = cursor_.position();
  const uint8_t marker = cursor_.u8();
  if (!cursor_.ok()) return ends_early(at);
  TRY(budget_.spend(0, at));
  return read_marked(marker, at);
}

Result<Value> Amf3Reader::read_marked(uint8_t marker, size_t at) {
  switch (marker) {
    case kUndefined:
      return Value();
    case kNull:
      return Value(Null{});
    case kFalse:
      return Value(false);
    case kTrue:
      return Value(true);
    case kInteger: {
      const uint32_t bits = TRY(read_u29(at));
      return Value(static_cast<double>(static_cast<int32_t>(bits << 3) >> 3));  // 29 bits, signed.
    }
    case kDouble: {
      const double value = cursor_.real();
      if (!cursor_.ok()) return ends_early(at);
      return Value(value);
    }
    case kString:
      return Value(TRY(read_string(at)));
    case kXmlDocument:
    case kDate:
    case kArray:
    case kObject:
    case kXml:
    case kByteArray: {
      TRY(budget_.enter(at));
      auto value = read_complex(marker, at);
      budget_.leave();
      return value;
    }
    default:
      return fail(Errc::unsupported, "AMF3: marker {:#04x} at byte {} cannot be read", marker, at);
  }
}

// The types that can be sent by reference (3.7 to 3.14): the low bit says inline.
Result<Value> Amf3Reader::read_complex(uint8_t marker, size_t at) {
  const uint32_t header = TRY(read_u29(at));
  if ((header & 1) != 0) {
    if (!again_) objects_.push_back(at);
    return read_inline(marker, header, at);
  }
  const size_t index = header >> 1;
  if (index >= objects_.size()) {
    return fail(Errc::malformed, "AMF3: object reference {} at byte {}, with {} before it", index,
                at, objects_.size());
  }
  // Read again where it stands; one that holds itself runs into the depth limit.
  const size_t back = cursor_.position();
  const bool again_before = std::exchange(again_, true);
  cursor_.seek(objects_[index]);
  auto value = read();
  cursor_.seek(back);
  again_ = again_before;
  return value;
}

Result<Value> Amf3Reader::read_inline(uint8_t marker, uint32_t header, size_t at) {
  switch (marker) {
    case kDate: {
      const double ms = cursor_.real();
      if (!cursor_.ok()) return ends_early(at);
      return Value(Date{ms});
    }
    case kArray:
      return read_array(header >> 1, at);
    case kObject:
      return read_object(header, at);
    case kByteArray: {
      const std::string bytes = TRY(read_blob(header >> 1, at));
      return Value(AmfBytes(bytes.begin(), bytes.end()));
    }
    default:
      return Value(Xml { TRY(read_blob(header >> 1, at)) });
  }
}

// 3.11: named values up to an empty name, then the dense ones.
Result<Value> Amf3Reader::read_array(uint32_t dense_count, size_t at) {
  Object object;
  object.ecma_array = true;
  while (true) {
    std::string name = TRY(read_string(at));
    if (name.empty()) break;
    Value value = TRY(read());
    object.members.push_back({std::move(name), std::move(value)});
  }
  if (dense_count > cursor_.left()) return ends_early(at);
  if (object.members.empty()) {
    Array array;
    for (uint32_t i = 0; i < dense_count; ++i) array.values.push_back(TRY(read()));
    return Value(std::move(array));
  }
  for (uint32_t i = 0; i < dense_count; ++i) {
    Value value = TRY(read());
    object.members.push_back({std::to_string(i), std::move(value)});
  }
  return Value(std::move(object));
}

// 3.12
Result<Value> Amf3Reader::read_object(uint32_t header, size_t at) {
  const Traits traits = TRY(read_traits(header, at));
  if (traits.externalizable) {
    if (wraps_one_value(traits.class_name)) return read();
    return fail(Errc::unsupported, "AMF3: externalizable class {:.64} at byte {} cannot be read",
                traits.class_name, at);
  }
  Object object;
  object.class_name = traits.class_name;
  for (const std::string& name : traits.names) {
    TRY(budget_.spend(name.size(), at));
    Value value = TRY(read());
    object.members.push_back({name, std::move(value)});
  }
  while (traits.dynamic) {
    std::string name = TRY(read_string(at));
    if (name.empty()) break;
    Value value = TRY(read());
    object.members.push_back({std::move(name), std::move(value)});
  }
  return Value(std::move(object));
}

Result<Amf3Reader::Traits> Amf3Reader::read_traits(uint32_t header, size_t at) {
  if ((header & 2) == 0) {
    const size_t index = header >> 2;
    if (index >= traits_.size()) {
      return fail(Errc::malformed, "AMF3: trait reference {} at byte {}, with {} before it", index,
                  at, traits_.size());
    }
    return traits_[index];
  }
  Traits traits;
  traits.externalizable = (header & 4) != 0;
  traits.dynamic = (header & 8) != 0 && !traits.externalizable;
  traits.class_name = TRY(read_string(at));
  const uint32_t count = traits.externalizable ? 0 : header >> 4;
  if (count > cursor_.left()) return ends_early(at);
  for (uint32_t i = 0; i < count; ++i) traits.names.push_back(TRY(read_string(at)));
  if (!again_) traits_.push_back(traits);
  return traits;
}

// 1.3.1: seven bits a byte, the fourth byte has eight.
Result<uint32_t> Amf3Reader::read_u29(size_t at) {
  uint32_t value = 0;
  for (int i = 0; i < 3; ++i) {
    const uint8_t byte = cursor_.u8();
    if (!cursor_.ok()) return ends_early(at);
    value = value << 7 | (byte & 0x7f);
    if ((byte & 0x80) == 0) return value;
  }
  value = value << 8 | cursor_.u8();
  if (!cursor_.ok()) return ends_early(at);
  return value;
}

// 1.3.2: UTF-8-vr. The empty string is never sent by reference.
Result<std::string> Amf3Reader::read_string(size_t at) {
  const uint32_t header = TRY(read_u29(at));
  if ((header & 1) != 0) {
    const size_t begin = cursor_.position();
    std::string text = TRY(read_blob(header >> 1, at));
    if (!again_ && !text.empty()) {
      strings_.push_back(cursor_.bytes().subspan(begin, text.size()));
    }
    return text;
  }
  const size_t index = header >> 1;
  if (index >= strings_.size()) {
    return fail(Errc::malformed, "AMF3: string reference {} at byte {}, with {} before it", index,
                at, strings_.size());
  }
  TRY(budget_.spend(strings_[index].size(), at));
  return std::string(as_text(strings_[index]));
}

Result<std::string> Amf3Reader::read_blob(uint32_t length, size_t at) {
  const ByteView bytes = cursor_.take(length);
  if (!cursor_.ok()) return ends_early(at);
  TRY(budget_.spend(length, at));
  return std::string(as_text(bytes));
}

namespace {

void put_u29(std::vector<uint8_t>& out, uint32_t value) {
  if (value >= 1u << 21) {
    put_u8(out, static_cast<uint8_t>(value >> 22 | 0x80));
    put_u8(out, static_cast<uint8_t>((value >> 15 & 0x7f) | 0x80));
    put_u8(out, static_cast<uint8_t>((value >> 8 & 0x7f) | 0x80));
    return put_u8(out, static_cast<uint8_t>(value));
  }
  if (value >= 1u << 14) put_u8(out, static_cast<uint8_t>(value >> 14 | 0x80));
  if (value >= 1u << 7) put_u8(out, static_cast<uint8_t>((value >> 7 & 0x7f) | 0x80));
  put_u8(out, static_cast<uint8_t>(value & 0x7f));
}

void put_string(std::vector<uint8_t>& out, std::string_view text) {
  put_u29(out, static_cast<uint32_t>(text.size() << 1 | 1));
  put_bytes(out, as_bytes(text));
}

struct Writer {
  std::vector<uint8_t>& out;

  void operator()(const Undefined&) const { put_u8(out, kUndefined); }
  void operator()(const Null&) const { put_u8(out, kNull); }
  void operator()(bool value) const { put_u8(out, value ? kTrue : kFalse); }
  void operator()(double value) const {
    constexpr double kIntegerMax = (1 << 28) - 1, kIntegerMin = -(1 << 28);
    if (value >= kIntegerMin && value <= kIntegerMax && value == std::floor(value) &&
        !std::signbit(value)) {
      put_u8(out, kInteger);
      return put_u29(out, static_cast<uint32_t>(value));
    }
    put_u8(out, kDouble);
    put_real(out, value);
  }
  void operator()(const std::string& value) const {
    put_u8(out, kString);
    put_string(out, value);
  }
  void operator()(const Xml& value) const {
    put_u8(out, kXml);
    put_string(out, value.text);
  }
  void operator()(const AmfBytes& value) const {
    put_u8(out, kByteArray);
    put_string(out, as_text(value));
  }
  void operator()(const Date& value) const {
    put_u8(out, kDate);
    put_u29(out, 1);
    put_real(out, value.ms);
  }
  void operator()(const Array& value) const {
    put_u8(out, kArray);
    put_u29(out, static_cast<uint32_t>(value.values.size() << 1 | 1));
    put_string(out, "");
    for (const Value& element : value.values) write_amf3(out, element);
  }
  void operator()(const Object& value) const {
    if (value.ecma_array) {
      put_u8(out, kArray);
      put_u29(out, 1);
    } else {
      constexpr uint32_t kInlineDynamic = 0x0B;
      put_u8(out, kObject);
      put_u29(out, kInlineDynamic);
      put_string(out, value.class_name);
    }
    for (const Property& property : value.members) {
      if (property.name.empty()) continue;  // An empty name ends the members.
      put_string(out, property.name);
      write_amf3(out, property.value);
    }
    put_string(out, "");
  }
};

}  // namespace

void write_amf3(std::vector<uint8_t>& out, const Value& value) {
  std::visit(Writer{out}, value.variant());
}

}  // namespace pasu::rtmp
