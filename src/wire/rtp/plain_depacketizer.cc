// PCMU, PCMA and Opus out of RTP: a packet is a unit (RFC 3551 4.5.14, RFC 7587 4.2).
#include <algorithm>

#include "wire/rtp/detail/depacketizers.h"

namespace pasu::rtp {
namespace {

class PlainDepacketizer final : public Depacketizer {
 public:
  PlainDepacketizer(media::StreamInfo info, int clock_rate)
      : Depacketizer(std::move(info), clock_rate) {}

 private:
  Result<void> add(const Payload& payload) override;
  void discard() override {}
};

// Samples at 48 kHz in an Opus packet, from its first two bytes (RFC 6716 3.1, 3.2).
int64_t opus_samples(ByteView packet) {
  const int config = packet[0] >> 3;
  constexpr int64_t kSilk[] = {480, 960, 1920, 2880};  // 10, 20, 40, 60 ms
  int64_t frame = 120 << (config & 3);                 // CELT: 2.5, 5, 10, 20 ms
  if (config < 12) {
    frame = kSilk[config & 3];
  } else if (config < 16) {
    frame = kSilk[config & 1];  // Hybrid: 10, 20 ms
  }
  switch (packet[0] & 3) {
    case 0:
      return frame;
    case 1:
    case 2:
      return 2 * frame;
    default:
      return packet.size() < 2 ? 0 : frame * (packet[1] & 0x3f);
  }
}

Result<void> PlainDepacketizer::add(const Payload& payload) {
  const media::StreamInfo& info = next_info();
  const int64_t duration =
      info.codec == media::Codec::opus
          ? opus_samples(payload.bytes)
          : static_cast<int64_t>(payload.bytes.size()) / std::max(1, info.channels);
  emit(Bytes::copy(payload.bytes), payload.time, duration, true);
  return {};
}

// The OpusHead that files keep (RFC 7845 5.1): version 1, no pre-skip, channel mapping 0.
Bytes opus_head(int channels) {
  const uint8_t head[] = {
      'O', 'p', 'u',  's',  'H', 'e', 'a', 'd', 1, static_cast<uint8_t>(channels),
      0,   0,   0x80, 0xbb, 0,   0,   0,   0,   0};
  return Bytes::copy(head);
}

}  // namespace

DepacketizerResult make_plain_depacketizer(media::Codec codec, const PayloadFormat& format,
                                           int stream_index) {
  media::StreamInfo info;
  info.index = stream_index;
  info.kind = media::MediaKind::audio;
  info.codec = codec;
  info.codec_name = media::to_string(codec);
  info.sample_rate = format.clock_rate;
  info.channels = std::clamp(format.channels, 1, 8);
  if (codec == media::Codec::opus) {
    info.channels = 2;  // As rtpmap always says (RFC 7587 7); decoders make two of one.
    info.extradata = opus_head(info.channels);
  }
  return std::make_unique<PlainDepacketizer>(std::move(info), format.clock_rate);
}

}  // namespace pasu::rtp
