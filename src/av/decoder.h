// Access units into frames, by libavcodec.
#pragma once

#include <memory>
#include <optional>

#include "base/result.h"
#include "media/access_unit.h"
#include "media/codec.h"
#include "media/frame.h"

namespace pasu::av {

struct DecoderOptions {
  int threads = 1;                ///< Frame threads add a frame of delay each; live cameras use 1.
  bool skip_loop_filter = false;  ///< 11-46 % cheaper, good enough for detection.
  bool low_delay = false;
};

/// One video stream's decoder. One thread at a time; frames may travel to others.
///
/// Frames come out in presentation order, in a format of media::PixelFormat (others are converted),
/// sharing the decoder's own buffers without a copy where the format allows. A resolution change
/// mid-stream simply gives frames of another size.
class VideoDecoder {
 public:
  /// Errors: unsupported (no decoder of that codec), malformed (bad extradata).
  [[nodiscard]] static Result<std::unique_ptr<VideoDecoder>> create(
      const media::StreamInfo& stream, const DecoderOptions& options = {});
  virtual ~VideoDecoder() = default;

  /// Feeds one access unit. An error concerns that unit alone: count it and go on. Pictures of more
  /// than 8192x8192 pixels are refused: too_large.
  [[nodiscard]] virtual Result<void> push(const media::AccessUnit& unit) = 0;
  /// No more units: what is buffered comes out by take().
  virtual void finish() = 0;
  /// Forgets everything, ready for a key frame after a seek or loss.
  virtual void flush() = 0;
  /// The next frame, or nothing until more is pushed. Call until nothing after each push().
  [[nodiscard]] virtual Result<std::optional<media::Frame>> take() = 0;
};

}  // namespace pasu::av
