#include "wire/rtp/detail/audio_info.h"

#include <algorithm>

#include "wire/rtp/detail/hex.h"

namespace pasu::rtp {

void describe_aac(const bits::AacConfig& config, ByteView extradata, media::StreamInfo& info) {
  info.kind = media::MediaKind::audio;
  info.codec = media::Codec::aac;
  info.codec_name = media::to_string(info.codec);
  info.extradata = Bytes::copy(extradata);
  info.sample_rate = config.output_rate;
  info.channels = config.channels;
}

Result<bits::AacConfig> describe_aac(const PayloadFormat& format, media::StreamInfo& info) {
  std::vector<uint8_t> bytes = from_hex(fmtp_value(format, "config"));
  Result<bits::AacConfig> config = bits::parse_aac_config(bytes);
  if (!config) {
    bytes = TRY(bits::make_aac_config(format.clock_rate, std::max(1, format.channels)));
    config = TRY(bits::parse_aac_config(bytes));
  }
  describe_aac(*config, bytes, info);
  return config;
}

}  // namespace pasu::rtp
