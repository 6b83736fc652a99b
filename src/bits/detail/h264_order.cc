#include "bits/detail/h264_order.h"

#include <algorithm>

namespace pasu::bits {
namespace {

// Counts stay within 32 bits (8.2.1); those of a stream that breaks this wrap around.
int64_t wrap(int64_t count) { return static_cast<int32_t>(count); }

}  // namespace

int64_t H264Order::next(const H264Sps& sps, const H264Slice& slice) {
  const bool idr = slice.type == PictureType::idr;
  // FrameNumOffset (8-6, 8-11); read by types 1 and 2.
  if (idr) {
    frame_num_offset_ = 0;
  } else if (previous_frame_num_ > slice.frame_num) {
    frame_num_offset_ = wrap(frame_num_offset_ + (int64_t{1} << sps.log2_max_frame_num));
  }
  previous_frame_num_ = slice.frame_num;

  Order order;
  if (sps.poc_type == 0) {
    order = type0(sps, slice);
  } else if (sps.poc_type == 1) {
    order = type1(sps, slice);
  } else {
    const int64_t decoded = 2 * (frame_num_offset_ + slice.frame_num);  // 8-12
    order.top = order.bottom = idr ? 0 : decoded - (slice.reference ? 0 : 1);
  }
  const int64_t count = !slice.field         ? std::min(order.top, order.bottom)
                        : slice.bottom_field ? order.bottom
                                             : order.top;
  if (slice.resets_order) {  // 8.2.1: what follows counts from this picture.
    previous_msb_ = 0;
    previous_lsb_ = slice.bottom_field ? 0 : wrap(order.top - count);
    previous_frame_num_ = 0;
    frame_num_offset_ = 0;
  }
  return count;
}

// 8.2.1.1
H264Order::Order H264Order::type0(const H264Sps& sps, const H264Slice& slice) {
  if (slice.type == PictureType::idr) previous_msb_ = previous_lsb_ = 0;
  const int64_t range = int64_t{1} << sps.log2_max_poc_lsb;
  int64_t msb = previous_msb_;
  if (slice.poc_lsb < previous_lsb_ && previous_lsb_ - slice.poc_lsb >= range / 2) {
    msb += range;
  } else if (slice.poc_lsb > previous_lsb_ && slice.poc_lsb - previous_lsb_ > range / 2) {
    msb -= range;
  }
  Order order;
  order.top = msb + slice.poc_lsb;
  order.bottom = order.top + (slice.field ? 0 : slice.delta_poc_bottom);
  if (slice.reference) {
    previous_msb_ = wrap(msb);
    previous_lsb_ = slice.poc_lsb;
  }
  return order;
}

// 8.2.1.2
H264Order::Order H264Order::type1(const H264Sps& sps, const H264Slice& slice) const {
  int64_t frames = sps.poc_cycle_length == 0 ? 0 : frame_num_offset_ + slice.frame_num;
  if (!slice.reference && frames > 0) --frames;
  int64_t expected = 0;
  if (frames > 0) {
    const auto length = static_cast<size_t>(sps.poc_cycle_length);
    const auto cycle = sps.offset_for_ref_frame.begin();
    int64_t whole = 0;
    for (size_t i = 0; i < length; ++i) whole += cycle[i];
    expected = (frames - 1) / sps.poc_cycle_length * whole;
    for (int64_t i = 0; i <= (frames - 1) % sps.poc_cycle_length; ++i) expected += cycle[i];
  }
  if (!slice.reference) expected += sps.offset_for_non_ref_pic;

  Order order;
  order.top = expected + slice.delta_poc[0];
  if (!slice.field) {
    order.bottom = order.top + sps.offset_for_top_to_bottom_field + slice.delta_poc[1];
  } else {
    order.bottom = expected + sps.offset_for_top_to_bottom_field + slice.delta_poc[0];
  }
  return order;
}

}  // namespace pasu::bits
