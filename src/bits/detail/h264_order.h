// Picture order count of H.264: which picture is shown before which.
#pragma once

#include <cstdint>

#include "bits/detail/h264_slice.h"
#include "bits/h264_sps.h"

namespace pasu::bits {

/// Takes the pictures in decoding order and gives each its PicOrderCnt (H.264 8.2.1).
class H264Order {
 public:
  /// PicOrderCnt of the frame or field that `slice` belongs to, counted since the last IDR picture
  /// or reset. Call once a picture.
  int64_t next(const H264Sps& sps, const H264Slice& slice);

 private:
  struct Order {
    int64_t top = 0, bottom = 0;
  };
  Order type0(const H264Sps& sps, const H264Slice& slice);
  Order type1(const H264Sps& sps, const H264Slice& slice) const;

  int64_t previous_msb_ = 0;      // prevPicOrderCntMsb
  int64_t previous_lsb_ = 0;      // prevPicOrderCntLsb
  int64_t frame_num_offset_ = 0;  // FrameNumOffset
  int64_t previous_frame_num_ = 0;
};

}  // namespace pasu::bits
