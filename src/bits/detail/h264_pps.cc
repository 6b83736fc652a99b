#include "bits/detail/h264_pps.h"

#include "bits/bit_reader.h"
#include "bits/h264_sps.h"

namespace pasu::bits {
namespace {

// slice_group_id and its kin (7.3.2.2), passed over.
void skip_slice_groups(BitReader& bits) {
  const uint32_t groups = bits.ue("num_slice_groups_minus1", 7) + 1;
  if (groups == 1) return;
  constexpr uint32_t kMapUnitsMax = 139'264;  // MaxFS of level 6.2, Table A-1
  const uint32_t map_type = bits.ue("slice_group_map_type", 6);
  if (map_type == 0) {
    for (uint32_t i = 0; i < groups; ++i) bits.ue("run_length_minus1", kMapUnitsMax);
  } else if (map_type == 2) {
    for (uint32_t i = 0; i + 1 < groups; ++i) {
      bits.ue("top_left", kMapUnitsMax);
      bits.ue("bottom_right", kMapUnitsMax);
    }
  } else if (map_type >= 3 && map_type <= 5) {
    bits.skip(1);  // slice_group_change_direction_flag
    bits.ue("slice_group_change_rate_minus1", kMapUnitsMax);
  } else if (map_type == 6) {
    const uint32_t units = bits.ue("pic_size_in_map_units_minus1", kMapUnitsMax) + 1;
    const uint32_t width = groups > 4 ? 3 : groups > 2 ? 2 : 1;
    bits.skip(units * width);  // slice_group_id
  }
}

}  // namespace

Result<H264Pps> parse_h264_pps(ByteView nal) {
  BitReader bits(nal, 1);
  H264Pps pps;
  pps.id = bits.ue("pic_parameter_set_id", H264Pps::kIdMax);
  pps.sps_id = bits.ue("seq_parameter_set_id", H264Sps::kIdMax);
  pps.entropy_coding_mode = bits.flag();
  pps.bottom_field_poc_in_frame = bits.flag();
  skip_slice_groups(bits);
  for (uint32_t& count : pps.references_default) {
    count = bits.ue("num_ref_idx_default_active_minus1", 31) + 1;
  }
  pps.weighted_pred = bits.flag();
  pps.weighted_bipred_idc = bits.u(2);
  // 7.4.2.2: down to -(26 + QpBdOffset), which is 36 at 14 bits a sample.
  pps.init_qp = 26 + bits.se("pic_init_qp_minus26", -62, 25);
  bits.se("pic_init_qs_minus26", -26, 25);
  bits.se("chroma_qp_index_offset", -12, 12);
  bits.skip(2);  // deblocking_filter_control_present_flag, constrained_intra_pred_flag
  pps.redundant_pic_cnt_present = bits.flag();
  TRY(bits.status("PPS"));
  return pps;
}

}  // namespace pasu::bits
