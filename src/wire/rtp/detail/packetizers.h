// The packetizers, one per payload format; Packetizer::create() chooses.
#pragma once

#include <memory>

#include "wire/rtp/packetizer.h"

namespace pasu::rtp {

using PacketizerResult = Result<std::unique_ptr<Packetizer>>;

[[nodiscard]] PacketizerResult make_h264_packetizer(const media::StreamInfo& stream,
                                                    const PacketizerOptions& options);
[[nodiscard]] PacketizerResult make_h265_packetizer(const media::StreamInfo& stream,
                                                    const PacketizerOptions& options);
[[nodiscard]] PacketizerResult make_aac_packetizer(const PacketizerOptions& options);
/// PCMU, PCMA and Opus: the unit is the payload.
[[nodiscard]] PacketizerResult make_plain_packetizer(media::Codec codec,
                                                     const PacketizerOptions& options);
[[nodiscard]] PacketizerResult make_mp3_packetizer(const PacketizerOptions& options);
[[nodiscard]] PacketizerResult make_mjpeg_packetizer(const PacketizerOptions& options);
[[nodiscard]] PacketizerResult make_metadata_packetizer(const PacketizerOptions& options);

}  // namespace pasu::rtp
