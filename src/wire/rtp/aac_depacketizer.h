// AAC out of RTP, MPEG4-GENERIC (RFC 3640).
#pragma once

#include <memory>

#include "wire/rtp/depacketizer.h"
#include "wire/rtp/payload_format.h"

namespace pasu::rtp {

/// Any widths of AU-size and AU-Index, AAC-hbr's (13, 3, 3) where the format does not say; several
/// access units in a packet, and one in fragments. Indices are read over: interleaving is not
/// undone. Without a usable config the rtpmap's rate and channels are taken for AAC-LC.
/// Accepted because cameras send it: an ADTS header before the raw frame. Errors: malformed format.
[[nodiscard]] Result<std::unique_ptr<Depacketizer>> make_aac_depacketizer(
    const PayloadFormat& format, int stream_index);

}  // namespace pasu::rtp
