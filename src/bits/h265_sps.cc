#include "bits/h265_sps.h"

#include "bits/bit_reader.h"
#include "bits/detail/h265_scaling.h"
#include "bits/detail/vui.h"

namespace pasu::bits {
namespace {

// Level 6.2 (A.4.1, Table A.8): MaxLumaPs samples, and at most sqrt(8 * MaxLumaPs) a side.
constexpr uint32_t kLumaSamplesMax = 35'651'584;
constexpr uint32_t kSideMax = 16'888;

// profile_tier_level() (7.3.3)
void read_profile(BitReader& bits, SequenceInfo& info, uint32_t sub_layers_minus1) {
  bits.skip(2 + 1);  // general_profile_space, general_tier_flag
  info.profile_idc = static_cast<int>(bits.u(5));
  bits.skip(32);                         // general_profile_compatibility_flag
  const bool progressive = bits.flag();  // general_progressive_source_flag
  const bool interlaced = bits.flag();   // general_interlaced_source_flag; both: each says itself
  info.interlaced = interlaced && !progressive;
  bits.skip(46);  // the other constraint flags
  info.level_idc = static_cast<int>(bits.u(8));
  if (sub_layers_minus1 == 0) return;
  uint32_t bits_of_layers = 0;
  for (uint32_t i = 0; i < 8; ++i) {
    if (i >= sub_layers_minus1) {
      bits.skip(2);  // reserved_zero_2bits
      continue;
    }
    if (bits.flag()) bits_of_layers += 88;  // sub_layer_profile_present_flag
    if (bits.flag()) bits_of_layers += 8;   // sub_layer_level_present_flag
  }
  bits.skip(bits_of_layers);
}

Result<void> read_size(BitReader& bits, H265Sps& sps) {
  SequenceInfo& info = sps.info;
  info.chroma_format_idc = static_cast<int>(bits.ue("chroma_format_idc", 3));
  if (info.chroma_format_idc == 3) sps.separate_colour_plane = bits.flag();
  const uint32_t width = bits.ue("pic_width_in_luma_samples", kSideMax);
  const uint32_t height = bits.ue("pic_height_in_luma_samples", kSideMax);
  if (bits.ok() && (width == 0 || height == 0 || width * height > kLumaSamplesMax)) {
    return fail(Errc::malformed, "SPS: {}x{} pictures, which no level allows (byte {})", width,
                height, bits.byte_position());
  }
  info.coded_width = info.width = static_cast<int>(width);
  info.coded_height = info.height = static_cast<int>(height);
  if (!bits.flag()) return {};  // conformance_window_flag
  const int unit_x = info.chroma_format_idc == 1 || info.chroma_format_idc == 2 ? 2 : 1;
  const int unit_y = info.chroma_format_idc == 1 ? 2 : 1;  // Table 6-1
  const uint32_t left = bits.ue("conf_win_left_offset", kSideMax);
  const uint32_t right = bits.ue("conf_win_right_offset", kSideMax);
  const uint32_t top = bits.ue("conf_win_top_offset", kSideMax);
  const uint32_t bottom = bits.ue("conf_win_bottom_offset", kSideMax);
  info.width -= unit_x * static_cast<int>(left + right);
  info.height -= unit_y * static_cast<int>(top + bottom);
  if (bits.ok() && (info.width <= 0 || info.height <= 0)) {
    return fail(Errc::malformed, "SPS: cropping leaves nothing of {}x{} pictures (byte {})", width,
                height, bits.byte_position());
  }
  return {};
}

void read_ordering(BitReader& bits, SequenceInfo& info, uint32_t sub_layers_minus1) {
  const bool each = bits.flag();  // sps_sub_layer_ordering_info_present_flag
  for (uint32_t i = each ? 0 : sub_layers_minus1; i <= sub_layers_minus1; ++i) {
    const uint32_t buffering = bits.ue("sps_max_dec_pic_buffering_minus1", 15);
    info.max_references = static_cast<int>(buffering);
    info.max_reorder = static_cast<int>(bits.ue("sps_max_num_reorder_pics", buffering));
    bits.ue("sps_max_latency_increase_plus1", UINT32_MAX);
  }
}

void read_blocks(BitReader& bits, H265Sps& sps) {
  const uint32_t log2_min = 3 + bits.ue("log2_min_luma_coding_block_size_minus3", 3);
  const uint32_t log2_ctb =
      log2_min + bits.ue("log2_diff_max_min_luma_coding_block_size", 6 - log2_min);
  const uint32_t ctb = 1u << log2_ctb;
  const auto width = static_cast<uint32_t>(sps.info.coded_width);
  const auto height = static_cast<uint32_t>(sps.info.coded_height);
  sps.ctbs = ((width + ctb - 1) / ctb) * ((height + ctb - 1) / ctb);  // 7-10 and on
  bits.ue("log2_min_luma_transform_block_size_minus2", 3);
  bits.ue("log2_diff_max_min_luma_transform_block_size", 3);
  bits.ue("max_transform_hierarchy_depth_inter", 4);
  bits.ue("max_transform_hierarchy_depth_intra", 4);
}

void read_references(BitReader& bits, H265Sps& sps) {
  const uint32_t sets = bits.ue("num_short_term_ref_pic_sets", 64);
  for (uint32_t i = 0; i < sets && bits.ok(); ++i) {
    sps.short_term_sets.push_back(read_short_term_set(bits, sps.short_term_sets, false));
  }
  sps.long_term_present = bits.flag();
  if (!sps.long_term_present) return;
  const uint32_t pictures = bits.ue("num_long_term_ref_pics_sps", 32);
  for (uint32_t i = 0; i < pictures && bits.ok(); ++i) {
    bits.skip(static_cast<uint32_t>(sps.log2_max_poc_lsb));  // lt_ref_pic_poc_lsb_sps
    sps.long_term_used.push_back(bits.flag());
  }
}

// sub_layer_hrd_parameters() (E.2.3)
void skip_sub_layer_hrd(BitReader& bits, uint32_t count, bool sub_pictures) {
  for (uint32_t i = 0; i < count && bits.ok(); ++i) {
    bits.ue("bit_rate_value_minus1", UINT32_MAX);
    bits.ue("cpb_size_value_minus1", UINT32_MAX);
    if (sub_pictures) {
      bits.ue("cpb_size_du_value_minus1", UINT32_MAX);
      bits.ue("bit_rate_du_value_minus1", UINT32_MAX);
    }
    bits.skip(1);  // cbr_flag
  }
}

// hrd_parameters(1, sub_layers_minus1) (E.2.2), passed over.
void skip_hrd(BitReader& bits, uint32_t sub_layers_minus1) {
  const bool nal = bits.flag();
  const bool vcl = bits.flag();
  bool sub_pictures = false;
  if (nal || vcl) {
    sub_pictures = bits.flag();  // sub_pic_hrd_params_present_flag
    if (sub_pictures) bits.skip(8 + 5 + 1 + 5);
    bits.skip(4 + 4);  // bit_rate_scale, cpb_size_scale
    if (sub_pictures) bits.skip(4);
    bits.skip(5 + 5 + 5);  // delay lengths
  }
  for (uint32_t i = 0; i <= sub_layers_minus1 && bits.ok(); ++i) {
    const bool general_fixed = bits.flag();
    const bool fixed = general_fixed || bits.flag();  // fixed_pic_rate_within_cvs_flag
    bool low_delay = false;
    if (fixed) {
      bits.ue("elemental_duration_in_tc_minus1", 2047);
    } else {
      low_delay = bits.flag();
    }
    const uint32_t count = low_delay ? 1 : bits.ue("cpb_cnt_minus1", 31) + 1;
    if (nal) skip_sub_layer_hrd(bits, count, sub_pictures);
    if (vcl) skip_sub_layer_hrd(bits, count, sub_pictures);
  }
}

// vui_parameters() (E.2.1)
void read_vui(BitReader& bits, SequenceInfo& info, uint32_t sub_layers_minus1) {
  read_vui_signal(bits, info);
  bits.skip(1);                     // neutral_chroma_indication_flag
  const bool fields = bits.flag();  // field_seq_flag
  info.interlaced = info.interlaced || fields;
  bits.skip(1);       // frame_field_info_present_flag
  if (bits.flag()) {  // default_display_window_flag
    for (int i = 0; i < 4; ++i) bits.ue("def_disp_win_offset", kSideMax);
  }
  if (bits.flag()) {  // vui_timing_info_present_flag
    const uint32_t units_in_tick = bits.u(32);
    const uint32_t time_scale = bits.u(32);
    if (units_in_tick != 0) info.frame_rate = static_cast<double>(time_scale) / units_in_tick;
    if (bits.flag()) bits.ue("vui_num_ticks_poc_diff_one_minus1", UINT32_MAX);
    if (bits.flag()) skip_hrd(bits, sub_layers_minus1);  // vui_hrd_parameters_present_flag
  }
  if (!bits.flag()) return;  // bitstream_restriction_flag
  bits.skip(3);              // tiles_fixed_structure, motion_vectors_over, restricted_ref_pic_lists
  bits.ue("min_spatial_segmentation_idc", 4095);
  bits.ue("max_bytes_per_pic_denom", 16);
  bits.ue("max_bits_per_min_cu_denom", 16);
  bits.ue("log2_max_mv_length_horizontal", 15);
  bits.ue("log2_max_mv_length_vertical", 15);
}

}  // namespace

Result<H265Sps> parse_h265_sps(ByteView nal) {
  BitReader bits(nal, 2);
  H265Sps sps;
  sps.info.codec = media::Codec::h265;
  bits.skip(4);  // sps_video_parameter_set_id
  const uint32_t sub_layers_minus1 = bits.u(3);
  if (sub_layers_minus1 > 6) bits.reject("sps_max_sub_layers_minus1", sub_layers_minus1, 0, 6);
  bits.skip(1);  // sps_temporal_id_nesting_flag
  read_profile(bits, sps.info, sub_layers_minus1);
  sps.id = bits.ue("sps_seq_parameter_set_id", H265Sps::kIdMax);
  TRY(read_size(bits, sps));
  sps.info.bit_depth_luma = 8 + static_cast<int>(bits.ue("bit_depth_luma_minus8", 8));
  sps.info.bit_depth_chroma = 8 + static_cast<int>(bits.ue("bit_depth_chroma_minus8", 8));
  sps.log2_max_poc_lsb = 4 + static_cast<int>(bits.ue("log2_max_pic_order_cnt_lsb_minus4", 12));
  read_ordering(bits, sps.info, sub_layers_minus1);
  read_blocks(bits, sps);
  if (bits.flag() &&
      bits.flag()) {  // scaling_list_enabled_flag, sps_scaling_list_data_present_flag
    skip_scaling_lists(bits);
  }
  bits.skip(1);  // amp_enabled_flag
  sps.sample_adaptive_offset = bits.flag();
  if (bits.flag()) {   // pcm_enabled_flag
    bits.skip(4 + 4);  // pcm_sample_bit_depth_luma_minus1, _chroma_minus1
    bits.ue("log2_min_pcm_luma_coding_block_size_minus3", 2);
    bits.ue("log2_diff_max_min_pcm_luma_coding_block_size", 2);
    bits.skip(1);  // pcm_loop_filter_disabled_flag
  }
  read_references(bits, sps);
  sps.temporal_mvp = bits.flag();
  bits.skip(1);  // strong_intra_smoothing_enabled_flag
  TRY(bits.status("SPS"));

  // A VUI that is cut short must not cost the pictures, which decode without it.
  if (bits.flag()) {
    SequenceInfo with_vui = sps.info;
    read_vui(bits, with_vui, sub_layers_minus1);
    if (bits.ok()) sps.info = with_vui;
  }
  if (bits.flag()) {  // sps_extension_present_flag
    bits.skip(3);     // sps_range, sps_multilayer, sps_3d extension flags
    if (bits.flag()) {
      return fail(Errc::unsupported, "SPS {}: screen content coding (H.265 sps_scc_extension)",
                  sps.id);
    }
  }
  return sps;
}

}  // namespace pasu::bits
