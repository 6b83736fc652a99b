// The AudioSpecificConfig of AAC.
#pragma once

#include <cstdint>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "bits/bit_cursor.h"

namespace pasu::bits {

/// ISO 14496-3 1.6.2.1, as far as a stream's facts need it.
struct AacConfig {
  int object_type = 2;       ///< 2: LC. Of the core, where SBR or PS is signalled explicitly.
  int sample_rate = 0;       ///< Of the core, samples/s.
  int output_rate = 0;       ///< With SBR; else as sample_rate.
  int channels = 0;          ///< 0: told within the stream.
  int frame_samples = 1024;  ///< Of the core: 1024 or 960.
};

/// Errors: truncated, malformed, unsupported (object types that are no AAC).
[[nodiscard]] Result<AacConfig> parse_aac_config(ByteView config);
/// Reads one within other bits, as LATM has it; leaves `bits` behind it.
[[nodiscard]] Result<AacConfig> parse_aac_config(BitCursor& bits);
/// AAC-LC. Errors: invalid_argument (over 8 channels, a rate of 0).
[[nodiscard]] Result<std::vector<uint8_t>> make_aac_config(int sample_rate, int channels);

}  // namespace pasu::bits
