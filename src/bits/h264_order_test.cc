#include "bits/detail/h264_order.h"

#include <gtest/gtest.h>

namespace pasu::bits {
namespace {

H264Slice slice(PictureType type, int frame_num, int poc_lsb, bool reference = true) {
  return {.type = type, .frame_num = frame_num, .reference = reference, .poc_lsb = poc_lsb};
}

constexpr auto kIdr = PictureType::idr;
constexpr auto kP = PictureType::p;
constexpr auto kB = PictureType::b;

// The expected counts are worked out by hand from the formulas of the section.
TEST(H264Order, Type0WrapsItsLowBits_8_2_1_1) {
  H264Sps sps;
  sps.log2_max_poc_lsb = 4;
  H264Order order;
  EXPECT_EQ(order.next(sps, slice(kIdr, 0, 0)), 0);
  EXPECT_EQ(order.next(sps, slice(kP, 1, 6)), 6);
  EXPECT_EQ(order.next(sps, slice(kB, 2, 2, false)), 2);
  EXPECT_EQ(order.next(sps, slice(kP, 2, 12)), 12);
  EXPECT_EQ(order.next(sps, slice(kP, 3, 2)), 18);
  EXPECT_EQ(order.next(sps, slice(kB, 4, 14, false)), 14);  // Back across the wrap.
  EXPECT_EQ(order.next(sps, slice(kB, 4, 0, false)), 16);
  EXPECT_EQ(order.next(sps, slice(kIdr, 0, 0)), 0);
}

TEST(H264Order, Type0Fields) {
  H264Sps sps;
  H264Order order;
  H264Slice frame = slice(kIdr, 0, 0);
  frame.delta_poc_bottom = -1;  // The bottom field is shown first.
  EXPECT_EQ(order.next(sps, frame), -1);
  H264Slice bottom = slice(kP, 1, 3);
  bottom.field = bottom.bottom_field = true;
  EXPECT_EQ(order.next(sps, bottom), 3);
}

TEST(H264Order, Type0ResetByOperation5) {
  H264Sps sps;
  sps.log2_max_poc_lsb = 4;
  H264Order order;
  order.next(sps, slice(kIdr, 0, 0));
  H264Slice reset = slice(kP, 1, 14);
  reset.resets_order = true;
  order.next(sps, reset);
  EXPECT_EQ(order.next(sps, slice(kP, 1, 2)), 2);
}

TEST(H264Order, Type1CountsByACycle_8_2_1_2) {
  H264Sps sps;
  sps.poc_type = 1;
  sps.poc_cycle_length = 2;
  sps.offset_for_ref_frame[0] = 4;
  sps.offset_for_ref_frame[1] = 6;
  sps.offset_for_non_ref_pic = -3;
  sps.log2_max_frame_num = 4;
  H264Order order;
  EXPECT_EQ(order.next(sps, slice(kIdr, 0, 0)), 0);
  EXPECT_EQ(order.next(sps, slice(kP, 1, 0)), 4);
  EXPECT_EQ(order.next(sps, slice(kP, 2, 0)), 10);
  EXPECT_EQ(order.next(sps, slice(kP, 3, 0)), 14);
  EXPECT_EQ(order.next(sps, slice(kB, 4, 0, false)), 14 - 3);
  H264Slice late = slice(kP, 4, 0);
  late.delta_poc[0] = 1;
  EXPECT_EQ(order.next(sps, late), 21);
}

TEST(H264Order, Type2IsDecodingOrder_8_2_1_3) {
  H264Sps sps;
  sps.poc_type = 2;
  sps.log2_max_frame_num = 4;
  H264Order order;
  EXPECT_EQ(order.next(sps, slice(kIdr, 0, 0)), 0);
  EXPECT_EQ(order.next(sps, slice(kP, 1, 0)), 2);
  EXPECT_EQ(order.next(sps, slice(kP, 2, 0, false)), 3);
  EXPECT_EQ(order.next(sps, slice(kP, 15, 0)), 30);
  EXPECT_EQ(order.next(sps, slice(kP, 0, 0)), 32);  // frame_num wrapped.
}

TEST(H264Order, HostileOffsetsDoNotOverflow) {
  H264Sps sps;
  sps.poc_type = 1;
  sps.poc_cycle_length = 255;
  sps.offset_for_ref_frame.fill(INT32_MAX);
  sps.log2_max_frame_num = 16;
  H264Order order;
  for (int i = 0; i < 200'000; ++i) order.next(sps, slice(kP, i % 2 == 0 ? 65'535 : 0, 0));
}

}  // namespace
}  // namespace pasu::bits
