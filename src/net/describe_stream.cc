#include "net/describe_stream.h"

#include <algorithm>

#include "hub/rtp_form.h"
#include "wire/rtsp/description.h"
#include "wire/rtsp/server_session.h"
#include "wire/sdp/session.h"

namespace pasu::net {
namespace {

// A name from outside becomes one line of text.
std::string one_line(std::string text) {
  std::erase_if(text, [](char c) { return static_cast<unsigned char>(c) < ' '; });
  return text;
}

}  // namespace

Result<std::string> describe_stream(const std::string& name,
                                    const std::vector<media::StreamInfo>& tracks) {
  const auto carried = hub::rtp_tracks(tracks);
  if (carried.empty()) {
    return fail(Errc::unsupported, "stream '{}' has no track that RTP can carry", name);
  }
  sdp::Session session;
  session.name = one_line(name);
  session.connection = "IN IP4 0.0.0.0";
  session.attributes = {{"control", "*"}, {"range", "npt=now-"}};
  for (size_t i = 0; i < carried.size(); ++i) {
    const auto& track = tracks[carried[i].track];
    sdp::Media media = rtsp::to_media(carried[i].format, track.kind);
    media.attributes.push_back({"control", rtsp::ServerSession::control_of(i)});
    if (track.frame_rate > 0) {
      media.attributes.push_back({"framerate", fmt::format("{:g}", track.frame_rate)});
    }
    session.media.push_back(std::move(media));
  }
  return sdp::print(session);
}

}  // namespace pasu::net
