#include "wire/rtp/payload_format.h"

#include <algorithm>
#include <cctype>

#include "base/base64.h"
#include "bits/aac_config.h"
#include "bits/nal.h"
#include "wire/rtp/detail/depacketizers.h"
#include "wire/rtp/detail/hex.h"
#include "wire/rtp/detail/parameter_sets.h"

namespace pasu::rtp {
namespace {

constexpr int kVideoClock = 90'000;

bool same(std::string_view a, std::string_view b) {
  return std::ranges::equal(
      a, b, [](unsigned char x, unsigned char y) { return std::tolower(x) == std::tolower(y); });
}

std::string base64_list(const std::vector<ByteView>& sets) {
  std::string list;
  for (const ByteView set : sets) {
    if (!list.empty()) list += ',';
    list += to_base64(set);
  }
  return list;
}

// The parameter sets in a stream's extradata; none where it has none.
Result<ParameterSets> sets_of(const media::StreamInfo& stream) {
  ParameterSets sets(stream.codec);
  if (!stream.extradata.empty()) {
    TRY(with_context(sets.add_extradata(stream.extradata), "the stream's extradata"));
  }
  return sets;
}

Result<void> describe_h264(const media::StreamInfo& stream, PayloadFormat& format) {
  format.encoding = "H264";
  format.fmtp.emplace("packetization-mode", "1");
  const ParameterSets sets = TRY(sets_of(stream));
  if (!sets.complete()) return {};  // They come in band.
  const ByteView sps = sets.of_type(7)[0];
  format.fmtp["profile-level-id"] = to_hex(sps.subspan(1, 3));
  format.fmtp["sprop-parameter-sets"] = base64_list(sets.all());
  return {};
}

Result<void> describe_h265(const media::StreamInfo& stream, PayloadFormat& format) {
  format.encoding = "H265";
  const ParameterSets sets = TRY(sets_of(stream));
  if (!sets.complete()) return {};
  format.fmtp["sprop-vps"] = base64_list(sets.of_type(32));
  format.fmtp["sprop-sps"] = base64_list(sets.of_type(33));
  format.fmtp["sprop-pps"] = base64_list(sets.of_type(34));
  return {};
}

Result<void> describe_aac(const media::StreamInfo& stream, PayloadFormat& format) {
  const auto config =
      TRY(with_context(bits::parse_aac_config(stream.extradata), "the stream's extradata"));
  format.encoding = "MPEG4-GENERIC";
  format.clock_rate = config.sample_rate;
  format.channels = config.channels;
  format.fmtp = {{"streamtype", "5"},
                 {"profile-level-id", "1"},
                 {"mode", "AAC-hbr"},
                 {"sizelength", "13"},
                 {"indexlength", "3"},
                 {"indexdeltalength", "3"},
                 {"config", to_hex(stream.extradata)}};
  return {};
}

// Their static types mean one channel at 8000 Hz (RFC 3551 table 4).
PayloadFormat describe_pcm(const media::StreamInfo& stream, uint8_t dynamic_type) {
  const bool a_law = stream.codec == media::Codec::pcma;
  PayloadFormat format{
      dynamic_type, a_law ? "PCMA" : "PCMU", stream.sample_rate, stream.channels, {}};
  if (format.clock_rate <= 0) format.clock_rate = 8000;
  if (format.channels <= 0) format.channels = 1;
  const bool is_static = format.clock_rate == 8000 && format.channels == 1;
  if (is_static) format.payload_type = a_law ? 8 : 0;
  return format;
}

}  // namespace

std::string_view fmtp_value(const PayloadFormat& format, std::string_view name) {
  const auto exact = format.fmtp.find(std::string(name));
  if (exact != format.fmtp.end()) return exact->second;
  for (const auto& [key, value] : format.fmtp) {
    if (same(key, name)) return value;
  }
  return {};
}

Result<PayloadFormat> static_format(uint8_t payload_type) {
  switch (payload_type) {
    case 0:
      return PayloadFormat{0, "PCMU", 8000, 1, {}};
    case 8:
      return PayloadFormat{8, "PCMA", 8000, 1, {}};
    case 14:
      return PayloadFormat{14, "MPA", kVideoClock, 0, {}};
    case 26:
      return PayloadFormat{26, "JPEG", kVideoClock, 0, {}};
    default:
      return fail(Errc::unsupported,
                  "RTP: payload type {} has no rtpmap and no static meaning here", payload_type);
  }
}

Result<PayloadFormat> format_of(const media::StreamInfo& stream, uint8_t dynamic_type) {
  PayloadFormat format;
  format.payload_type = dynamic_type;
  format.clock_rate = kVideoClock;
  switch (stream.codec) {
    case media::Codec::h264:
      TRY(describe_h264(stream, format));
      return format;
    case media::Codec::h265:
      TRY(describe_h265(stream, format));
      return format;
    case media::Codec::aac:
      TRY(describe_aac(stream, format));
      return format;
    case media::Codec::opus:
      format.encoding = "opus";
      format.clock_rate = 48'000;  // RFC 7587 4.1 and 7: whatever the stream holds.
      format.channels = 2;
      if (stream.channels == 2) format.fmtp.emplace("sprop-stereo", "1");
      return format;
    case media::Codec::pcmu:
    case media::Codec::pcma:
      return describe_pcm(stream, dynamic_type);
    case media::Codec::mp3:
      return static_format(14);
    case media::Codec::mjpeg:
      return static_format(26);
    default:
      break;
  }
  if (stream.codec_name == kOnvifMetadata) {
    format.encoding = kOnvifMetadata;
    return format;
  }
  return fail(Errc::unsupported, "{} has no RTP format here; transcode it to H.264 or AAC",
              stream.codec_name.empty() ? media::to_string(stream.codec) : stream.codec_name);
}

Result<std::unique_ptr<Depacketizer>> make_depacketizer(const PayloadFormat& format,
                                                        int stream_index) {
  constexpr int kClockRateMax = 10'000'000;
  if (format.clock_rate <= 0 || format.clock_rate > kClockRateMax) {
    return fail(Errc::malformed, "RTP: {} with a clock of {} Hz", format.encoding.substr(0, 32),
                format.clock_rate);
  }
  const auto is = [&](std::string_view name) { return same(format.encoding, name); };
  if (is("H264")) return make_h264_depacketizer(format, stream_index);
  if (is("H265") || is("HEVC")) return make_h265_depacketizer(format, stream_index);
  if (is("MPEG4-GENERIC")) return make_aac_depacketizer(format, stream_index);
  if (is("MP4A-LATM")) return make_latm_depacketizer(format, stream_index);
  if (is("PCMU")) return make_plain_depacketizer(media::Codec::pcmu, format, stream_index);
  if (is("PCMA")) return make_plain_depacketizer(media::Codec::pcma, format, stream_index);
  if (is("opus")) return make_plain_depacketizer(media::Codec::opus, format, stream_index);
  if (is("MPA")) return make_mp3_depacketizer(format, stream_index);
  if (is("JPEG")) return make_mjpeg_depacketizer(format, stream_index);
  if (is(kOnvifMetadata)) return make_metadata_depacketizer(format, stream_index);
  return fail(Errc::unsupported, "RTP: no depacketizer for {}; use H.264, H.265 or AAC",
              format.encoding.substr(0, 32));
}

}  // namespace pasu::rtp
