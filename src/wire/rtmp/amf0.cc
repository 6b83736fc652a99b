#include "wire/rtmp/amf0.h"

namespace pasu::rtmp {
namespace {

// AMF 0 specification 2.1
enum Marker : uint8_t {
  kNumber = 0x00,
  kBoolean = 0x01,
  kString = 0x02,
  kObject = 0x03,
  kMovieClip = 0x04,
  kNull = 0x05,
  kUndefined = 0x06,
  kReference = 0x07,
  kEcmaArray = 0x08,
  kObjectEnd = 0x09,
  kStrictArray = 0x0A,
  kDate = 0x0B,
  kLongString = 0x0C,
  kUnsupported = 0x0D,
  kRecordSet = 0x0E,
  kXml = 0x0F,
  kTypedObject = 0x10,
  kAvmPlus = 0x11,
};

tl::unexpected<Error> ends_early(size_t at) {
  return fail(Errc::truncated, "AMF0: the value at byte {} ends early", at);
}

}  // namespace

Result<Value> Amf0Reader::read() {
  const size_t at = cursor_.position();
  const uint8_t marker = cursor_.u8();
  if (!cursor_.ok()) return ends_early(at);
  TRY(budget_.spend(0, at));
  return read_marked(marker, at);
}

Result<Value> Amf0Reader::read_marked(uint8_t marker, size_t at) {
  Value value;
  switch (marker) {
    case kNumber:
      value = cursor_.real();
      break;
    case kBoolean:
      value = cursor_.u8() != 0;
      break;
    case kString:
      value = TRY(read_text(2, at));
      break;
    case kLongString:
      value = TRY(read_text(4, at));
      break;
    case kXml:
      value = Xml { TRY(read_text(4, at)) };
      break;
    case kNull:
      value = Null{};
      break;
    case kUndefined:
    case kUnsupported:
      break;
    case kDate: {
      const double ms = cursor_.real();
      value = Date{ms, static_cast<int16_t>(cursor_.u16())};
      break;
    }
    default:
      return read_complex(marker, at);
  }
  if (!cursor_.ok()) return ends_early(at);
  return value;
}

Result<Value> Amf0Reader::read_complex(uint8_t marker, size_t at) {
  TRY(budget_.enter(at));
  Object object;
  auto value = [&]() -> Result<Value> {
    switch (marker) {
      case kReference:
        return read_reference(at);
      case kAvmPlus:
        return read_amf3(at);
      case kObject:
        return read_object(std::move(object), at);
      case kEcmaArray:
        object.ecma_array = true;
        return read_object(std::move(object), at);
      case kTypedObject:
        return read_object(std::move(object), at);
      case kStrictArray:
        return read_strict_array(at);
      default:
        return fail(Errc::unsupported, "AMF0: marker {:#04x} at byte {} is not known", marker, at);
    }
  }();
  budget_.leave();
  return value;
}

// 2.5, 2.10, 2.18
Result<Value> Amf0Reader::read_object(Object object, size_t at) {
  if (!again_) complex_.push_back(at);
  if (cursor_.bytes()[at] == kTypedObject) object.class_name = TRY(read_text(2, at));
  // The count of an ECMA array is a hint that encoders get wrong (2.10); the end marker decides.
  if (object.ecma_array) cursor_.u32();
  while (true) {
    if (object.ecma_array && cursor_.ok() && at_end()) return Value(std::move(object));
    Property property;
    property.name = TRY(read_text(2, at));
    const size_t value_at = cursor_.position();
    const uint8_t marker = cursor_.u8();
    if (!cursor_.ok()) return ends_early(at);
    if (marker == kObjectEnd && property.name.empty()) return Value(std::move(object));
    TRY(budget_.spend(property.name.size(), value_at));
    property.value = TRY(read_marked(marker, value_at));
    object.members.push_back(std::move(property));
  }
}

// 2.12
Result<Value> Amf0Reader::read_strict_array(size_t at) {
  if (!again_) complex_.push_back(at);
  const uint32_t count = cursor_.u32();
  if (!cursor_.ok() || count > cursor_.left()) return ends_early(at);
  Array array;
  for (uint32_t i = 0; i < count; ++i) array.values.push_back(TRY(read()));
  return Value(std::move(array));
}

// 2.9. The value is read again where it stands; one that holds itself runs into the depth limit.
Result<Value> Amf0Reader::read_reference(size_t at) {
  const uint16_t index = cursor_.u16();
  if (!cursor_.ok()) return ends_early(at);
  if (index >= complex_.size()) {
    return fail(Errc::malformed, "AMF0: reference {} at byte {}, with {} objects before it", index,
                at, complex_.size());
  }
  const size_t back = cursor_.position();
  const bool again_before = std::exchange(again_, true);
  cursor_.seek(complex_[index]);
  auto value = read();
  cursor_.seek(back);
  again_ = again_before;
  return value;
}

// 3.1
Result<Value> Amf0Reader::read_amf3(size_t at) {
  const size_t begin = cursor_.position();
  Amf3Reader reader(cursor_.bytes(), begin, budget_);
  Value value = TRY(with_context(reader.read(), fmt::format("AVM+ at byte {}", at)));
  budget_ = reader.budget();
  cursor_.seek(reader.position());
  return value;
}

Result<std::string> Amf0Reader::read_text(size_t length_bytes, size_t at) {
  const size_t length = cursor_.number(length_bytes);
  const ByteView text = cursor_.take(length);
  if (!cursor_.ok()) return ends_early(at);
  budget_.text_bytes += length;
  if (budget_.text_bytes > AmfLimits::kTextBytesMax) TRY(budget_.spend(0, at));
  return std::string(as_text(text));
}

namespace {

void put_name(std::vector<uint8_t>& out, std::string_view name) {
  name = name.substr(0, 0xffff);
  put_u16(out, name.size());
  put_bytes(out, as_bytes(name));
}

struct Writer {
  std::vector<uint8_t>& out;

  void operator()(const Undefined&) const { put_u8(out, kUndefined); }
  void operator()(const Null&) const { put_u8(out, kNull); }
  void operator()(const AmfBytes&) const { put_u8(out, kNull); }
  void operator()(bool value) const {
    put_u8(out, kBoolean);
    put_u8(out, value ? 1 : 0);
  }
  void operator()(double value) const {
    put_u8(out, kNumber);
    put_real(out, value);
  }
  void operator()(const std::string& value) const {
    if (value.size() > 0xffff) return put_long(kLongString, value);
    put_u8(out, kString);
    put_name(out, value);
  }
  void operator()(const Xml& value) const { put_long(kXml, value.text); }
  void operator()(const Date& value) const {
    put_u8(out, kDate);
    put_real(out, value.ms);
    put_u16(out, static_cast<uint16_t>(value.zone));
  }
  void operator()(const Object& value) const {
    if (value.ecma_array) {
      put_u8(out, kEcmaArray);
      put_u32(out, value.members.size());
    } else if (!value.class_name.empty()) {
      put_u8(out, kTypedObject);
      put_name(out, value.class_name);
    } else {
      put_u8(out, kObject);
    }
    for (const Property& property : value.members) {
      put_name(out, property.name);
      write_amf0(out, property.value);
    }
    put_u24(out, kObjectEnd);
  }
  void operator()(const Array& value) const {
    put_u8(out, kStrictArray);
    put_u32(out, value.values.size());
    for (const Value& element : value.values) write_amf0(out, element);
  }

 private:
  void put_long(Marker marker, std::string_view text) const {
    put_u8(out, marker);
    put_u32(out, text.size());
    put_bytes(out, as_bytes(text));
  }
};

}  // namespace

void write_amf0(std::vector<uint8_t>& out, const Value& value) {
  std::visit(Writer{out}, value.variant());
}

}  // namespace pasu::rtmp
