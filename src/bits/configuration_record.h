// The decoder configuration records of MP4 and Matroska: avcC and hvcC.
#pragma once

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

}  // namespace pasu::bits
