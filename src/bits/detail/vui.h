// The part of the video usability information that H.264 and H.265 write alike.
#pragma once

#include "bits/bit_reader.h"
#include "bits/sequence.h"

namespace pasu::bits {

/// aspect_ratio_info_present_flag up to and with chroma_loc_info (H.264 E.1.1, H.265 E.2.1).
void read_vui_signal(BitReader& bits, SequenceInfo& info);

}  // namespace pasu::bits
