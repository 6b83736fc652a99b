// The sequence parameter set of H.264.
#pragma once

#include <array>
#include <cstdint>

#include "base/bytes.h"
#include "base/result.h"
#include "bits/sequence.h"

namespace pasu::bits {

/// H.264 7.3.2.1.1. Beside what `info` tells everybody, the fields that slice headers depend on.
struct H264Sps {
  static constexpr uint32_t kIdMax = 31;

  uint32_t id = 0;
  SequenceInfo info;

  bool separate_colour_plane = false;
  int log2_max_frame_num = 4;
  bool frame_mbs_only = true;

  int poc_type = 0;                    ///< pic_order_cnt_type
  int log2_max_poc_lsb = 4;            ///< Type 0.
  bool delta_poc_always_zero = false;  ///< Type 1, and so the next four.
  int32_t offset_for_non_ref_pic = 0;
  int32_t offset_for_top_to_bottom_field = 0;
  int poc_cycle_length = 0;  ///< num_ref_frames_in_pic_order_cnt_cycle
  std::array<int32_t, 255> offset_for_ref_frame{};
};

/// `nal` with its header byte. Sizes are held to level 6.2's (A.3.1): 16880 a side.
/// Errors: truncated, malformed, each with the field and its byte.
[[nodiscard]] Result<H264Sps> parse_h264_sps(ByteView nal);

}  // namespace pasu::bits
