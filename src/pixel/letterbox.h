// A frame of any format into the detector's u8 input: crop-free letterbox, area filter down,
// bilinear up.
#pragma once

#include <cstdint>

#include "geom/letterbox.h"
#include "media/frame.h"

namespace pasu::pixel {

enum class ChannelOrder { rgb, bgr };

/// Writes NHWC u8: box.input.height rows of box.input.width * 3 bytes at `out`, contiguous.
/// Everything outside the picture is Letterbox::kFill. Thread-safe; scratch memory is kept per
/// thread.
///
/// YUV is converted by the frame's matrix and range after scaling. The frame must have the size
/// box.source.
void letterbox_u8(const media::Frame& frame, const geom::Letterbox& box, ChannelOrder order,
                  uint8_t* out);

}  // namespace pasu::pixel
