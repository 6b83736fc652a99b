#include "bits/detail/h265_pps.h"

#include "bits/bit_reader.h"
#include "bits/detail/h265_scaling.h"
#include "bits/h265_sps.h"

namespace pasu::bits {
namespace {

void skip_tiles(BitReader& bits) {
  // Level 6.2 (Table A.8): at most 20 columns and 22 rows.
  const uint32_t columns = bits.ue("num_tile_columns_minus1", 19) + 1;
  const uint32_t rows = bits.ue("num_tile_rows_minus1", 21) + 1;
  if (!bits.flag()) {  // uniform_spacing_flag
    for (uint32_t i = 0; i + 1 < columns; ++i) bits.ue("column_width_minus1", UINT32_MAX);
    for (uint32_t i = 0; i + 1 < rows; ++i) bits.ue("row_height_minus1", UINT32_MAX);
  }
  bits.skip(1);  // loop_filter_across_tiles_enabled_flag
}

void skip_deblocking_control(BitReader& bits) {
  bits.skip(1);             // deblocking_filter_override_enabled_flag
  if (bits.flag()) return;  // pps_deblocking_filter_disabled_flag
  bits.se("pps_beta_offset_div2", -6, 6);
  bits.se("pps_tc_offset_div2", -6, 6);
}

}  // namespace

Result<H265Pps> parse_h265_pps(ByteView nal) {
  BitReader bits(nal, 2);
  H265Pps pps;
  pps.id = bits.ue("pps_pic_parameter_set_id", H265Pps::kIdMax);
  pps.sps_id = bits.ue("pps_seq_parameter_set_id", H265Sps::kIdMax);
  pps.dependent_slices = bits.flag();
  pps.output_flag_present = bits.flag();
  pps.extra_slice_header_bits = bits.u(3);
  bits.skip(1);  // sign_data_hiding_enabled_flag
  pps.cabac_init_present = bits.flag();
  for (uint32_t& count : pps.references_default) {
    count = bits.ue("num_ref_idx_default_active_minus1", 14) + 1;
  }
  // 7.4.3.3.1: down to -(26 + QpBdOffset), which is 48 at 16 bits a sample.
  pps.init_qp = 26 + bits.se("init_qp_minus26", -74, 25);
  bits.skip(2);  // constrained_intra_pred_flag, transform_skip_enabled_flag
  if (bits.flag()) bits.ue("diff_cu_qp_delta_depth", 3);
  bits.se("pps_cb_qp_offset", -12, 12);
  bits.se("pps_cr_qp_offset", -12, 12);
  bits.skip(1);  // pps_slice_chroma_qp_offsets_present_flag
  pps.weighted_pred = bits.flag();
  pps.weighted_bipred = bits.flag();
  bits.skip(1);  // transquant_bypass_enabled_flag
  const bool tiles = bits.flag();
  bits.skip(1);  // entropy_coding_sync_enabled_flag
  if (tiles) skip_tiles(bits);
  bits.skip(1);  // pps_loop_filter_across_slices_enabled_flag
  if (bits.flag()) skip_deblocking_control(bits);
  if (bits.flag()) skip_scaling_lists(bits);
  pps.lists_modification_present = bits.flag();
  TRY(bits.status("PPS"));
  return pps;
}

}  // namespace pasu::bits
