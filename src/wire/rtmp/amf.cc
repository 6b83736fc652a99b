#include "wire/rtmp/amf.h"

namespace pasu::rtmp {

Object::Object() = default;
Object::Object(std::vector<Property> properties) : members(std::move(properties)) {}
Object::Object(std::initializer_list<Property> properties) : members(properties) {}
Object::Object(const Object&) = default;
Object::Object(Object&&) noexcept = default;
Object& Object::operator=(const Object&) = default;
Object& Object::operator=(Object&&) noexcept = default;
Object::~Object() = default;

bool Object::operator==(const Object& other) const {
  return class_name == other.class_name && members == other.members &&
         ecma_array == other.ecma_array;
}

bool Array::operator==(const Array& other) const { return values == other.values; }

double Value::number(double otherwise) const {
  const double* value = get<double>();
  return value != nullptr ? *value : otherwise;
}

std::string_view Value::text() const {
  const std::string* value = get<std::string>();
  return value != nullptr ? std::string_view(*value) : std::string_view();
}

const Value* Value::find(std::string_view name) const {
  const Object* object = get<Object>();
  if (object == nullptr) return nullptr;
  for (const Property& property : object->members) {
    if (property.name == name) return &property.value;
  }
  return nullptr;
}

}  // namespace pasu::rtmp
