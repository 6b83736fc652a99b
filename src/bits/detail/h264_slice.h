// The slice header of H.264.
#pragma once

#include <cstdint>

#include "base/bytes.h"
#include "base/result.h"
#include "bits/detail/h264_pps.h"
#include "bits/gop.h"
#include "bits/h264_sps.h"

namespace pasu::bits {

/// The three fields that come before anything a parameter set shapes.
struct H264SliceStart {
  uint32_t first_mb = 0;
  PictureType type = PictureType::p;
  uint32_t pps_id = 0;
};

/// H.264 7.3.3 up to slice_qp_delta.
struct H264Slice {
  PictureType type = PictureType::p;  ///< SI is I, SP is P; idr in an IDR picture.
  int frame_num = 0;
  bool reference = false;  ///< nal_ref_idc is not 0.
  bool field = false, bottom_field = false;
  bool redundant = false;  ///< Part of a redundant coded picture.
  int poc_lsb = 0;         ///< pic_order_cnt_lsb
  int32_t delta_poc_bottom = 0;
  int32_t delta_poc[2] = {0, 0};  ///< delta_pic_order_cnt
  bool resets_order = false;      ///< memory_management_control_operation 5
  int qp = 0;                     ///< SliceQPY
};

/// `nal` with its header byte, of type slice, IDR slice or partition A.
/// Errors: truncated, malformed.
[[nodiscard]] Result<H264SliceStart> parse_h264_slice_start(ByteView nal);
[[nodiscard]] Result<H264Slice> parse_h264_slice(ByteView nal, const H264Sps& sps,
                                                 const H264Pps& pps);

}  // namespace pasu::bits
