#include "bits/h264_sps.h"

#include <algorithm>

#include "bits/bit_reader.h"
#include "bits/detail/vui.h"

namespace pasu::bits {
namespace {

// Level 6.2 (A.3.1, Table A-1): MaxFS macroblocks, and at most sqrt(8 * MaxFS) of them a side.
constexpr uint32_t kFrameMbsMax = 139'264;
constexpr uint32_t kSideMbsMax = 1055;
constexpr uint32_t kReferencesMax = 16;  // MaxDpbFrames, A.3.1

constexpr uint32_t kBaseline = 66;  // profile_idc, A.2.1
// profile_idc values whose SPS describes the chroma format (7.3.2.1.1).
constexpr uint32_t kHighProfiles[] = {100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135};

// scaling_list() (7.3.2.1.1.1), passed over.
void skip_scaling_list(BitReader& bits, int size) {
  int last = 8, next = 8;
  for (int i = 0; i < size && bits.ok(); ++i) {
    if (next != 0) next = (last + bits.se("delta_scale", -128, 127) + 256) % 256;
    if (next != 0) last = next;
  }
}

void read_chroma_format(BitReader& bits, H264Sps& sps) {
  SequenceInfo& info = sps.info;
  info.chroma_format_idc = static_cast<int>(bits.ue("chroma_format_idc", 3));
  if (info.chroma_format_idc == 3) sps.separate_colour_plane = bits.flag();
  info.bit_depth_luma = 8 + static_cast<int>(bits.ue("bit_depth_luma_minus8", 6));
  info.bit_depth_chroma = 8 + static_cast<int>(bits.ue("bit_depth_chroma_minus8", 6));
  bits.skip(1);              // qpprime_y_zero_transform_bypass_flag
  if (!bits.flag()) return;  // seq_scaling_matrix_present_flag
  const int lists = info.chroma_format_idc == 3 ? 12 : 8;
  for (int i = 0; i < lists && bits.ok(); ++i) {
    if (bits.flag()) skip_scaling_list(bits, i < 6 ? 16 : 64);
  }
}

void read_picture_order(BitReader& bits, H264Sps& sps) {
  sps.poc_type = static_cast<int>(bits.ue("pic_order_cnt_type", 2));
  if (sps.poc_type == 0) {
    sps.log2_max_poc_lsb = 4 + static_cast<int>(bits.ue("log2_max_pic_order_cnt_lsb_minus4", 12));
  } else if (sps.poc_type == 1) {
    sps.delta_poc_always_zero = bits.flag();
    sps.offset_for_non_ref_pic = bits.se("offset_for_non_ref_pic", -INT32_MAX, INT32_MAX);
    sps.offset_for_top_to_bottom_field =
        bits.se("offset_for_top_to_bottom_field", -INT32_MAX, INT32_MAX);
    sps.poc_cycle_length = static_cast<int>(bits.ue("num_ref_frames_in_pic_order_cnt_cycle", 255));
    for (int i = 0; i < sps.poc_cycle_length; ++i) {
      sps.offset_for_ref_frame[static_cast<size_t>(i)] =
          bits.se("offset_for_ref_frame", -INT32_MAX, INT32_MAX);
    }
  }
}

// hrd_parameters() (E.1.2), passed over.
void skip_hrd(BitReader& bits) {
  const uint32_t count = bits.ue("cpb_cnt_minus1", 31) + 1;
  bits.skip(4 + 4);  // bit_rate_scale, cpb_size_scale
  for (uint32_t i = 0; i < count && bits.ok(); ++i) {
    bits.ue("bit_rate_value_minus1", UINT32_MAX);
    bits.ue("cpb_size_value_minus1", UINT32_MAX);
    bits.skip(1);  // cbr_flag
  }
  bits.skip(5 + 5 + 5 + 5);  // delay lengths, time_offset_length
}

// vui_parameters() (E.1.1)
void read_vui(BitReader& bits, SequenceInfo& info) {
  read_vui_signal(bits, info);
  if (bits.flag()) {  // timing_info_present_flag
    const uint32_t units_in_tick = bits.u(32);
    const uint32_t time_scale = bits.u(32);
    bits.skip(1);  // fixed_frame_rate_flag
    // A tick is a field (E.2.1).
    if (units_in_tick != 0) info.frame_rate = time_scale / (2.0 * units_in_tick);
  }
  const bool nal_hrd = bits.flag();
  if (nal_hrd) skip_hrd(bits);
  const bool vcl_hrd = bits.flag();
  if (vcl_hrd) skip_hrd(bits);
  if (nal_hrd || vcl_hrd) bits.skip(1);  // low_delay_hrd_flag
  bits.skip(1);                          // pic_struct_present_flag
  if (!bits.flag()) return;              // bitstream_restriction_flag
  bits.skip(1);                          // motion_vectors_over_pic_boundaries_flag
  bits.ue("max_bytes_per_pic_denom", 16);
  bits.ue("max_bits_per_mb_denom", 16);
  bits.ue("log2_max_mv_length_horizontal", 16);
  bits.ue("log2_max_mv_length_vertical", 16);
  info.max_reorder = static_cast<int>(bits.ue("max_num_reorder_frames", kReferencesMax));
  bits.ue("max_dec_frame_buffering", kReferencesMax);
}

Result<void> read_size(BitReader& bits, H264Sps& sps) {
  SequenceInfo& info = sps.info;
  const uint32_t width_mbs = bits.ue("pic_width_in_mbs_minus1", kSideMbsMax - 1) + 1;
  const uint32_t map_units = bits.ue("pic_height_in_map_units_minus1", kSideMbsMax - 1) + 1;
  sps.frame_mbs_only = bits.flag();
  if (!sps.frame_mbs_only) bits.skip(1);  // mb_adaptive_frame_field_flag
  bits.skip(1);                           // direct_8x8_inference_flag
  info.interlaced = !sps.frame_mbs_only;
  const uint32_t height_mbs = map_units * (sps.frame_mbs_only ? 1 : 2);
  info.coded_width = static_cast<int>(width_mbs * 16);
  info.coded_height = static_cast<int>(height_mbs * 16);
  info.width = info.coded_width;
  info.height = info.coded_height;
  if (bits.ok() && (height_mbs > kSideMbsMax || width_mbs * height_mbs > kFrameMbsMax)) {
    return fail(Errc::malformed, "SPS: {}x{} pictures, more than any level allows (byte {})",
                info.width, info.height, bits.byte_position());
  }
  if (!bits.flag()) return {};  // frame_cropping_flag
  // Crop units (7-19 to 7-22): a chroma sample, two rows of it where fields are possible.
  const bool planes = sps.separate_colour_plane;
  const uint32_t unit_x =
      !planes && (info.chroma_format_idc == 1 || info.chroma_format_idc == 2) ? 2 : 1;
  const uint32_t unit_y =
      (!planes && info.chroma_format_idc == 1 ? 2u : 1u) * (sps.frame_mbs_only ? 1 : 2);
  constexpr uint32_t kCropMax = kSideMbsMax * 16;
  const uint32_t left = bits.ue("frame_crop_left_offset", kCropMax);
  const uint32_t right = bits.ue("frame_crop_right_offset", kCropMax);
  const uint32_t top = bits.ue("frame_crop_top_offset", kCropMax);
  const uint32_t bottom = bits.ue("frame_crop_bottom_offset", kCropMax);
  const auto crop_x = static_cast<int>(unit_x * (left + right));
  const auto crop_y = static_cast<int>(unit_y * (top + bottom));
  if (crop_x >= info.width || crop_y >= info.height) {
    return fail(Errc::malformed, "SPS: cropping leaves nothing of {}x{} pictures (byte {})",
                info.width, info.height, bits.byte_position());
  }
  info.width -= crop_x;
  info.height -= crop_y;
  return {};
}

}  // namespace

Result<H264Sps> parse_h264_sps(ByteView nal) {
  BitReader bits(nal, 1);
  H264Sps sps;
  sps.info.codec = media::Codec::h264;
  const uint32_t profile = bits.u(8);
  sps.info.profile_idc = static_cast<int>(profile);
  sps.info.constraint_flags = static_cast<uint8_t>(bits.u(8));
  sps.info.level_idc = static_cast<int>(bits.u(8));
  sps.id = bits.ue("seq_parameter_set_id", H264Sps::kIdMax);
  if (std::ranges::find(kHighProfiles, profile) != std::end(kHighProfiles)) {
    read_chroma_format(bits, sps);
  }
  sps.log2_max_frame_num = 4 + static_cast<int>(bits.ue("log2_max_frame_num_minus4", 12));
  read_picture_order(bits, sps);
  sps.info.max_references = static_cast<int>(bits.ue("max_num_ref_frames", kReferencesMax));
  bits.skip(1);  // gaps_in_frame_num_value_allowed_flag
  TRY(read_size(bits, sps));
  TRY(bits.status("SPS"));
  // A VUI that is cut short must not cost the pictures, which decode without it.
  if (bits.flag()) {
    SequenceInfo with_vui = sps.info;
    read_vui(bits, with_vui);
    if (bits.ok()) sps.info = with_vui;
  }
  // Shown as decoded: type 2 by 8.2.1.3, Baseline because it has no B slices (A.2.1).
  const bool in_order = sps.poc_type == 2 || profile == kBaseline;
  if (in_order && sps.info.max_reorder < 0) sps.info.max_reorder = 0;
  return sps;
}

}  // namespace pasu::bits
