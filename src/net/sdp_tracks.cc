#include "net/sdp_tracks.h"

#include <algorithm>

#include "hub/rtp_form.h"
#include "wire/rtsp/server_session.h"

namespace pasu::net {
namespace {

const char* type_of(media::MediaKind kind) {
  switch (kind) {
    case media::MediaKind::video:
      return "video";
    case media::MediaKind::audio:
      return "audio";
    case media::MediaKind::other:
      break;
  }
  return "application";
}

// A name from outside becomes one line of text.
std::string one_line(std::string text) {
  std::erase_if(text, [](char c) { return static_cast<unsigned char>(c) < ' '; });
  return text;
}

}  // namespace

sdp::Media to_media(const rtp::PayloadFormat& format, media::MediaKind kind,
                    const std::string& control) {
  const std::string type = std::to_string(format.payload_type);
  sdp::Media media;
  media.type = type_of(kind);
  media.formats = {type};
  std::string map = fmt::format("{} {}/{}", type, format.encoding, format.clock_rate);
  if (format.channels > 1) map += fmt::format("/{}", format.channels);
  media.attributes.push_back({"rtpmap", map});
  std::string parameters;
  for (const auto& [name, value] : format.fmtp) {
    parameters += parameters.empty() ? " " : "; ";
    parameters += value.empty() ? name : name + "=" + value;
  }
  if (!parameters.empty()) media.attributes.push_back({"fmtp", type + parameters});
  if (!control.empty()) media.attributes.push_back({"control", control});
  return media;
}

Result<rtp::PayloadFormat> to_format(const sdp::Media& media) {
  const auto type = media.payload_type();
  if (!type) return fail(Errc::malformed, "sdp: m={} names no payload type", media.type);
  const auto map = media.rtpmap(*type);
  if (!map) return rtp::static_format(*type);
  rtp::PayloadFormat format;
  format.payload_type = *type;
  format.encoding = map->encoding;
  format.clock_rate = static_cast<int>(map->clock_rate);
  format.channels = map->channels;
  const auto parameters = media.parameters(*type);
  for (const auto& [name, value] : parameters.all()) format.fmtp.emplace(name, value);
  return format;
}

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
    auto media = to_media(carried[i].format, track.kind, rtsp::ServerSession::control_of(i));
    if (track.frame_rate > 0) {
      media.attributes.push_back({"framerate", fmt::format("{:g}", track.frame_rate)});
    }
    session.media.push_back(std::move(media));
  }
  return sdp::print(session);
}

}  // namespace pasu::net
