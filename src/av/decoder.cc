#include "av/decoder.h"

extern "C" {
#include <libavutil/pixdesc.h>
}

#include "av/detail/ffmpeg.h"
#include "av/detail/picture.h"

namespace pasu::av {
namespace {

// 8192x8192: what H.264 level 6.2 and H.265 level 6.2 allow is half of it (8192x4320). A few bytes
// of SPS may promise 65535x65535, which would be gigabytes a picture.
constexpr int64_t kPixelsMax = int64_t{8192} * 8192;

// The format of media::Frame that loses least.
AVPixelFormat nearest_format(AVPixelFormat format) {
  const AVPixFmtDescriptor* description = av_pix_fmt_desc_get(format);
  if (description == nullptr) return AV_PIX_FMT_NONE;
  if ((description->flags & (AV_PIX_FMT_FLAG_RGB | AV_PIX_FMT_FLAG_PAL)) != 0)
    return AV_PIX_FMT_RGB24;
  if (description->nb_components < 3) return AV_PIX_FMT_GRAY8;
  if (description->log2_chroma_w == 0 && description->log2_chroma_h == 0) return AV_PIX_FMT_YUV444P;
  if (description->log2_chroma_w == 1 && description->log2_chroma_h == 0) return AV_PIX_FMT_YUV422P;
  return AV_PIX_FMT_YUV420P;
}

class LibavDecoder final : public VideoDecoder {
 public:
  LibavDecoder(CodecContextPtr context, std::string name)
      : context_(std::move(context)), name_(std::move(name)) {}

  Result<void> push(const media::AccessUnit& unit) override {
    if (unit.data.empty())
      return fail(Errc::malformed, "{}: an access unit without bytes", at(unit));
    const PacketPtr packet = share_as_packet(unit.data);
    packet->pts = unit.pts.count();
    packet->dts = unit.dts.count();
    if (unit.key) packet->flags |= AV_PKT_FLAG_KEY;
    const FfmpegReason reason;
    const int code = avcodec_send_packet(context_.get(), packet.get());
    if (code >= 0) return {};
    if (code == AVERROR(EAGAIN))
      return fail(Errc::invalid_argument, "{}: take() the frames before the next push()", at(unit));
    return failed(code, reason, at(unit));
  }

  void finish() override { (void)avcodec_send_packet(context_.get(), nullptr); }

  void flush() override { avcodec_flush_buffers(context_.get()); }

  Result<std::optional<media::Frame>> take() override {
    FramePtr frame(av_frame_alloc());
    if (!frame) return fail(Errc::internal, "{}: no memory for a frame", name_);
    const FfmpegReason reason;
    const int code = avcodec_receive_frame(context_.get(), frame.get());
    if (code == AVERROR(EAGAIN) || code == AVERROR_EOF) return std::nullopt;
    if (code < 0) return failed(code, reason, name_);
    if (frame->pts == AV_NOPTS_VALUE) frame->pts = frame->best_effort_timestamp;
    if (frame->pts == AV_NOPTS_VALUE) frame->pts = 0;
    return convert(std::move(frame));
  }

 private:
  // Frames in a format of ours pass as they are, the rest through swscale.
  Result<std::optional<media::Frame>> convert(FramePtr frame) {
    const PictureLayout from = layout_of(*frame);
    const bool upside_down = frame->linesize[0] < 0;
    if (to_pixel_format(from.format) && !upside_down) return share_as_frame(std::move(frame));
    PictureLayout to = from;
    to.format = nearest_format(from.format);
    if (to.format == AV_PIX_FMT_NONE)
      return fail(Errc::unsupported, "{}: pictures of an unknown pixel format", name_);
    FramePtr out = TRY(with_context(converter_.convert(*frame, from, to), name_));
    out->pts = frame->pts;
    out->key_frame = frame->key_frame;
    out->flags = frame->flags;
    out->decode_error_flags = frame->decode_error_flags;
    media::Frame made = share_as_frame(std::move(out));
    made.rotation = rotation_of(*frame);
    return made;
  }

  std::string at(const media::AccessUnit& unit) const {
    std::string text = fmt::format("{} at {:.3f} s", name_, media::to_seconds(unit.pts));
    if (unit.position >= 0) text += fmt::format(" (byte {})", unit.position);
    return text;
  }

  static tl::unexpected<Error> failed(int code, const FfmpegReason& reason,
                                      const std::string& where) {
    const std::string text = reason.text(code);
    if (text.find("Picture size") != std::string::npos)
      return fail(Errc::too_large, "{}: {}; at most {} pixels are decoded", where, text,
                  kPixelsMax);
    const Errc errc = to_errc(code);
    return fail(errc == Errc::internal ? Errc::malformed : errc, "{}: {}", where, text);
  }

  CodecContextPtr context_;
  std::string name_;
  PictureConverter converter_;
};

}  // namespace

Result<std::unique_ptr<VideoDecoder>> VideoDecoder::create(const media::StreamInfo& stream,
                                                           const DecoderOptions& options) {
  route_ffmpeg_log();
  const ParametersPtr parameters = TRY(to_parameters(stream));
  const std::string name = avcodec_get_name(parameters->codec_id);
  const AVCodec* codec = avcodec_find_decoder(parameters->codec_id);
  if (codec == nullptr || codec->type != AVMEDIA_TYPE_VIDEO)
    return fail(Errc::unsupported,
                "no video decoder for {} in this FFmpeg; H.264 and H.265 always work", name);
  CodecContextPtr context(avcodec_alloc_context3(codec));
  if (!context || avcodec_parameters_to_context(context.get(), parameters.get()) < 0)
    return fail(Errc::internal, "{}: no memory for a decoder", name);
  context->pkt_timebase = kNanoseconds;
  context->max_pixels = kPixelsMax;
  context->thread_count = options.threads;
  context->thread_type = FF_THREAD_FRAME;
  if (options.skip_loop_filter) context->skip_loop_filter = AVDISCARD_ALL;
  if (options.low_delay) context->flags |= AV_CODEC_FLAG_LOW_DELAY;
  const FfmpegReason reason;
  if (const int code = avcodec_open2(context.get(), codec, nullptr); code < 0) {
    const Errc errc = to_errc(code);
    return fail(errc == Errc::internal ? Errc::malformed : errc,
                "{}: the decoder does not start ({}); check that the stream is whole", name,
                reason.text(code));
  }
  return std::make_unique<LibavDecoder>(std::move(context), name);
}

}  // namespace pasu::av
