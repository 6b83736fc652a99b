// AAC out of RTP, MP4A-LATM (RFC 6416 6; ISO 14496-3 1.7.3).
#include <algorithm>
#include <optional>

#include "bits/aac_config.h"
#include "wire/rtp/detail/audio_info.h"
#include "wire/rtp/detail/depacketizers.h"
#include "wire/rtp/detail/hex.h"
#include "wire/rtp/detail/numbers.h"

namespace pasu::rtp {
namespace {

using bits::BitCursor;

// StreamMuxConfig(), of one program with one layer.
struct MuxConfig {
  bits::AacConfig aac;
  std::vector<uint8_t> extradata;  // The AudioSpecificConfig, moved to a byte's start.
  uint32_t sub_frames = 1;
};

// LatmGetValue()
uint32_t read_value(BitCursor& bits) {
  const uint32_t bytes = bits.u(2) + 1;
  uint32_t value = 0;
  for (uint32_t i = 0; i < bytes; ++i) value = value << 8 | bits.u(8);
  return value;
}

Result<void> read_aac(BitCursor& bits, MuxConfig& config) {
  BitCursor copy = bits;
  config.aac = TRY(bits::parse_aac_config(bits));
  for (size_t left = bits.position() - copy.position(); left > 0;) {
    const int width = static_cast<int>(std::min<size_t>(left, 8));
    config.extradata.push_back(static_cast<uint8_t>(copy.u(width) << (8 - width)));
    left -= static_cast<size_t>(width);
  }
  return {};
}

// The extension of an AudioSpecificConfig that says whether there is SBR (ISO 14496-3 1.6.2.1);
// only where its length is told may it be there, but GStreamer's rtpmp4apay writes it all the same.
void pass_sync_extension(BitCursor& bits) {
  BitCursor ahead = bits;
  if (ahead.u(11) != 0x2b7 || ahead.u(5) != 5) return;  // syncExtensionType, SBR
  if (ahead.flag() && ahead.u(4) == 15) ahead.u(24);    // sbrPresentFlag, its rate
  if (ahead.ok()) bits = ahead;
}

// `in_sdp`: what stands behind the AudioSpecificConfig may be missing, as GStreamer has it.
Result<MuxConfig> read_mux_config(BitCursor& bits, bool in_sdp = false) {
  MuxConfig config;
  const bool version = bits.flag();  // audioMuxVersion
  if (version) {
    if (bits.flag()) return fail(Errc::unsupported, "LATM: audioMuxVersionA 1");
    read_value(bits);  // taraBufferFullness
  }
  const bool same_framing = bits.flag();
  config.sub_frames = bits.u(6) + 1;
  const uint32_t programs = bits.u(4) + 1, layers = bits.u(3) + 1;
  if (bits.ok() && (!same_framing || programs != 1 || layers != 1)) {
    return fail(Errc::unsupported, "LATM: {} programs, {} layers; one of each is supported",
                programs, layers);
  }
  if (version) {
    const size_t length = read_value(bits);
    const size_t end = bits.position() + length;
    TRY(read_aac(bits, config));
    if (bits.position() > end) return fail(Errc::malformed, "LATM: AudioSpecificConfig too long");
    while (bits.ok() && bits.position() < end) bits.u(1);
  } else {
    TRY(read_aac(bits, config));
    pass_sync_extension(bits);
  }
  constexpr size_t kRest = 3 + 8 + 1 + 1;  // Without other data and a CRC.
  if (in_sdp && bits.ok() && bits.left() < kRest) return config;
  const uint32_t length_type = bits.u(3);
  if (length_type != 0) return fail(Errc::unsupported, "LATM: frameLengthType {}", length_type);
  bits.u(8);          // latmBufferFullness
  if (bits.flag()) {  // otherDataPresent; it stands behind the frames and is not read
    if (version) {
      read_value(bits);
    } else {
      bool more = true;
      while (more && bits.ok()) {
        more = bits.flag();
        bits.u(8);
      }
    }
  }
  if (bits.flag()) bits.u(8);  // crcCheckPresent, crcCheckSum
  if (!bits.ok()) return fail(Errc::truncated, "LATM: StreamMuxConfig ends early");
  return config;
}

class LatmDepacketizer final : public Depacketizer {
 public:
  LatmDepacketizer(media::StreamInfo info, int clock_rate, bool config_in_band,
                   std::optional<MuxConfig> config)
      : Depacketizer(std::move(info), clock_rate),
        config_in_band_(config_in_band),
        config_(std::move(config)) {}

 private:
  Result<void> add(const Payload& payload) override;
  void discard() override { element_.clear(); }
  Result<void> read_element(int64_t time);

  bool config_in_band_;
  std::optional<MuxConfig> config_;
  std::vector<uint8_t> element_;
  int64_t time_ = 0;
  bool damaged_ = false;  // Until the next marker.
};

// An audioMuxElement in one packet or several, the marker on its last (RFC 6416 6.1).
Result<void> LatmDepacketizer::add(const Payload& payload) {
  if (payload.gap || (!element_.empty() && payload.time != time_)) {
    if (!element_.empty()) drop_unit();
    // Lost packets may have been the head of this element, if it has one.
    damaged_ = !element_.empty() && payload.time == time_;
    element_.clear();
  }
  if (!damaged_) {
    if (payload.bytes.size() > kUnitBytesMax - element_.size()) {
      damaged_ = !payload.marker;
      return fail(Errc::too_large, "LATM: an element of more than {} bytes", kUnitBytesMax);
    }
    if (element_.empty()) time_ = payload.time;
    put(element_, payload.bytes);
  }
  if (!payload.marker) return {};
  if (damaged_) {
    damaged_ = false;
    return {};
  }
  Result<void> read = read_element(time_);
  element_.clear();
  return read;
}

// AudioMuxElement() (1.7.3.1)
Result<void> LatmDepacketizer::read_element(int64_t time) {
  BitCursor bits(element_);
  if (config_in_band_ && !bits.flag()) {  // useSameStreamMux
    MuxConfig config = TRY(read_mux_config(bits));
    if (!config_ || config.extradata != config_->extradata) {
      media::StreamInfo info = next_info();
      describe_aac(config.aac, config.extradata, info);
      change(std::move(info));
    }
    config_ = std::move(config);
  }
  if (!config_) {
    drop_unit();
    return {};
  }
  const int64_t frame_ticks =
      int64_t{config_->aac.frame_samples} * clock_rate() / config_->aac.sample_rate;
  for (uint32_t i = 0; i < config_->sub_frames; ++i) {
    size_t length = 0;  // PayloadLengthInfo()
    uint32_t byte = 0;
    do {
      byte = bits.u(8);
      length += byte;
    } while (byte == 255 && bits.ok());
    if (!bits.ok() || length * 8 > bits.left()) {
      return fail(Errc::truncated, "LATM: a frame of {} bytes with {} left", length,
                  bits.left() / 8);
    }
    std::vector<uint8_t> frame(length);
    for (uint8_t& out : frame) out = static_cast<uint8_t>(bits.u(8));
    if (!frame.empty()) {
      emit(Bytes::copy(frame), time + static_cast<int64_t>(i) * frame_ticks, frame_ticks, true);
    }
  }
  return {};
}

}  // namespace

DepacketizerResult make_latm_depacketizer(const PayloadFormat& format, int stream_index) {
  media::StreamInfo info;
  info.index = stream_index;
  info.kind = media::MediaKind::audio;
  info.codec = media::Codec::aac;
  info.codec_name = media::to_string(info.codec);
  info.sample_rate = format.clock_rate;
  info.channels = format.channels;
  const bool in_band = fmtp_value(format, "cpresent") != "0";  // 7.3: 1 unless said otherwise.
  std::optional<MuxConfig> config;
  const std::vector<uint8_t> bytes = from_hex(fmtp_value(format, "config"));
  if (!bytes.empty()) {
    BitCursor bits(bytes);
    if (auto read = read_mux_config(bits, true)) {
      config = std::move(*read);
      describe_aac(config->aac, config->extradata, info);
    }
  }
  if (!in_band && !config) {
    return fail(Errc::malformed, "LATM: cpresent=0 without a usable config");
  }
  return std::make_unique<LatmDepacketizer>(std::move(info), format.clock_rate, in_band,
                                            std::move(config));
}

}  // namespace pasu::rtp
