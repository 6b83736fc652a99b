// Between descriptions (SDP) and tracks: what our streams say of themselves, what others' say.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "media/codec.h"
#include "wire/rtp/payload_format.h"
#include "wire/sdp/session.h"

namespace pasu::net {

/// The media section of a track: m=, rtpmap, fmtp, and a=control where `control` is not empty.
[[nodiscard]] sdp::Media to_media(const rtp::PayloadFormat& format, media::MediaKind kind,
                                  const std::string& control = {});

/// The format of a media section's first payload type. Errors: malformed (it has none), unsupported
/// (a dynamic type that it does not explain).
[[nodiscard]] Result<rtp::PayloadFormat> to_format(const sdp::Media& media);

/// The description of a live stream: hub::rtp_tracks() in order, with the controls that
/// rtsp::ServerSession wants. Errors: unsupported (RTP carries none of the tracks).
[[nodiscard]] Result<std::string> describe_stream(const std::string& name,
                                                  const std::vector<media::StreamInfo>& tracks);

}  // namespace pasu::net
