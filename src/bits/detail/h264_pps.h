// The picture parameter set of H.264, as far as slice headers need it.
#pragma once

#include <cstdint>

#include "base/bytes.h"
#include "base/result.h"

namespace pasu::bits {

/// H.264 7.3.2.2, up to redundant_pic_cnt_present_flag: what follows shapes no slice header.
struct H264Pps {
  static constexpr uint32_t kIdMax = 255;

  uint32_t id = 0;
  uint32_t sps_id = 0;
  bool entropy_coding_mode = false;
  bool bottom_field_poc_in_frame = false;   ///< bottom_field_pic_order_in_frame_present_flag
  uint32_t references_default[2] = {1, 1};  ///< num_ref_idx_l0/l1_default_active_minus1 + 1
  bool weighted_pred = false;
  uint32_t weighted_bipred_idc = 0;
  int init_qp = 26;  ///< 26 + pic_init_qp_minus26
  bool redundant_pic_cnt_present = false;
};

/// `nal` with its header byte. Errors: truncated, malformed.
[[nodiscard]] Result<H264Pps> parse_h264_pps(ByteView nal);

}  // namespace pasu::bits
