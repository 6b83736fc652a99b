// What either end says of Enhanced RTMP when it connects.
#pragma once

#include "wire/rtmp/amf.h"

namespace pasu::rtmp {

/// capsEx (Enhanced RTMP v2, "Enhancing NetConnection connect Command").
inline constexpr int kCapsReconnect = 1, kCapsMultitrack = 2, kCapsModEx = 4,
                     kCapsTimestampNano = 8;

/// Appends fourCcList, the information maps and capsEx.
void put_enhanced(Object& object);
/// Did the client announce any of them?
[[nodiscard]] bool has_enhanced(const Value& connect);

}  // namespace pasu::rtmp
