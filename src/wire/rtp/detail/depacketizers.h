// The depacketizers, one per payload format; make_depacketizer() chooses.
#pragma once

#include <memory>

#include "wire/rtp/depacketizer.h"
#include "wire/rtp/payload_format.h"

namespace pasu::rtp {

using DepacketizerResult = Result<std::unique_ptr<Depacketizer>>;

/// RFC 6184, packetization modes 0 and 1: single NAL units, STAP-A, FU-A. Units of mode 2 (STAP-B,
/// MTAP, FU-B) are an error, unsupported. Accepted although the RFC forbids it, because cameras
/// send it: FU-A with S and E set (5.8); zero bytes at the end of a STAP-A. See NalDepacketizer.
[[nodiscard]] DepacketizerResult make_h264_depacketizer(const PayloadFormat& format,
                                                        int stream_index);

/// RFC 7798: single NAL units, AP, FU; of PACI the unit within. Decoding order numbers are read
/// over where sprop-max-don-diff is over 0: units in another order than they are sent stay so.
[[nodiscard]] DepacketizerResult make_h265_depacketizer(const PayloadFormat& format,
                                                        int stream_index);

/// RFC 3640. Any widths of AU-size and AU-Index, AAC-hbr's (13, 3, 3) where the format does not
/// say; several access units in a packet, and one in fragments. Indices are read over: interleaving
/// is not undone. Without a usable config the rtpmap's rate and channels are taken for AAC-LC.
/// Accepted because cameras send it: an ADTS header before the raw frame.
[[nodiscard]] DepacketizerResult make_aac_depacketizer(const PayloadFormat& format,
                                                       int stream_index);

/// RFC 6416: MP4A-LATM, its configuration in the format (cpresent=0) or in band; one program of one
/// layer. Without any configuration so far, elements are dropped.
[[nodiscard]] DepacketizerResult make_latm_depacketizer(const PayloadFormat& format,
                                                        int stream_index);

/// PCMU and PCMA (RFC 3551 4.5.14): a packet is a unit. Opus (RFC 7587), the same.
[[nodiscard]] DepacketizerResult make_plain_depacketizer(media::Codec codec,
                                                         const PayloadFormat& format,
                                                         int stream_index);

/// MPEG audio (RFC 2250 3.5): units are frames.
[[nodiscard]] DepacketizerResult make_mp3_depacketizer(const PayloadFormat& format,
                                                       int stream_index);

/// RFC 2435: types 0, 1, 64, 65, whole JPEG files out. Error, unsupported: pictures over 2040
/// samples a side, which the format cannot describe, and other types.
[[nodiscard]] DepacketizerResult make_mjpeg_depacketizer(const PayloadFormat& format,
                                                         int stream_index);

/// ONVIF metadata (Streaming Specification 5.2.1.1): XML documents, the marker at the end of each.
[[nodiscard]] DepacketizerResult make_metadata_depacketizer(const PayloadFormat& format,
                                                            int stream_index);

}  // namespace pasu::rtp
