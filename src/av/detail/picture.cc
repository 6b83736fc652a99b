#include "av/detail/picture.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>

extern "C" {
#include <libavutil/display.h>
#include <libavutil/opt.h>
#include <libavutil/pixdesc.h>
}

#include "base/assert.h"

namespace pasu::av {
namespace {

using media::ColorMatrix;
using media::PixelFormat;

bool is_jpeg_format(AVPixelFormat format) {
  return format == AV_PIX_FMT_YUVJ420P || format == AV_PIX_FMT_YUVJ422P ||
         format == AV_PIX_FMT_YUVJ444P || format == AV_PIX_FMT_YUVJ440P ||
         format == AV_PIX_FMT_YUVJ411P;
}

// swscale wants the plain name; the range is told apart.
AVPixelFormat plain_format(AVPixelFormat format) {
  switch (format) {
    case AV_PIX_FMT_YUVJ420P:
      return AV_PIX_FMT_YUV420P;
    case AV_PIX_FMT_YUVJ422P:
      return AV_PIX_FMT_YUV422P;
    case AV_PIX_FMT_YUVJ444P:
      return AV_PIX_FMT_YUV444P;
    case AV_PIX_FMT_YUVJ440P:
      return AV_PIX_FMT_YUV440P;
    case AV_PIX_FMT_YUVJ411P:
      return AV_PIX_FMT_YUV411P;
    default:
      return format;
  }
}

bool is_rgb(AVPixelFormat format) {
  const AVPixFmtDescriptor* description = av_pix_fmt_desc_get(format);
  return description != nullptr &&
         (description->flags & (AV_PIX_FMT_FLAG_RGB | AV_PIX_FMT_FLAG_PAL)) != 0;
}

const int* coefficients(ColorMatrix matrix) {
  return sws_getCoefficients(matrix == ColorMatrix::bt709 ? SWS_CS_ITU709 : SWS_CS_ITU601);
}

SwsPtr make_scaler(const PictureLayout& from, const PictureLayout& to) {
  SwsPtr scaler(sws_alloc_context());
  if (!scaler) return nullptr;
  // The ranges must be known from the start: two pictures of one size and format are else copied.
  const std::pair<const char*, int64_t> options[] = {{"srcw", from.width},
                                                     {"srch", from.height},
                                                     {"src_format", from.format},
                                                     {"dstw", to.width},
                                                     {"dsth", to.height},
                                                     {"dst_format", to.format},
                                                     {"sws_flags", SWS_BILINEAR},
                                                     {"src_range", from.full_range ? 1 : 0},
                                                     {"dst_range", to.full_range ? 1 : 0}};
  for (const auto& [name, value] : options)
    if (av_opt_set_int(scaler.get(), name, value, 0) < 0) return nullptr;
  if (sws_init_context(scaler.get(), nullptr, nullptr) < 0) return nullptr;
  // -1 for pictures without YUV on either side, which have no matrix.
  (void)sws_setColorspaceDetails(scaler.get(), coefficients(from.matrix), from.full_range,
                                 coefficients(to.matrix), to.full_range, 0, 1 << 16, 1 << 16);
  return scaler;
}

}  // namespace

AVPixelFormat to_av(PixelFormat format) {
  switch (format) {
    case PixelFormat::i420:
      return AV_PIX_FMT_YUV420P;
    case PixelFormat::i422:
      return AV_PIX_FMT_YUV422P;
    case PixelFormat::i444:
      return AV_PIX_FMT_YUV444P;
    case PixelFormat::nv12:
      return AV_PIX_FMT_NV12;
    case PixelFormat::gray8:
      return AV_PIX_FMT_GRAY8;
    case PixelFormat::rgb24:
      return AV_PIX_FMT_RGB24;
    case PixelFormat::bgr24:
      return AV_PIX_FMT_BGR24;
  }
  return AV_PIX_FMT_NONE;
}

std::optional<PixelFormat> to_pixel_format(AVPixelFormat format) {
  switch (plain_format(format)) {
    case AV_PIX_FMT_YUV420P:
      return PixelFormat::i420;
    case AV_PIX_FMT_YUV422P:
      return PixelFormat::i422;
    case AV_PIX_FMT_YUV444P:
      return PixelFormat::i444;
    case AV_PIX_FMT_NV12:
      return PixelFormat::nv12;
    case AV_PIX_FMT_GRAY8:
      return PixelFormat::gray8;
    case AV_PIX_FMT_RGB24:
      return PixelFormat::rgb24;
    case AV_PIX_FMT_BGR24:
      return PixelFormat::bgr24;
    default:
      return std::nullopt;
  }
}

ColorMatrix guess_matrix(int width, int height) {
  return width >= 1280 || height >= 720 ? ColorMatrix::bt709 : ColorMatrix::bt601;
}

PictureLayout layout_of(const AVFrame& frame) {
  PictureLayout layout;
  layout.width = frame.width;
  layout.height = frame.height;
  const auto format = static_cast<AVPixelFormat>(frame.format);
  layout.format = plain_format(format);
  layout.full_range =
      frame.color_range == AVCOL_RANGE_JPEG || is_jpeg_format(format) || is_rgb(format);
  switch (frame.colorspace) {
    case AVCOL_SPC_BT709:
    case AVCOL_SPC_BT2020_NCL:  // Nearer to BT.709 than to BT.601.
    case AVCOL_SPC_BT2020_CL:
      layout.matrix = ColorMatrix::bt709;
      break;
    case AVCOL_SPC_UNSPECIFIED:
      layout.matrix = guess_matrix(frame.width, frame.height);
      break;
    default:
      layout.matrix = ColorMatrix::bt601;
  }
  return layout;
}

PictureLayout layout_of(const media::Frame& frame) {
  return {frame.width, frame.height, to_av(frame.format), frame.matrix, frame.full_range};
}

int rotation_of(const int32_t* matrix) {
  if (matrix == nullptr) return 0;
  int32_t turned[9];
  std::copy_n(matrix, 9, turned);
  const auto determinant =
      static_cast<double>(turned[0]) * turned[4] - static_cast<double>(turned[1]) * turned[3];
  if (determinant < 0) av_display_matrix_flip(turned, /*hflip=*/1, /*vflip=*/0);
  const double angle = -av_display_rotation_get(turned);  // FFmpeg turns counter-clockwise.
  if (std::isnan(angle)) return 0;
  return (static_cast<int>(std::lround(angle)) % 360 + 360) % 360;
}

int rotation_of(const AVFrame& frame) {
  const AVFrameSideData* data = av_frame_get_side_data(&frame, AV_FRAME_DATA_DISPLAYMATRIX);
  return data == nullptr ? 0 : rotation_of(reinterpret_cast<const int32_t*>(data->data));
}

media::Frame share_as_frame(FramePtr frame) {
  const PictureLayout layout = layout_of(*frame);
  const auto format = to_pixel_format(layout.format);
  ASSERT(format.has_value());
  media::Frame out;
  out.width = layout.width;
  out.height = layout.height;
  out.format = *format;
  out.matrix = layout.matrix;
  out.full_range = layout.full_range;
  out.key = frame->key_frame != 0;
  out.damaged = (frame->flags & AV_FRAME_FLAG_CORRUPT) != 0 || frame->decode_error_flags != 0;
  out.rotation = rotation_of(*frame);
  out.pts = media::Pts(frame->pts);
  for (size_t i = 0; i < out.planes.size(); ++i)
    out.planes[i] = {frame->data[i], frame->linesize[i]};
  out.owner = std::shared_ptr<AVFrame>(frame.release(), FfmpegFree());
  return out;
}

FramePtr share_as_av(const media::Frame& frame) {
  FramePtr out(av_frame_alloc());
  ASSERT(out != nullptr);
  out->width = frame.width;
  out->height = frame.height;
  out->format = to_av(frame.format);
  for (size_t i = 0; i < frame.planes.size(); ++i) {
    out->data[i] = const_cast<uint8_t*>(frame.planes[i].data);
    out->linesize[i] = frame.planes[i].stride;
  }
  // One reference stands for all planes; its bounds are those of the first.
  auto* owner = new media::Frame(frame.share());
  out->buf[0] = av_buffer_create(
      out->data[0], static_cast<size_t>(std::abs(out->linesize[0])) * frame.height,
      [](void* opaque, uint8_t*) { delete static_cast<media::Frame*>(opaque); }, owner,
      AV_BUFFER_FLAG_READONLY);
  ASSERT(out->buf[0] != nullptr);
  return out;
}

Result<FramePtr> PictureConverter::convert(const AVFrame& source, const PictureLayout& from,
                                           const PictureLayout& to) {
  const FfmpegReason reason;
  if (!scaler_ || from != from_ || to != to_) {
    scaler_ = make_scaler(from, to);
    if (!scaler_)
      return fail(Errc::unsupported, "pictures of format {} cannot be converted: {}",
                  av_get_pix_fmt_name(from.format), reason.text(AVERROR(ENOSYS)));
    from_ = from;
    to_ = to;
  }
  FramePtr out(av_frame_alloc());
  ASSERT(out != nullptr);
  out->width = to.width;
  out->height = to.height;
  out->format = to.format;
  if (const int code = av_frame_get_buffer(out.get(), 0); code < 0)
    return fail(Errc::internal, "no memory for a picture of {}x{}", to.width, to.height);
  const int rows = sws_scale(scaler_.get(), source.data, source.linesize, 0, from.height, out->data,
                             out->linesize);
  if (rows != to.height)
    return fail(Errc::internal, "converting a picture failed: {}", reason.text(rows));
  out->color_range = to.full_range ? AVCOL_RANGE_JPEG : AVCOL_RANGE_MPEG;
  out->colorspace = to.matrix == ColorMatrix::bt709 ? AVCOL_SPC_BT709 : AVCOL_SPC_SMPTE170M;
  return out;
}

}  // namespace pasu::av
