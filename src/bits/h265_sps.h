// The sequence parameter set of H.265.
#pragma once

#include <cstdint>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "bits/detail/h265_short_term.h"
#include "bits/sequence.h"

namespace pasu::bits {

/// H.265 7.3.2.2.1. Beside what `info` tells everybody, the fields that slice headers depend on.
struct H265Sps {
  static constexpr uint32_t kIdMax = 15;

  uint32_t id = 0;
  SequenceInfo info;

  bool separate_colour_plane = false;
  int log2_max_poc_lsb = 4;
  uint32_t ctbs = 1;  ///< PicSizeInCtbsY
  bool sample_adaptive_offset = false;
  std::vector<ShortTermSet> short_term_sets;
  bool long_term_present = false;
  std::vector<bool> long_term_used;  ///< used_by_curr_pic_lt_sps_flag
  bool temporal_mvp = false;
};

/// `nal` with its two header bytes. Sizes are held to level 6.2's (A.4.1): 16888 a side.
/// Errors: truncated, malformed, each with the field and its byte; unsupported (screen content
/// coding, whose slice headers differ).
[[nodiscard]] Result<H265Sps> parse_h265_sps(ByteView nal);

}  // namespace pasu::bits
