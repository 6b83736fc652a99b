// What a format tells of an audio stream.
#pragma once

#include "bits/aac_config.h"
#include "media/codec.h"
#include "wire/rtp/payload_format.h"

namespace pasu::rtp {

/// Fills `info` from the hexadecimal config, or else from the rtpmap, as AAC-LC. Errors:
/// invalid_argument where neither makes sense.
[[nodiscard]] Result<bits::AacConfig> describe_aac(const PayloadFormat& format,
                                                   media::StreamInfo& info);
/// Writes `config`, whose bytes are `extradata`, into `info`.
void describe_aac(const bits::AacConfig& config, ByteView extradata, media::StreamInfo& info);

}  // namespace pasu::rtp
