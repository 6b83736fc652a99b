// What either end says of Enhanced RTMP when it connects.
#pragma once

#include <cstdint>
#include <vector>

#include "wire/rtmp/amf.h"

namespace pasu::rtmp {

/// capsEx (Enhanced RTMP v2, "Enhancing NetConnection connect Command").
inline constexpr int kCapsReconnect = 1, kCapsMultitrack = 2, kCapsModEx = 4,
                     kCapsTimestampNano = 8;

/// Appends fourCcList, the information maps and capsEx.
void put_enhanced(Object& object);
/// Did the client announce any of them?
[[nodiscard]] bool has_enhanced(const Value& connect);
/// The FourCCs it can be sent, those that we know of them: of fourCcList, and of the information
/// maps where they say that it decodes or passes on.
[[nodiscard]] std::vector<uint32_t> read_fourccs(const Value& connect);

}  // namespace pasu::rtmp
