// MPEG audio out of RTP (RFC 2250 3.5).
#include "wire/rtp/detail/depacketizers.h"
#include "wire/rtp/detail/mpeg_audio.h"
#include "wire/rtp/detail/numbers.h"

namespace pasu::rtp {
namespace {

class Mp3Depacketizer final : public Depacketizer {
 public:
  Mp3Depacketizer(media::StreamInfo info, int clock_rate)
      : Depacketizer(std::move(info), clock_rate) {}

 private:
  Result<void> add(const Payload& payload) override;
  void discard() override { frame_.clear(); }
  Result<void> add_frames(ByteView data, int64_t time);
  void emit_frame(ByteView bytes, const MpegAudioFrame& frame, int64_t time);

  std::vector<uint8_t> frame_;  // Whose rest is to come.
  int64_t frame_time_ = 0;
};

Result<void> Mp3Depacketizer::add(const Payload& payload) {
  if (payload.bytes.size() < 5) {
    return fail(Errc::truncated, "MPA RTP: a payload of {} bytes", payload.bytes.size());
  }
  const size_t offset = get16(payload.bytes, 2);  // Frag_offset
  const ByteView data = payload.bytes.subspan(4);
  if (payload.gap && !frame_.empty()) {
    drop_unit();
    frame_.clear();
  }
  if (offset == 0) {
    if (!frame_.empty()) drop_unit();
    frame_.clear();
    return add_frames(data, payload.time);
  }
  if (frame_.empty()) return {};  // Its head was lost.
  if (offset != frame_.size()) {
    return fail(Errc::malformed, "MPA RTP: a fragment at byte {}, where {} is next", offset,
                frame_.size());
  }
  put(frame_, data);  // At most 64 KiB and a packet, by the offset's width.
  const auto frame = parse_mpeg_audio(frame_);
  if (!frame || frame_.size() < frame->bytes) return {};
  emit_frame(ByteView(frame_).first(frame->bytes), *frame, frame_time_);
  frame_.clear();
  return {};
}

Result<void> Mp3Depacketizer::add_frames(ByteView data, int64_t time) {
  while (!data.empty()) {
    const auto frame = parse_mpeg_audio(data);
    if (!frame) return fail(Errc::malformed, "MPA RTP: no MPEG audio frame header");
    if (frame->bytes > data.size()) {
      frame_.assign(data.begin(), data.end());
      frame_time_ = time;
      return {};
    }
    emit_frame(data.first(frame->bytes), *frame, time);
    data = data.subspan(frame->bytes);
    time += int64_t{frame->samples} * clock_rate() / frame->sample_rate;
  }
  return {};
}

void Mp3Depacketizer::emit_frame(ByteView bytes, const MpegAudioFrame& frame, int64_t time) {
  const media::StreamInfo& known = next_info();
  const media::Codec codec = frame.layer == 3 ? media::Codec::mp3 : media::Codec::other;
  if (known.sample_rate != frame.sample_rate || known.channels != frame.channels ||
      known.codec != codec) {
    media::StreamInfo info = known;
    info.codec = codec;
    info.codec_name = frame.layer == 3 ? "mp3" : "mp2";
    info.sample_rate = frame.sample_rate;
    info.channels = frame.channels;
    change(std::move(info));
  }
  emit(Bytes::copy(bytes), time, int64_t{frame.samples} * clock_rate() / frame.sample_rate, true);
}

}  // namespace

DepacketizerResult make_mp3_depacketizer(const PayloadFormat& format, int stream_index) {
  media::StreamInfo info;
  info.index = stream_index;
  info.kind = media::MediaKind::audio;
  info.codec = media::Codec::mp3;
  info.codec_name = media::to_string(info.codec);
  return std::make_unique<Mp3Depacketizer>(std::move(info), format.clock_rate);
}

}  // namespace pasu::rtp
