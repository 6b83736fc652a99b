// The values of the Action Message Format, the same for AMF0 and AMF3.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/bytes.h"

namespace pasu::rtmp {

struct Property;
class Value;

struct Undefined {
  bool operator==(const Undefined&) const = default;
};
struct Null {
  bool operator==(const Null&) const = default;
};
/// Milliseconds since 1970, UTC. The time zone is there for AMF0 alone, which says to send 0.
struct Date {
  double ms = 0;
  int16_t zone = 0;
  bool operator==(const Date&) const = default;
};
struct Xml {
  std::string text;
  bool operator==(const Xml&) const = default;
};
using AmfBytes = std::vector<uint8_t>;

/// An anonymous or typed object, or an ECMA array: names and values, in order, names not unique.
struct Object {
  std::string class_name;  ///< Empty: anonymous.
  std::vector<Property> members;
  bool ecma_array = false;  ///< Written as an ECMA (AMF0) or associative (AMF3) array.

  // All out of line: Property is not complete here.
  Object();
  explicit Object(std::vector<Property> properties);
  Object(std::initializer_list<Property> properties);
  Object(const Object&);
  Object(Object&&) noexcept;
  Object& operator=(const Object&);
  Object& operator=(Object&&) noexcept;
  ~Object();
  bool operator==(const Object&) const;
};
/// A strict (AMF0) or dense (AMF3) array.
struct Array {
  std::vector<Value> values;
  bool operator==(const Array&) const;
};

/// One AMF value. AMF3's integers are numbers here.
class Value {
 public:
  using Variant =
      std::variant<Undefined, Null, bool, double, std::string, Object, Array, Date, Xml, AmfBytes>;

  Value() = default;
  // NOLINTBEGIN(google-explicit-constructor)
  Value(Undefined v) : variant_(v) {}
  Value(Null v) : variant_(v) {}
  Value(bool v) : variant_(v) {}
  Value(double v) : variant_(v) {}
  Value(int v) : variant_(static_cast<double>(v)) {}
  Value(const char* v) : variant_(std::string(v)) {}
  Value(std::string_view v) : variant_(std::string(v)) {}
  Value(std::string v) : variant_(std::move(v)) {}
  Value(Object v) : variant_(std::move(v)) {}
  Value(Array v) : variant_(std::move(v)) {}
  Value(Date v) : variant_(v) {}
  Value(Xml v) : variant_(std::move(v)) {}
  Value(AmfBytes v) : variant_(std::move(v)) {}
  // NOLINTEND(google-explicit-constructor)

  template <class T>
  [[nodiscard]] const T* get() const {
    return std::get_if<T>(&variant_);
  }
  /// The number, or `otherwise` where this is none.
  [[nodiscard]] double number(double otherwise = 0) const;
  /// The string; empty where this is none.
  [[nodiscard]] std::string_view text() const;
  /// The member `name` of an object; nullptr where there is none, or this is no object.
  [[nodiscard]] const Value* find(std::string_view name) const;
  [[nodiscard]] const Variant& variant() const { return variant_; }

  bool operator==(const Value&) const = default;

 private:
  Variant variant_;
};

struct Property {
  std::string name;
  Value value;
  bool operator==(const Property&) const = default;
};

/// What one message's values may cost, AMF0 and AMF3 together. A repeated reference counts each
/// time, so a message cannot unfold into more than this.
struct AmfLimits {
  static constexpr int kDepthMax = 32;
  static constexpr size_t kValuesMax = 20'000;
  static constexpr size_t kTextBytesMax = 1u << 20;  ///< Of all strings, XML and byte arrays.
};

}  // namespace pasu::rtmp
