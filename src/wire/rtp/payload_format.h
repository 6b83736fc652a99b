// How a stream travels in RTP, in the words that SDP uses, without SDP.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "media/codec.h"

namespace pasu::rtp {

class Depacketizer;

/// a=rtpmap and a=fmtp (RFC 8866 6.6, 6.15), or their static equal (RFC 3551 6).
struct PayloadFormat {
  uint8_t payload_type = 96;
  std::string encoding;  ///< "H264", "MPEG4-GENERIC"; letter case does not count.
  int clock_rate = 0;    ///< Ticks/s.
  int channels = 0;      ///< 0: not said, which means one.
  /// Parameter name to value, "packetization-mode" to "1". The case of names does not count.
  std::map<std::string, std::string> fmtp;
};

/// StreamInfo::codec_name of ONVIF metadata, whose codec is `other`. An access unit is an XML
/// document.
inline constexpr std::string_view kOnvifMetadata = "vnd.onvif.metadata";

/// A parameter's value; empty where it is absent.
[[nodiscard]] std::string_view fmtp_value(const PayloadFormat& format, std::string_view name);

/// The format of a static payload type that has no rtpmap: 0 PCMU, 8 PCMA, 14 MPA, 26 JPEG
/// (RFC 3551 table 4 and 5). Errors: unsupported.
[[nodiscard]] Result<PayloadFormat> static_format(uint8_t payload_type);

/// How Packetizer sends `stream`: what the SDP says of it. H.264: packetization-mode,
/// profile-level-id, sprop-parameter-sets (RFC 6184 8.1); H.265: sprop-vps, -sps, -pps
/// (RFC 7798 7.1); AAC: config and the hbr lengths (RFC 3640 4.1). PCMU, PCMA, MP3 and MJPEG get
/// their static type, the others `dynamic_type`. Errors: unsupported, malformed extradata.
[[nodiscard]] Result<PayloadFormat> format_of(const media::StreamInfo& stream,
                                              uint8_t dynamic_type = 96);

/// The depacketizer for `format`; its stream_info() has what the fmtp tells. A parameter that makes
/// no sense is ignored where the stream itself can tell the same in band, as cameras send sprop
/// wrong, empty or not at all. Errors: unsupported (names the encoding), malformed.
[[nodiscard]] Result<std::unique_ptr<Depacketizer>> make_depacketizer(const PayloadFormat& format,
                                                                      int stream_index = 0);

}  // namespace pasu::rtp
