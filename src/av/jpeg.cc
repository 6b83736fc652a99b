// encode_jpeg: one picture as a JPEG file, by libavcodec.
#include <algorithm>
#include <cmath>

#include "av/detail/ffmpeg.h"
#include "av/detail/picture.h"
#include "av/encoder.h"

namespace pasu::av {
namespace {

// JFIF: full-range BT.601, chroma halved both ways.
PictureLayout jpeg_layout(const media::Frame& frame, int width) {
  PictureLayout to;
  to.width = frame.width;
  to.height = frame.height;
  if (width > 0 && width != frame.width) {
    const int64_t rows = (int64_t{frame.height} * width + frame.width / 2) / frame.width;
    to.width = width;
    to.height = static_cast<int>(std::max<int64_t>(rows, 1));
  }
  to.format = AV_PIX_FMT_YUV420P;
  to.matrix = media::ColorMatrix::bt601;
  to.full_range = true;
  return to;
}

// The IJG scale of qualities as the encoder's quantiser: libjpeg multiplies its tables by
// 50/quality below 50 and by 2 - quality/50 above; the encoder divides its own by 8 at quantiser 8.
int quantiser(int quality) {
  const double q = std::clamp(quality, 1, 100);
  const double scale = q < 50 ? 50 / q : 2 - q / 50;
  return std::clamp(static_cast<int>(std::lround(8 * scale)), 1, 31);
}

}  // namespace

Result<Bytes> encode_jpeg(const media::Frame& frame, int quality, int width) {
  route_ffmpeg_log();
  if (!frame || frame.width < 1 || frame.height < 1 || width < 0 || width > 65'535)
    return fail(Errc::invalid_argument, "JPEG: no picture of {}x{} at width {}", frame.width,
                frame.height, width);
  const PictureLayout to = jpeg_layout(frame, width);
  FramePtr picture = share_as_av(frame);
  if (const PictureLayout from = layout_of(frame); from != to) {
    PictureConverter converter;
    picture = TRY(with_context(converter.convert(*picture, from, to), "JPEG"));
  }
  const AVCodec* codec = avcodec_find_encoder(AV_CODEC_ID_MJPEG);
  CodecContextPtr context(codec != nullptr ? avcodec_alloc_context3(codec) : nullptr);
  if (!context) return fail(Errc::unsupported, "JPEG: no encoder in this FFmpeg");
  context->width = to.width;
  context->height = to.height;
  context->pix_fmt = AV_PIX_FMT_YUVJ420P;
  context->color_range = AVCOL_RANGE_JPEG;
  context->time_base = {1, 25};
  context->thread_count = 1;
  context->qmin = 1;
  context->flags |= AV_CODEC_FLAG_QSCALE;
  context->global_quality = quantiser(quality) * FF_QP2LAMBDA;
  const FfmpegReason reason;
  int code = avcodec_open2(context.get(), codec, nullptr);
  picture->format = AV_PIX_FMT_YUVJ420P;
  picture->color_range = AVCOL_RANGE_JPEG;
  picture->quality = context->global_quality;
  picture->pts = 0;
  const PacketPtr packet(av_packet_alloc());
  if (code >= 0) code = avcodec_send_frame(context.get(), picture.get());
  if (code >= 0) code = avcodec_send_frame(context.get(), nullptr);
  if (code >= 0) code = avcodec_receive_packet(context.get(), packet.get());
  if (code < 0)
    return fail(to_errc(code), "JPEG of {}x{}: {}", to.width, to.height, reason.text(code));
  return share_as_bytes(*packet);
}

}  // namespace pasu::av
