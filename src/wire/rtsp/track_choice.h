// Which media of a description a viewer sets up.
#pragma once

#include <cstddef>
#include <vector>

#include "wire/sdp/session.h"

namespace pasu::rtsp {

/// An ONVIF back-channel (ONVIF Streaming 5.3): audio marked sendonly beside media that are not;
/// sound that the client would send. Setting it up without asking for it fails on many cameras.
[[nodiscard]] bool is_back_channel(const sdp::Session& session, size_t media);

struct TrackChoice {
  size_t media = 0;
  bool required = true;  ///< False: the stream is worth having without it (metadata).
  bool operator==(const TrackChoice&) const = default;
};

/// Video and audio except the back-channel are required; ONVIF metadata (vnd.onvif.metadata) is
/// taken where the camera gives it; everything else (go2rtc#708: "application/MERCURY") is left
/// alone, and so are media that are inactive or do not travel
/// as RTP/AVP.
[[nodiscard]] std::vector<TrackChoice> choose_tracks(const sdp::Session& session);

}  // namespace pasu::rtsp
