// The frame header of MPEG audio.
#pragma once

#include <cstddef>
#include <optional>

#include "base/bytes.h"

namespace pasu::rtp {

/// ISO 11172-3 2.4.1.3 and 13818-3, layers II and III.
struct MpegAudioFrame {
  int layer = 3;
  int sample_rate = 0;
  int channels = 0;
  int samples = 0;   ///< Per channel.
  size_t bytes = 0;  ///< With the header.
};

/// The frame that begins here; nothing where none of a known size does.
[[nodiscard]] std::optional<MpegAudioFrame> parse_mpeg_audio(ByteView bytes);

}  // namespace pasu::rtp
