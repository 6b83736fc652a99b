// letterbox_u8 with the kernels of one's choice, for the test and the benchmark of both sets.
#pragma once

#include "pixel/detail/kernels.h"
#include "pixel/letterbox.h"

namespace pasu::pixel {

void letterbox_u8_with(const Kernels& kernels, const media::Frame& frame,
                       const geom::Letterbox& box, ChannelOrder order, uint8_t* out);

}  // namespace pasu::pixel
