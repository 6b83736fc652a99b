#include "av/aac_transcoder.h"

#include <algorithm>
#include <array>
#include <deque>
#include <string>

extern "C" {
#include <libavutil/audio_fifo.h>
#include <libavutil/channel_layout.h>
#include <libswresample/swresample.h>
}

#include "av/detail/ffmpeg.h"

namespace pasu::av {
namespace {

struct AudioFree {
  void operator()(SwrContext* context) const { swr_free(&context); }
  void operator()(AVAudioFifo* fifo) const { av_audio_fifo_free(fifo); }
};

// Rates that AAC has (ISO 14496-3 table 1.18) and every player takes.
int aac_rate(int rate) {
  constexpr std::array kRates{8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000};
  for (const int each : kRates)
    if (each >= rate) return each;
  return kRates.back();
}

class LibavTranscoder final : public AacTranscoder {
 public:
  Result<void> open(const media::StreamInfo& source, const AacOptions& options) {
    route_ffmpeg_log();
    TRY(open_decoder(source));
    return open_encoder(source, options);
  }

  const media::StreamInfo& stream() const override { return stream_; }

  Result<void> push(const media::AccessUnit& unit) override {
    const PacketPtr packet = share_as_packet(unit.data);
    if (!packet) return fail(Errc::internal, "sound: no memory for a packet");
    packet->pts = unit.pts.count();
    packet->dts = unit.dts.count();
    const FfmpegReason reason;
    if (const int code = avcodec_send_packet(decoder_.get(), packet.get()); code < 0)
      return fail(to_errc(code), "sound: {}", reason.text(code));
    return decode();
  }

  void finish() override {
    (void)avcodec_send_packet(decoder_.get(), nullptr);
    (void)decode();
    (void)encode(/*all=*/true);
    (void)avcodec_send_frame(encoder_.get(), nullptr);
    (void)collect();
  }

  Result<std::optional<media::AccessUnit>> take() override {
    if (ready_.empty()) return std::nullopt;
    media::AccessUnit unit = std::move(ready_.front());
    ready_.pop_front();
    return unit;
  }

 private:
  Result<void> open_decoder(const media::StreamInfo& source) {
    const AVCodecID id = to_codec_id(source);
    const AVCodec* codec = avcodec_find_decoder(id);
    if (codec == nullptr)
      return fail(Errc::unsupported, "sound: no decoder for {}", source.codec_name);
    const ParametersPtr parameters = TRY(to_parameters(source));
    decoder_.reset(avcodec_alloc_context3(codec));
    const FfmpegReason reason;
    int code = decoder_ ? avcodec_parameters_to_context(decoder_.get(), parameters.get())
                        : AVERROR(ENOMEM);
    if (code >= 0) {
      decoder_->pkt_timebase = kNanoseconds;
      code = avcodec_open2(decoder_.get(), codec, nullptr);
    }
    if (code < 0)
      return fail(to_errc(code), "sound: the {} decoder does not start: {}", source.codec_name,
                  reason.text(code));
    return {};
  }

  Result<void> open_encoder(const media::StreamInfo& source, const AacOptions& options) {
    const AVCodec* codec = avcodec_find_encoder(AV_CODEC_ID_AAC);
    if (codec == nullptr) return fail(Errc::unsupported, "this FFmpeg has no AAC encoder");
    encoder_.reset(avcodec_alloc_context3(codec));
    if (!encoder_) return fail(Errc::internal, "AAC encoder: no memory");
    const int channels = source.channels == 1 ? 1 : 2;
    encoder_->sample_rate = aac_rate(source.sample_rate > 0 ? source.sample_rate : 48000);
    encoder_->sample_fmt = AV_SAMPLE_FMT_FLTP;
    av_channel_layout_default(&encoder_->ch_layout, channels);
    encoder_->bit_rate = options.bit_rate;
    encoder_->time_base = {1, encoder_->sample_rate};
    encoder_->flags |= AV_CODEC_FLAG_GLOBAL_HEADER;
    const FfmpegReason reason;
    if (const int code = avcodec_open2(encoder_.get(), codec, nullptr); code < 0)
      return fail(to_errc(code), "the AAC encoder does not start: {}", reason.text(code));
    fifo_.reset(av_audio_fifo_alloc(AV_SAMPLE_FMT_FLTP, channels, encoder_->sample_rate));
    if (!fifo_) return fail(Errc::internal, "AAC encoder: no memory");

    stream_.kind = media::MediaKind::audio;
    stream_.codec = media::Codec::aac;
    stream_.codec_name = media::to_string(stream_.codec);
    stream_.native_id = AV_CODEC_ID_AAC;
    stream_.profile = "LC";
    stream_.sample_rate = encoder_->sample_rate;
    stream_.channels = channels;
    stream_.bit_rate = options.bit_rate;
    stream_.extradata =
        Bytes::copy({encoder_->extradata, static_cast<size_t>(encoder_->extradata_size)});
    return {};
  }

  Result<void> decode() {
    for (;;) {
      const FramePtr frame(av_frame_alloc());
      if (!frame) return fail(Errc::internal, "sound: no memory for a frame");
      const FfmpegReason reason;
      const int code = avcodec_receive_frame(decoder_.get(), frame.get());
      if (code == AVERROR(EAGAIN) || code == AVERROR_EOF) return {};
      if (code < 0) return fail(to_errc(code), "sound: {}", reason.text(code));
      TRY(resample(*frame));
      TRY(encode(/*all=*/false));
    }
  }

  Result<void> resample(const AVFrame& frame) {
    TRY(follow_format(frame));
    if (frame.pts != AV_NOPTS_VALUE) TRY(follow_time(media::Pts(frame.pts)));
    const FramePtr out = TRY(new_frame(swr_get_out_samples(resampler_.get(), frame.nb_samples)));
    const FfmpegReason reason;
    const int count =
        swr_convert(resampler_.get(), out->extended_data, out->nb_samples,
                    const_cast<const uint8_t**>(frame.extended_data), frame.nb_samples);
    if (count < 0) return fail(to_errc(count), "sound: {}", reason.text(count));
    return queue(*out, count);
  }

  // A source may change its rate or channels on the way.
  Result<void> follow_format(const AVFrame& frame) {
    if (resampler_ && frame.sample_rate == rate_ && frame.format == format_ &&
        frame.ch_layout.nb_channels == channels_)
      return {};
    AVChannelLayout from{};
    if (frame.ch_layout.order == AV_CHANNEL_ORDER_UNSPEC)
      av_channel_layout_default(&from, frame.ch_layout.nb_channels);
    else if (av_channel_layout_copy(&from, &frame.ch_layout) < 0)
      return fail(Errc::internal, "sound: no memory");
    SwrContext* made = nullptr;
    const FfmpegReason reason;
    int code = swr_alloc_set_opts2(
        &made, &encoder_->ch_layout, encoder_->sample_fmt, encoder_->sample_rate, &from,
        static_cast<AVSampleFormat>(frame.format), frame.sample_rate, 0, nullptr);
    av_channel_layout_uninit(&from);
    resampler_.reset(made);
    if (code >= 0) code = swr_init(made);
    if (code < 0) {
      resampler_.reset();
      return fail(to_errc(code), "sound of {} Hz and {} channels cannot be converted: {}",
                  frame.sample_rate, frame.ch_layout.nb_channels, reason.text(code));
    }
    rate_ = frame.sample_rate;
    format_ = frame.format;
    channels_ = frame.ch_layout.nb_channels;
    return {};
  }

  Result<void> follow_time(media::Pts pts) {
    if (!start_) start_ = pts;
    const media::Pts drift =
        pts - at(queued_ + swr_get_delay(resampler_.get(), encoder_->sample_rate));
    if (drift >= -kDriftMax && drift <= kDriftMax) return {};
    // Half a minute of silence is a new beginning rather than a gap.
    if (drift < media::Pts(0) || drift > std::chrono::seconds(30)) {
      *start_ += drift;
      return {};
    }
    const auto missing = static_cast<int>(media::to_seconds(drift) * encoder_->sample_rate);
    const FramePtr silence = TRY(new_frame(missing));
    av_samples_set_silence(silence->extended_data, 0, missing, encoder_->ch_layout.nb_channels,
                           encoder_->sample_fmt);
    return queue(*silence, missing);
  }

  Result<void> queue(const AVFrame& frame, int count) {
    if (av_audio_fifo_write(fifo_.get(), reinterpret_cast<void**>(frame.extended_data), count) <
        count)
      return fail(Errc::internal, "sound: no memory");
    queued_ += count;
    return {};
  }

  Result<void> encode(bool all) {
    while (av_audio_fifo_size(fifo_.get()) >= (all ? 1 : encoder_->frame_size)) {
      const int count = std::min(av_audio_fifo_size(fifo_.get()), encoder_->frame_size);
      const FramePtr frame = TRY(new_frame(count));
      av_audio_fifo_read(fifo_.get(), reinterpret_cast<void**>(frame->extended_data), count);
      frame->pts = encoded_;
      encoded_ += count;
      const FfmpegReason reason;
      if (const int code = avcodec_send_frame(encoder_.get(), frame.get()); code < 0)
        return fail(to_errc(code), "AAC encoder: {}", reason.text(code));
      TRY(collect());
    }
    return {};
  }

  // The encoder takes no more before it was emptied.
  Result<void> collect() {
    for (;;) {
      const PacketPtr packet(av_packet_alloc());
      if (!packet) return fail(Errc::internal, "sound: no memory for a packet");
      const FfmpegReason reason;
      const int code = avcodec_receive_packet(encoder_.get(), packet.get());
      if (code == AVERROR(EAGAIN) || code == AVERROR_EOF) return {};
      if (code < 0) return fail(to_errc(code), "AAC encoder: {}", reason.text(code));
      media::AccessUnit unit;
      unit.pts = unit.dts = at(packet->pts);
      unit.duration = at(packet->pts + encoder_->frame_size) - unit.pts;
      unit.key = true;
      unit.data = share_as_bytes(*packet);
      ready_.push_back(std::move(unit));
    }
  }

  Result<FramePtr> new_frame(int samples) {
    FramePtr frame(av_frame_alloc());
    if (!frame) return fail(Errc::internal, "sound: no memory for a frame");
    frame->nb_samples = std::max(samples, 1);
    frame->format = encoder_->sample_fmt;
    frame->sample_rate = encoder_->sample_rate;
    if (av_channel_layout_copy(&frame->ch_layout, &encoder_->ch_layout) < 0 ||
        av_frame_get_buffer(frame.get(), 0) < 0)
      return fail(Errc::internal, "sound: no memory for a frame");
    return frame;
  }

  // The time of a sample, by its number.
  media::Pts at(int64_t sample) const {
    return start_.value_or(media::Pts(0)) + to_pts(sample, {1, encoder_->sample_rate});
  }

  CodecContextPtr decoder_, encoder_;
  std::unique_ptr<SwrContext, AudioFree> resampler_;
  std::unique_ptr<AVAudioFifo, AudioFree> fifo_;
  int rate_ = 0, format_ = -1, channels_ = 0;  // Of what the resampler was made for.
  media::StreamInfo stream_;
  std::deque<media::AccessUnit> ready_;
  std::optional<media::Pts> start_;   // The time of sample 0.
  int64_t queued_ = 0, encoded_ = 0;  // Samples.
};

}  // namespace

Result<std::unique_ptr<AacTranscoder>> AacTranscoder::create(const media::StreamInfo& source,
                                                             const AacOptions& options) {
  auto made = std::make_unique<LibavTranscoder>();
  TRY(made->open(source, options));
  return made;
}

}  // namespace pasu::av
