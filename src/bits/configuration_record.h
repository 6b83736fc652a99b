// The decoder configuration records of MP4 and Matroska: avcC and hvcC.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "bits/nal.h"

namespace pasu::bits {

struct ConfigurationRecord {
  int length_size = 4;         ///< Bytes of a NAL unit's length in the samples: 1, 2 or 4.
  std::vector<NalUnit> units;  ///< The parameter sets, views into the record.
};

/// avcC (ISO 14496-15 5.3.3.1), which starts with a version of 1. What follows the picture
/// parameter sets is left unread. Errors: truncated, malformed.
[[nodiscard]] Result<ConfigurationRecord> parse_avcc(ByteView record);
/// hvcC (ISO 14496-15 8.3.3.1). Errors: truncated, malformed.
[[nodiscard]] Result<ConfigurationRecord> parse_hvcc(ByteView record);

/// The avcC of these parameter sets (whole NAL units), for samples with lengths of 4 bytes. The
/// first SPS gives profile, level and sample format. Errors: invalid_argument (none, too many, a
/// set over 65535 bytes), and those of parse_h264_sps().
[[nodiscard]] Result<std::vector<uint8_t>> make_avcc(std::span<const ByteView> sps,
                                                     std::span<const ByteView> pps);
/// The hvcC of these parameter sets, likewise. Errors: as make_avcc().
[[nodiscard]] Result<std::vector<uint8_t>> make_hvcc(std::span<const ByteView> vps,
                                                     std::span<const ByteView> sps,
                                                     std::span<const ByteView> pps);

}  // namespace pasu::bits
