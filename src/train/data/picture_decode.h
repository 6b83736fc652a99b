// A picture's file, decoded by the av room.
#pragma once

#include "base/bytes.h"
#include "base/result.h"
#include "media/frame.h"

namespace pasu::data {

/// The (first) picture of `file`, of any format that libavcodec knows, as stored: not turned by
/// EXIF's orientation, which Frame::rotation tells. Thread-safe.
/// Errors: malformed, truncated (it ends early, what there is may decode), unsupported, too_large
/// (over 8192x8192 pixels).
[[nodiscard]] Result<media::Frame> decode_frame(ByteView file);

}  // namespace pasu::data
