// The slice segment header of H.265.
#pragma once

#include <cstdint>

#include "base/bytes.h"
#include "base/result.h"
#include "bits/detail/h265_pps.h"
#include "bits/gop.h"
#include "bits/h265_sps.h"

namespace pasu::bits {

/// H.265 7.3.6.1 up to slice_qp_delta.
struct H265Slice {
  bool first_in_picture = false;
  bool dependent = false;  ///< Shares the header of the segment before; nothing below is set.
  PictureType type = PictureType::p;  ///< idr in an IDR picture.
  int poc_lsb = 0;                    ///< slice_pic_order_cnt_lsb; 0 in an IDR picture.
  int qp = 0;                         ///< SliceQpY
};

/// slice_pic_parameter_set_id of a VCL unit with its two header bytes.
/// Errors: truncated, malformed.
[[nodiscard]] Result<uint32_t> parse_h265_slice_pps_id(ByteView nal);
[[nodiscard]] Result<H265Slice> parse_h265_slice(ByteView nal, const H265Sps& sps,
                                                 const H265Pps& pps);

}  // namespace pasu::bits
