// Supplemental enhancement information: only what tells where decoding can start.
#pragma once

#include "base/bytes.h"
#include "base/result.h"

namespace pasu::bits {

/// Does this SEI unit hold a recovery point message (H.264 D.1.8, H.265 D.2.8)? `header_bytes` as
/// in BitReader. Errors: truncated, malformed.
[[nodiscard]] Result<bool> has_recovery_point(ByteView nal, size_t header_bytes);

}  // namespace pasu::bits
