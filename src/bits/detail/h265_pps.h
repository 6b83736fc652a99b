// The picture parameter set of H.265, as far as slice headers need it.
#pragma once

#include <cstdint>

#include "base/bytes.h"
#include "base/result.h"

namespace pasu::bits {

/// H.265 7.3.2.3.1, up to lists_modification_present_flag: what follows shapes no slice header
/// before slice_qp_delta.
struct H265Pps {
  static constexpr uint32_t kIdMax = 63;

  uint32_t id = 0;
  uint32_t sps_id = 0;
  bool dependent_slices = false;  ///< dependent_slice_segments_enabled_flag
  bool output_flag_present = false;
  uint32_t extra_slice_header_bits = 0;
  bool cabac_init_present = false;
  uint32_t references_default[2] = {1, 1};  ///< num_ref_idx_l0/l1_default_active_minus1 + 1
  int init_qp = 26;                         ///< 26 + init_qp_minus26
  bool weighted_pred = false, weighted_bipred = false;
  bool lists_modification_present = false;
};

/// `nal` with its two header bytes. Errors: truncated, malformed.
[[nodiscard]] Result<H265Pps> parse_h265_pps(ByteView nal);

}  // namespace pasu::bits
