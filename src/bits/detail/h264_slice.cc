#include "bits/detail/h264_slice.h"

#include "bits/bit_reader.h"
#include "bits/nal.h"

namespace pasu::bits {
namespace {

constexpr uint32_t kMbsMax = 139'264;  // MaxFS of level 6.2, Table A-1

struct References {
  uint32_t count[2] = {0, 0};  // num_ref_idx_l0/l1_active_minus1 + 1, 0 where the list is unused
};

H264SliceStart read_start(BitReader& bits) {
  H264SliceStart start;
  start.first_mb = bits.ue("first_mb_in_slice", kMbsMax - 1);
  // Table 7-6: P, B, I, SP, SI and the same again for pictures of slices all alike.
  constexpr PictureType kTypes[] = {PictureType::p, PictureType::b, PictureType::i, PictureType::p,
                                    PictureType::i};
  start.type = kTypes[bits.ue("slice_type", 9) % 5];
  start.pps_id = bits.ue("pic_parameter_set_id", H264Pps::kIdMax);
  return start;
}

void read_picture_order(BitReader& bits, const H264Sps& sps, const H264Pps& pps, H264Slice& slice) {
  const bool both_fields = pps.bottom_field_poc_in_frame && !slice.field;
  if (sps.poc_type == 0) {
    slice.poc_lsb = static_cast<int>(bits.u(sps.log2_max_poc_lsb));
    if (both_fields) {
      slice.delta_poc_bottom = bits.se("delta_pic_order_cnt_bottom", -INT32_MAX, INT32_MAX);
    }
  } else if (sps.poc_type == 1 && !sps.delta_poc_always_zero) {
    slice.delta_poc[0] = bits.se("delta_pic_order_cnt[0]", -INT32_MAX, INT32_MAX);
    if (both_fields) {
      slice.delta_poc[1] = bits.se("delta_pic_order_cnt[1]", -INT32_MAX, INT32_MAX);
    }
  }
}

References read_reference_counts(BitReader& bits, const H264Pps& pps, PictureType type) {
  References references;
  const int lists = type == PictureType::b ? 2 : 1;
  const bool override_flag = bits.flag();  // num_ref_idx_active_override_flag
  for (int list = 0; list < lists; ++list) {
    references.count[list] =
        override_flag ? bits.ue("num_ref_idx_active_minus1", 31) + 1 : pps.references_default[list];
  }
  return references;
}

// ref_pic_list_modification() (7.3.3.1)
void skip_list_modification(BitReader& bits, const References& references) {
  for (const uint32_t count : references.count) {
    if (count == 0 || !bits.flag()) continue;  // ref_pic_list_modification_flag_l0/l1
    for (uint32_t i = 0; bits.ok(); ++i) {
      // At most one modification an entry (7.4.3.1), then the closing 3.
      const uint32_t idc = bits.ue("modification_of_pic_nums_idc", i < count ? 3 : UINT32_MAX);
      if (idc == 3 || i >= count) break;
      bits.ue("abs_diff_pic_num_minus1 or long_term_pic_num", UINT32_MAX);
    }
  }
}

// pred_weight_table() (7.3.3.2)
void skip_weights(BitReader& bits, const H264Sps& sps, const References& references) {
  const bool chroma = sps.info.chroma_format_idc != 0 && !sps.separate_colour_plane;
  bits.ue("luma_log2_weight_denom", 7);
  if (chroma) bits.ue("chroma_log2_weight_denom", 7);
  for (const uint32_t count : references.count) {
    for (uint32_t i = 0; i < count && bits.ok(); ++i) {
      if (bits.flag()) {  // luma_weight_flag
        bits.se("luma_weight", -128, 127);
        bits.se("luma_offset", -128, 127);
      }
      if (!chroma || !bits.flag()) continue;  // chroma_weight_flag
      for (int plane = 0; plane < 2; ++plane) {
        bits.se("chroma_weight", -128, 127);
        bits.se("chroma_offset", -128, 127);
      }
    }
  }
}

// dec_ref_pic_marking() (7.3.3.3)
void read_marking(BitReader& bits, H264Slice& slice) {
  if (slice.type == PictureType::idr) {
    bits.skip(2);  // no_output_of_prior_pics_flag, long_term_reference_flag
    return;
  }
  if (!bits.flag()) return;  // adaptive_ref_pic_marking_mode_flag
  // Each of the 32 reference fields may be marked once, beside the rarer operations.
  constexpr int kOperationsMax = 70;
  for (int i = 0; bits.ok(); ++i) {
    const uint32_t operation =
        bits.ue("memory_management_control_operation", i < kOperationsMax ? 6 : 0);
    if (operation == 0) return;
    if (operation == 5) slice.resets_order = true;
    if (operation == 1 || operation == 3) {
      bits.ue("difference_of_pic_nums_minus1", UINT32_MAX);
    }
    if (operation == 2) bits.ue("long_term_pic_num", UINT32_MAX);
    if (operation == 3 || operation == 6) bits.ue("long_term_frame_idx", 31);
    if (operation == 4) bits.ue("max_long_term_frame_idx_plus1", 32);
  }
}

}  // namespace

Result<H264SliceStart> parse_h264_slice_start(ByteView nal) {
  BitReader bits(nal, 1);
  const H264SliceStart start = read_start(bits);
  TRY(bits.status("slice header"));
  return start;
}

Result<H264Slice> parse_h264_slice(ByteView nal, const H264Sps& sps, const H264Pps& pps) {
  BitReader bits(nal, 1);
  const bool idr = h264_type(nal) == H264Nal::idr_slice;
  const PictureType type = read_start(bits).type;

  H264Slice slice;
  slice.type = idr ? PictureType::idr : type;
  slice.reference = (nal[0] & 0x60) != 0;
  if (sps.separate_colour_plane) bits.skip(2);  // colour_plane_id
  slice.frame_num = static_cast<int>(bits.u(sps.log2_max_frame_num));
  if (!sps.frame_mbs_only) {
    slice.field = bits.flag();
    if (slice.field) slice.bottom_field = bits.flag();
  }
  if (idr) bits.ue("idr_pic_id", 65'535);
  read_picture_order(bits, sps, pps, slice);
  if (pps.redundant_pic_cnt_present) slice.redundant = bits.ue("redundant_pic_cnt", 127) != 0;

  const bool inter = type == PictureType::p || type == PictureType::b;
  if (type == PictureType::b) bits.skip(1);  // direct_spatial_mv_pred_flag
  if (inter) {
    const References references = read_reference_counts(bits, pps, type);
    skip_list_modification(bits, references);
    const bool weighted = type == PictureType::p ? pps.weighted_pred : pps.weighted_bipred_idc == 1;
    if (weighted) skip_weights(bits, sps, references);
  }
  if (slice.reference) read_marking(bits, slice);
  if (pps.entropy_coding_mode && inter) bits.ue("cabac_init_idc", 2);
  // SliceQPY from -QpBdOffset to 51 (7-31).
  const int qp_min = -6 * (sps.info.bit_depth_luma - 8);
  slice.qp = pps.init_qp + bits.se("slice_qp_delta", qp_min - pps.init_qp, 51 - pps.init_qp);
  TRY(bits.status("slice header"));
  return slice;
}

}  // namespace pasu::bits
