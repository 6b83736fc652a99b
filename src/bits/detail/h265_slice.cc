#include "bits/detail/h265_slice.h"

#include <bit>

#include "bits/bit_reader.h"
#include "bits/nal.h"

namespace pasu::bits {
namespace {

// Ceil(Log2(count)): the bits that hold any of `count` values.
int index_bits(uint32_t count) { return count <= 1 ? 0 : std::bit_width(count - 1); }

// What a picture's reference sets mean for the header's later fields.
struct References {
  uint32_t total = 0;          // NumPicTotalCurr
  uint32_t count[2] = {0, 0};  // num_ref_idx_l0/l1_active_minus1 + 1, 0 where the list is unused
};

struct Start {
  bool first_in_picture;
  uint32_t pps_id;
};

Start read_start(BitReader& bits, H265Nal type) {
  Start start{};
  start.first_in_picture = bits.flag();
  if (is_irap(type)) bits.skip(1);  // no_output_of_prior_pics_flag
  start.pps_id = bits.ue("slice_pic_parameter_set_id", H265Pps::kIdMax);
  return start;
}

uint32_t read_short_term(BitReader& bits, const H265Sps& sps) {
  const auto& sets = sps.short_term_sets;
  if (!bits.flag()) return read_short_term_set(bits, sets, true).used_count();
  const uint32_t index = bits.u(index_bits(static_cast<uint32_t>(sets.size())));
  if (index >= sets.size()) {
    bits.reject("short_term_ref_pic_set_idx", index, 0, static_cast<int64_t>(sets.size()) - 1);
    return 0;
  }
  return sets[index].used_count();
}

uint32_t read_long_term(BitReader& bits, const H265Sps& sps) {
  const auto known = static_cast<uint32_t>(sps.long_term_used.size());
  constexpr uint32_t kPicturesMax = ShortTermSet::kPicturesMax;
  const uint32_t from_sps = known > 0 ? bits.ue("num_long_term_sps", kPicturesMax) : 0;
  const uint32_t own = bits.ue("num_long_term_pics", kPicturesMax - from_sps);
  uint32_t used = 0;
  for (uint32_t i = 0; i < from_sps + own && bits.ok(); ++i) {
    if (i < from_sps) {
      const uint32_t index = bits.u(index_bits(known));
      if (index >= known) {
        bits.reject("lt_idx_sps", index, 0, int64_t{known} - 1);
        return 0;
      }
      used += sps.long_term_used[index] ? 1 : 0;
    } else {
      bits.skip(static_cast<uint32_t>(sps.log2_max_poc_lsb));  // poc_lsb_lt
      used += bits.flag() ? 1 : 0;                             // used_by_curr_pic_lt_flag
    }
    if (bits.flag()) bits.ue("delta_poc_msb_cycle_lt", UINT32_MAX);
  }
  return used;
}

// ref_pic_lists_modification() (7.3.6.2)
void skip_list_modification(BitReader& bits, const References& references) {
  for (const uint32_t count : references.count) {
    if (count == 0 || !bits.flag()) continue;  // ref_pic_list_modification_flag_l0/l1
    bits.skip(count * static_cast<uint32_t>(index_bits(references.total)));  // list_entry
  }
}

// pred_weight_table() (7.3.6.3) of a stream with one layer
void skip_weights(BitReader& bits, const H265Sps& sps, const References& references) {
  const bool chroma = sps.info.chroma_format_idc != 0 && !sps.separate_colour_plane;
  bits.ue("luma_log2_weight_denom", 7);
  if (chroma) bits.se("delta_chroma_log2_weight_denom", -7, 7);
  for (const uint32_t count : references.count) {
    const uint32_t luma_flags = bits.u(static_cast<int>(count));
    const uint32_t chroma_flags = chroma ? bits.u(static_cast<int>(count)) : 0;
    for (uint32_t i = count; i > 0 && bits.ok(); --i) {
      if (luma_flags >> (i - 1) & 1) {
        bits.se("delta_luma_weight", -128, 127);
        // With high_precision_offsets_enabled_flag offsets span 16 bits, doubled in chroma.
        bits.se("luma_offset", -32'768, 32'767);
      }
      if ((chroma_flags >> (i - 1) & 1) == 0) continue;
      for (int plane = 0; plane < 2; ++plane) {
        bits.se("delta_chroma_weight", -128, 127);
        bits.se("delta_chroma_offset", -131'072, 131'071);
      }
    }
  }
}

// From num_ref_idx_active_override_flag to five_minus_max_num_merge_cand.
void read_inter(BitReader& bits, const H265Sps& sps, const H265Pps& pps, PictureType type,
                bool temporal_mvp, References references) {
  const bool b = type == PictureType::b;
  const bool override_flag = bits.flag();
  for (int list = 0; list < (b ? 2 : 1); ++list) {
    references.count[list] =
        override_flag ? bits.ue("num_ref_idx_active_minus1", 14) + 1 : pps.references_default[list];
  }
  if (pps.lists_modification_present && references.total > 1) {
    skip_list_modification(bits, references);
  }
  if (b) bits.skip(1);                       // mvd_l1_zero_flag
  if (pps.cabac_init_present) bits.skip(1);  // cabac_init_flag
  if (temporal_mvp) {
    const bool from_l1 = b && !bits.flag();  // collocated_from_l0_flag
    const uint32_t count = references.count[from_l1 ? 1 : 0];
    if (count > 1) bits.ue("collocated_ref_idx", count - 1);
  }
  if (b ? pps.weighted_bipred : pps.weighted_pred) skip_weights(bits, sps, references);
  bits.ue("five_minus_max_num_merge_cand", 4);
}

}  // namespace

Result<uint32_t> parse_h265_slice_pps_id(ByteView nal) {
  BitReader bits(nal, 2);
  const Start start = read_start(bits, h265_type(nal));
  TRY(bits.status("slice header"));
  return start.pps_id;
}

Result<H265Slice> parse_h265_slice(ByteView nal, const H265Sps& sps, const H265Pps& pps) {
  BitReader bits(nal, 2);
  const H265Nal nal_type = h265_type(nal);
  H265Slice slice;
  slice.first_in_picture = read_start(bits, nal_type).first_in_picture;
  if (!slice.first_in_picture) {
    if (pps.dependent_slices) slice.dependent = bits.flag();
    const uint32_t address = bits.u(index_bits(sps.ctbs));
    if (address >= sps.ctbs) bits.reject("slice_segment_address", address, 1, sps.ctbs - 1);
  }
  if (slice.dependent) {
    TRY(bits.status("slice header"));
    return slice;
  }
  bits.skip(pps.extra_slice_header_bits);
  constexpr PictureType kTypes[] = {PictureType::b, PictureType::p, PictureType::i};  // Table 7-7
  const PictureType type = kTypes[bits.ue("slice_type", 2)];
  slice.type = is_idr(nal_type) ? PictureType::idr : type;
  if (pps.output_flag_present) bits.skip(1);    // pic_output_flag
  if (sps.separate_colour_plane) bits.skip(2);  // colour_plane_id
  References references;
  bool temporal_mvp = false;
  if (!is_idr(nal_type)) {
    slice.poc_lsb = static_cast<int>(bits.u(sps.log2_max_poc_lsb));
    references.total = read_short_term(bits, sps);
    if (sps.long_term_present) references.total += read_long_term(bits, sps);
    if (sps.temporal_mvp) temporal_mvp = bits.flag();
  }
  if (sps.sample_adaptive_offset) {
    bits.skip(1);  // slice_sao_luma_flag
    if (sps.info.chroma_format_idc != 0 && !sps.separate_colour_plane) bits.skip(1);
  }
  if (type != PictureType::i) read_inter(bits, sps, pps, type, temporal_mvp, references);
  // SliceQpY from -QpBdOffsetY to 51 (7-54).
  const int qp_min = -6 * (sps.info.bit_depth_luma - 8);
  slice.qp = pps.init_qp + bits.se("slice_qp_delta", qp_min - pps.init_qp, 51 - pps.init_qp);
  TRY(bits.status("slice header"));
  return slice;
}

}  // namespace pasu::bits
