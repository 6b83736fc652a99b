// H.264 out of RTP (RFC 6184).
#pragma once

#include <memory>

#include "wire/rtp/depacketizer.h"
#include "wire/rtp/payload_format.h"

namespace pasu::rtp {

/// Packetization modes 0 and 1: single NAL units, STAP-A, FU-A. Units of mode 2 (STAP-B, MTAP,
/// FU-B) are an error, unsupported. Accepted although the RFC forbids it, because cameras send it:
/// FU-A with S and E set (5.8); zero bytes at the end of a STAP-A. See NalDepacketizer for the
/// rest.
[[nodiscard]] Result<std::unique_ptr<Depacketizer>> make_h264_depacketizer(
    const PayloadFormat& format, int stream_index);

}  // namespace pasu::rtp
