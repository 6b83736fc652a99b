// What a live stream says of itself (SDP).
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "media/codec.h"

namespace pasu::net {

/// The description of a live stream: hub::rtp_tracks() in order, with the controls that
/// rtsp::ServerSession wants. Errors: unsupported (RTP carries none of the tracks).
[[nodiscard]] Result<std::string> describe_stream(const std::string& name,
                                                  const std::vector<media::StreamInfo>& tracks);

}  // namespace pasu::net
