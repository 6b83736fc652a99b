#include <cmath>
#include <cstdint>
#include <vector>

#include "wire/rtmp/amf0.h"
#include "wire/rtmp/amf3.h"
#include "wire/rtmp/message.h"
#include "wire/rtmp/metadata.h"

using namespace pasu;

namespace {

// Written and read again it is written the same: what the formats can say, they say one way.
template <class Reader, class Write>
void round_trip(const rtmp::Value& value, Write write) {
  std::vector<uint8_t> once, twice;
  write(once, value);
  const auto back = Reader(once).read();
  // A reference that was resolved may have made it larger than the limits.
  if (!back) {
    if (back.error().code() != Errc::too_large) __builtin_trap();
    return;
  }
  write(twice, *back);
  if (once != twice) __builtin_trap();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::vector<uint8_t> bytes(data, data + size);
  rtmp::Amf0Reader amf0(bytes);
  while (!amf0.at_end()) {
    const size_t before = amf0.position();
    const auto value = amf0.read();
    if (!value) break;
    if (amf0.position() <= before || amf0.position() > size) __builtin_trap();
    round_trip<rtmp::Amf0Reader>(*value, rtmp::write_amf0);
  }
  rtmp::Amf3Reader amf3(bytes);
  while (!amf3.at_end()) {
    const auto value = amf3.read();
    if (!value) break;
    round_trip<rtmp::Amf3Reader>(*value, rtmp::write_amf3);
  }
  using rtmp::MessageType;
  for (const auto type : {MessageType::command_amf0, MessageType::command_amf3}) {
    if (const auto command = rtmp::parse_command(type, bytes)) {
      (void)rtmp::parse_status(command->arg(0));
    }
  }
  if (const auto data_message = rtmp::parse_data(MessageType::data_amf0, bytes)) {
    const rtmp::Metadata metadata = rtmp::parse_metadata(*data_message);
    if (metadata.width < 0 || metadata.height < 0 || !std::isfinite(metadata.frame_rate)) {
      __builtin_trap();
    }
  }
  return 0;
}
