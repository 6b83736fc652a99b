#include "wire/rtsp/description.h"

namespace pasu::rtsp {
namespace {

constexpr uint8_t kDynamicFirst = 96, kDynamicLast = 127;  // RFC 3551 3.

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

}  // namespace

Result<rtp::PayloadFormat> payload_format(const sdp::Media& media) {
  const auto type = media.payload_type();
  if (!type) return fail(Errc::unsupported, "SDP: {} without a payload type", media.type);
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

sdp::Media to_media(const rtp::PayloadFormat& format, media::MediaKind kind) {
  sdp::Media media;
  media.type = type_of(kind);
  const std::string type = std::to_string(format.payload_type);
  media.formats = {type};
  std::string map = fmt::format("{} {}/{}", type, format.encoding, format.clock_rate);
  if (format.channels > 1) map += fmt::format("/{}", format.channels);
  media.attributes.push_back({"rtpmap", std::move(map)});
  if (format.fmtp.empty()) return media;
  std::string parameters = type;
  for (const auto& [name, value] : format.fmtp) {
    parameters += fmt::format("{}{}={}", parameters == type ? " " : "; ", name, value);
  }
  media.attributes.push_back({"fmtp", std::move(parameters)});
  return media;
}

Result<sdp::Session> describe(const std::vector<media::StreamInfo>& tracks, std::string name) {
  if (tracks.size() > kDynamicLast - kDynamicFirst + 1)
    return fail(Errc::too_large, "SDP: {} tracks; there are {} dynamic payload types",
                tracks.size(), kDynamicLast - kDynamicFirst + 1);
  sdp::Session session;
  session.name = name.empty() ? "-" : std::move(name);
  session.connection = "IN IP4 0.0.0.0";
  session.times = {"0 0"};
  uint8_t type = kDynamicFirst;
  for (const auto& track : tracks) {
    const auto format = TRY(rtp::format_of(track, type++));
    session.media.push_back(to_media(format, track.kind));
  }
  return session;
}

}  // namespace pasu::rtsp
