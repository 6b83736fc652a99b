// Is a picture's file whole: decoded once, by the av room.
#pragma once

#include <string>

#include "base/bytes.h"
#include "base/result.h"
#include "geom/box.h"

namespace pasu::data::detail {

/// Decodes `file`, a picture of any format that libavcodec knows, and gives its size.
/// Errors: malformed, truncated (it ends early; what there is may decode), unsupported, too_large
/// (over 8192x8192 pixels).
[[nodiscard]] Result<geom::Size> decode_picture(ByteView file);

}  // namespace pasu::data::detail
