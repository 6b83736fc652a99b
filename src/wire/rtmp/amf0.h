// AMF0: the values in RTMP's commands and FLV's script tags.
#pragma once

#include <vector>

#include "base/result.h"
#include "wire/rtmp/amf.h"
#include "wire/rtmp/amf3.h"
#include "wire/rtmp/detail/amf_budget.h"
#include "wire/rtmp/detail/big_endian.h"

namespace pasu::rtmp {

/// Reads the AMF0 values (AMF 0 specification 2.1 to 2.18) of one message, one after another.
///
/// References (2.9) are resolved to copies; one that refers to what encloses it is an error. The
/// AVM+ marker (3.1) switches to AMF3 for one value. An ECMA array (2.10) may miss its end marker
/// at the end of the bytes, as some encoders' do. Borrows the bytes.
/// Errors, all with the byte: truncated, malformed, unsupported (reserved and unknown markers),
/// too_large (AmfLimits). After an error no more can be read.
class Amf0Reader {
 public:
  explicit Amf0Reader(ByteView bytes) : cursor_(bytes) {}

  [[nodiscard]] Result<Value> read();
  [[nodiscard]] bool at_end() const { return cursor_.left() == 0; }
  [[nodiscard]] size_t position() const { return cursor_.position(); }

 private:
  Result<Value> read_marked(uint8_t marker, size_t at);
  Result<Value> read_complex(uint8_t marker, size_t at);
  Result<Value> read_object(Object object, size_t at);
  Result<Value> read_strict_array(size_t at);
  Result<Value> read_reference(size_t at);
  Result<Value> read_amf3(size_t at);
  Result<std::string> read_text(size_t length_bytes, size_t at);

  Cursor cursor_;
  AmfBudget budget_;
  std::vector<size_t> complex_;  // Where each object and array begins, for references (2.9).
  bool again_ = false;           // Reading a referenced value again: it is in the table already.
};

/// Appends `value` in AMF0. What AMF0 lacks is written as what comes nearest: byte arrays as null.
void write_amf0(std::vector<uint8_t>& out, const Value& value);

}  // namespace pasu::rtmp
