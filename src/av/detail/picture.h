// AVFrame and media::Frame: the same pixels under two names; other pixels by swscale.
#pragma once

#include <optional>

#include "av/detail/ffmpeg.h"
#include "media/frame.h"

namespace pasu::av {

/// How the samples of a picture are to be read.
struct PictureLayout {
  int width = 0, height = 0;
  AVPixelFormat format = AV_PIX_FMT_NONE;
  media::ColorMatrix matrix = media::ColorMatrix::bt601;
  bool full_range = false;

  bool operator==(const PictureLayout&) const = default;
};

[[nodiscard]] AVPixelFormat to_av(media::PixelFormat format);
/// Nothing for a format that media::Frame does not have. yuvj420p is i420, its range apart.
[[nodiscard]] std::optional<media::PixelFormat> to_pixel_format(AVPixelFormat format);

/// The matrix that players assume where a stream does not say: BT.709 from 720 lines on.
[[nodiscard]] media::ColorMatrix guess_matrix(int width, int height);

/// What `frame` says of itself, the unsaid guessed.
[[nodiscard]] PictureLayout layout_of(const AVFrame& frame);
[[nodiscard]] PictureLayout layout_of(const media::Frame& frame);

/// Degrees clockwise, 0 to 359, that a display matrix turns a picture by; its mirroring is passed
/// over. 0 for none.
[[nodiscard]] int rotation_of(const int32_t* matrix);
/// As the picture itself says.
[[nodiscard]] int rotation_of(const AVFrame& frame);

/// Takes over the AVFrame's reference; its format must be one of media::Frame's.
[[nodiscard]] media::Frame share_as_frame(FramePtr frame);
/// A reference to the frame's pixels, which stay alive with it.
[[nodiscard]] FramePtr share_as_av(const media::Frame& frame);

/// Scales and converts pictures, keeping swscale's tables between pictures of one kind.
class PictureConverter {
 public:
  /// `source` in the layout `from` as a fresh picture in `to`. Errors: unsupported, internal.
  [[nodiscard]] Result<FramePtr> convert(const AVFrame& source, const PictureLayout& from,
                                         const PictureLayout& to);

 private:
  SwsPtr scaler_;
  PictureLayout from_, to_;
};

}  // namespace pasu::av
