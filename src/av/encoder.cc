#include "av/encoder.h"

#include <algorithm>
#include <cmath>
#include <string>

extern "C" {
#include <libavutil/opt.h>
}

#include "av/detail/ffmpeg.h"
#include "av/detail/parameter_sets.h"
#include "av/detail/picture.h"
#include "bits/h264_sps.h"

namespace pasu::av {
namespace {

class X264Encoder final : public H264Encoder {
 public:
  X264Encoder(CodecContextPtr context, PictureLayout layout, media::StreamInfo stream)
      : context_(std::move(context)), layout_(layout), stream_(std::move(stream)) {}

  const media::StreamInfo& stream() const override { return stream_; }

  Result<void> push(const media::Frame& frame, bool force_key) override {
    if (last_pts_ && frame.pts <= *last_pts_)
      return fail(Errc::invalid_argument, "encoder: a frame at {:.6f} s after one at {:.6f} s",
                  media::to_seconds(frame.pts), media::to_seconds(*last_pts_));
    const FramePtr picture = TRY(fit(frame));
    picture->pts = frame.pts.count();
    picture->pict_type = force_key ? AV_PICTURE_TYPE_I : AV_PICTURE_TYPE_NONE;
    const FfmpegReason reason;
    if (const int code = avcodec_send_frame(context_.get(), picture.get()); code < 0)
      return fail(to_errc(code), "encoder: {}", reason.text(code));
    last_pts_ = frame.pts;
    return {};
  }

  void finish() override { (void)avcodec_send_frame(context_.get(), nullptr); }

  Result<std::optional<media::AccessUnit>> take() override {
    const PacketPtr packet(av_packet_alloc());
    if (!packet) return fail(Errc::internal, "encoder: no memory for a packet");
    const FfmpegReason reason;
    const int code = avcodec_receive_packet(context_.get(), packet.get());
    if (code == AVERROR(EAGAIN) || code == AVERROR_EOF) return std::nullopt;
    if (code < 0) return fail(to_errc(code), "encoder: {}", reason.text(code));
    media::AccessUnit unit;
    unit.pts = media::Pts(packet->pts);
    unit.dts = media::Pts(packet->dts);
    unit.key = (packet->flags & AV_PKT_FLAG_KEY) != 0;
    unit.data = share_as_bytes(*packet);
    return unit;
  }

 private:
  // The frame itself where it fits after cropping a last odd column and row, else a converted one.
  Result<FramePtr> fit(const media::Frame& frame) {
    PictureLayout from = layout_of(frame);
    from.width &= ~1;
    from.height &= ~1;
    FramePtr picture = share_as_av(frame);
    picture->width = from.width;
    picture->height = from.height;
    // Grey and RGB have no matrix to differ in, but need converting anyway.
    if (from == layout_) return picture;
    if (from.width < 2 || from.height < 2)
      return fail(Errc::invalid_argument, "encoder: a frame of {}x{} is too small", frame.width,
                  frame.height);
    return with_context(converter_.convert(*picture, from, layout_), "encoder");
  }

  CodecContextPtr context_;
  PictureLayout layout_;
  media::StreamInfo stream_;
  PictureConverter converter_;
  std::optional<media::Pts> last_pts_;
};

void set_options(AVCodecContext& context, const H264EncoderOptions& options,
                 const PictureLayout& layout) {
  context.width = layout.width;
  context.height = layout.height;
  context.pix_fmt = layout.format;
  context.time_base = kNanoseconds;
  context.framerate = av_d2q(options.frame_rate, 100'000);
  context.gop_size = options.gop;
  context.thread_count = options.threads;
  context.flags |= AV_CODEC_FLAG_GLOBAL_HEADER;
  context.color_range = layout.full_range ? AVCOL_RANGE_JPEG : AVCOL_RANGE_MPEG;
  const bool bt709 = layout.matrix == media::ColorMatrix::bt709;
  context.colorspace = bt709 ? AVCOL_SPC_BT709 : AVCOL_SPC_SMPTE170M;
  if (options.bit_rate_max > 0) {
    context.rc_max_rate = options.bit_rate_max;
    // A live viewer waits for the buffer; a file's reader does not.
    context.rc_buffer_size = static_cast<int>(
        std::min<int64_t>(options.bit_rate_max * (options.live ? 1 : 2), INT32_MAX));
  }
  av_opt_set(context.priv_data, "preset", options.live ? "ultrafast" : "veryfast", 0);
  if (options.live) av_opt_set(context.priv_data, "tune", "zerolatency", 0);
  av_opt_set_double(context.priv_data, "crf", options.crf, 0);
  av_opt_set_int(context.priv_data, "forced-idr", 1, 0);
  // Length-prefixed units; timing by the frame rate, the given pts passing through unread: without
  // force-cfr the SPS would claim a billion frames a second.
  av_opt_set(context.priv_data, "x264-params", "annexb=0:force-cfr=1", 0);
}

}  // namespace

Result<std::unique_ptr<H264Encoder>> H264Encoder::create(const H264EncoderOptions& options) {
  route_ffmpeg_log();
  PictureLayout layout;
  layout.width = options.width & ~1;
  layout.height = options.height & ~1;
  layout.format = AV_PIX_FMT_YUV420P;
  layout.matrix = options.matrix.value_or(guess_matrix(layout.width, layout.height));
  layout.full_range = options.full_range;
  if (layout.width < 2 || layout.height < 2 || !(options.frame_rate > 0))
    return fail(Errc::invalid_argument, "encoder: {}x{} at {} frames/s cannot be encoded",
                options.width, options.height, options.frame_rate);
  const AVCodec* codec = avcodec_find_encoder_by_name("libx264");
  if (codec == nullptr)
    return fail(Errc::unsupported,
                "no H.264 encoder: this FFmpeg was built without libx264 (Debian's has it)");
  CodecContextPtr context(avcodec_alloc_context3(codec));
  if (!context) return fail(Errc::internal, "encoder: no memory");
  set_options(*context, options, layout);
  const FfmpegReason reason;
  if (const int code = avcodec_open2(context.get(), codec, nullptr); code < 0)
    return fail(to_errc(code), "encoder: H.264 of {}x{} does not start: {}", layout.width,
                layout.height, reason.text(code));

  media::StreamInfo stream;
  stream.kind = media::MediaKind::video;
  stream.codec = media::Codec::h264;
  stream.codec_name = media::to_string(stream.codec);
  stream.native_id = AV_CODEC_ID_H264;
  stream.width = layout.width;
  stream.height = layout.height;
  stream.frame_rate = options.frame_rate;
  const Bytes headers =
      Bytes::copy({context->extradata, static_cast<size_t>(context->extradata_size)});
  const auto sets = TRY(with_context(
      find_parameter_sets(stream.codec, bits::NalCursor::length_prefixed(headers, 4)), "encoder"));
  stream.extradata = TRY(with_context(make_configuration_record(sets), "encoder"));
  const auto sps = TRY(with_context(bits::parse_h264_sps(sets.sps.front()), "encoder"));
  stream.profile =
      fmt::format("{}, level {}", bits::profile_name(sps.info), bits::level_name(sps.info));
  return std::make_unique<X264Encoder>(std::move(context), layout, std::move(stream));
}

}  // namespace pasu::av
