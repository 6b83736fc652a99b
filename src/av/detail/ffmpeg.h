// FFmpeg's objects owned by unique_ptr, its errors as ours, its log lines in ours.
#pragma once

#include <memory>
#include <string>

extern "C" {
#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/avutil.h>
#include <libswscale/swscale.h>
}

#include "base/bytes.h"
#include "base/result.h"
#include "media/codec.h"
#include "media/pts.h"

namespace pasu::av {

struct FfmpegFree {
  void operator()(AVPacket* packet) const { av_packet_free(&packet); }
  void operator()(AVFrame* frame) const { av_frame_free(&frame); }
  void operator()(AVCodecContext* context) const { avcodec_free_context(&context); }
  void operator()(AVCodecParameters* parameters) const { avcodec_parameters_free(&parameters); }
  void operator()(SwsContext* context) const { sws_freeContext(context); }
};
template <class T>
using Owned = std::unique_ptr<T, FfmpegFree>;

using PacketPtr = Owned<AVPacket>;
using FramePtr = Owned<AVFrame>;
using CodecContextPtr = Owned<AVCodecContext>;
using ParametersPtr = Owned<AVCodecParameters>;
using SwsPtr = Owned<SwsContext>;

/// The time base of media::Pts.
inline constexpr AVRational kNanoseconds{1, 1'000'000'000};

/// From now on FFmpeg's warnings and errors are our debug lines. Cheap to call again.
void route_ffmpeg_log();

/// The first error line that FFmpeg writes on this thread from here on: later ones ("no frame!")
/// follow from it.
class FfmpegReason {
 public:
  FfmpegReason();
  /// FFmpeg's own line where it wrote one, else the name of `code`.
  [[nodiscard]] std::string text(int code) const;
};

/// What kind of trouble an AVERROR is.
[[nodiscard]] Errc to_errc(int code);

/// A packet that shares `bytes` without a copy. The bytes must be padded as Bytes promises.
[[nodiscard]] PacketPtr share_as_packet(const Bytes& bytes);
/// The packet's bytes without a copy.
[[nodiscard]] Bytes share_as_bytes(AVPacket& packet);

[[nodiscard]] media::Codec to_codec(AVCodecID id);
/// native_id where it is set, else the one of `codec`; AV_CODEC_ID_NONE for an unknown one.
[[nodiscard]] AVCodecID to_codec_id(const media::StreamInfo& stream);

[[nodiscard]] inline media::Pts to_pts(int64_t time, AVRational base) {
  return media::Pts(av_rescale_q(time, base, kNanoseconds));
}

/// The demuxer's stream as ours. `origin` is the media time that becomes 0.
[[nodiscard]] media::StreamInfo to_stream_info(const AVStream& stream, media::Pts origin);
/// Codec parameters for a decoder or muxer. Errors: unsupported, internal (no memory).
[[nodiscard]] Result<ParametersPtr> to_parameters(const media::StreamInfo& stream);

}  // namespace pasu::av
