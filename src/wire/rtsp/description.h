// Between descriptions (SDP) and what RTP needs to know of a track.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "media/codec.h"
#include "wire/rtp/payload_format.h"
#include "wire/sdp/session.h"

namespace pasu::rtsp {

/// How a media's first payload type is encoded. Errors: unsupported (no payload type, or one that
/// neither an rtpmap nor RFC 3551 explains).
[[nodiscard]] Result<rtp::PayloadFormat> payload_format(const sdp::Media& media);

/// The media that carries `format`; without a control attribute.
[[nodiscard]] sdp::Media to_media(const rtp::PayloadFormat& format, media::MediaKind kind);

/// A description of `tracks`, one media each in their order, with dynamic payload types from 96 on.
/// Errors: as rtp::format_of().
[[nodiscard]] Result<sdp::Session> describe(const std::vector<media::StreamInfo>& tracks,
                                            std::string name);

}  // namespace pasu::rtsp
