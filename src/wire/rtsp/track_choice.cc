#include "wire/rtsp/track_choice.h"

#include <algorithm>

#include "wire/detail/text.h"

namespace pasu::rtsp {

using wire::detail::starts_ignoring_case;

bool is_back_channel(const sdp::Session& session, size_t media) {
  const auto sends = [&](const sdp::Media& of) {
    return session.direction(of) == sdp::Direction::sendonly;
  };
  return media < session.media.size() && session.media[media].type == "audio" &&
         sends(session.media[media]) &&
         !std::all_of(session.media.begin(), session.media.end(), sends);
}

std::vector<TrackChoice> choose_tracks(const sdp::Session& session) {
  std::vector<TrackChoice> tracks;
  for (size_t i = 0; i < session.media.size(); ++i) {
    const auto& media = session.media[i];
    if (session.direction(media) == sdp::Direction::inactive) continue;
    if (!media.protocol.empty() && !starts_ignoring_case(media.protocol, "RTP/AVP")) continue;
    if (media.type == "video" || media.type == "audio") {
      if (!is_back_channel(session, i)) tracks.push_back({i, true});
      continue;
    }
    const auto type = media.payload_type();
    const auto map = type ? media.rtpmap(*type) : std::nullopt;
    if (media.type == "application" && map &&
        starts_ignoring_case(map->encoding, "vnd.onvif.metadata"))
      tracks.push_back({i, false});
  }
  return tracks;
}

}  // namespace pasu::rtsp
