// AMF3: what Flash-era clients switch to with objectEncoding 3.
#pragma once

#include <vector>

#include "base/result.h"
#include "wire/rtmp/amf.h"
#include "wire/rtmp/detail/amf_budget.h"
#include "wire/rtmp/detail/big_endian.h"

namespace pasu::rtmp {

/// Reads the AMF3 values (AMF 3 specification 3.1 to 3.14) of one message. String, object and
/// trait references (3.2) are resolved to copies. Externalizable objects (3.12) are read where
/// they hold one value (ArrayCollection, ArrayList, ObjectProxy). Borrows the bytes.
/// Errors, all with the byte: truncated, malformed, unsupported (vectors, dictionaries, other
/// externalizable classes, unknown markers), too_large (AmfLimits).
class Amf3Reader {
 public:
  /// Starts at byte `begin` of `bytes`, with what the message's values before it have cost.
  explicit Amf3Reader(ByteView bytes, size_t begin = 0, const AmfBudget& spent = {});

  [[nodiscard]] Result<Value> read();
  [[nodiscard]] bool at_end() const { return cursor_.left() == 0; }
  [[nodiscard]] size_t position() const { return cursor_.position(); }
  [[nodiscard]] const AmfBudget& budget() const { return budget_; }

 private:
  struct Traits {
    std::string class_name;
    std::vector<std::string> names;
    bool dynamic = false;
    bool externalizable = false;
  };

  Result<Value> read_marked(uint8_t marker, size_t at);
  Result<Value> read_complex(uint8_t marker, size_t at);
  Result<Value> read_inline(uint8_t marker, uint32_t header, size_t at);
  Result<Value> read_array(uint32_t dense_count, size_t at);
  Result<Value> read_object(uint32_t header, size_t at);
  Result<Traits> read_traits(uint32_t header, size_t at);
  Result<uint32_t> read_u29(size_t at);
  Result<std::string> read_string(size_t at);
  Result<std::string> read_blob(uint32_t length, size_t at);

  Cursor cursor_;
  AmfBudget budget_;
  std::vector<ByteView> strings_;
  std::vector<size_t> objects_;  // Where each object, array, date, XML and byte array begins.
  std::vector<Traits> traits_;
  bool again_ = false;  // Reading a referenced value again: it is in the tables already.
};

/// Appends `value` in AMF3, without references. Whole numbers of 29 bits become integers.
void write_amf3(std::vector<uint8_t>& out, const Value& value);

}  // namespace pasu::rtmp
