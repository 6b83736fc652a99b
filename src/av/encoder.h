// Frames into H.264 and JPEG, by libavcodec.
#pragma once

#include <memory>
#include <optional>

#include "base/result.h"
#include "media/access_unit.h"
#include "media/codec.h"
#include "media/frame.h"

namespace pasu::av {

struct H264EncoderOptions {
  int width = 0, height = 0;  ///< Odd sizes are cropped to even ones.
  double frame_rate = 25;     ///< For rate control only; the pts of the frames rule.
  int crf = 23;
  int64_t bit_rate_max = 0;  ///< bits/s; 0: crf alone.
  int gop = 50;              ///< Frames between key frames at most.
  bool live = false;         ///< ultrafast, zero latency, no B frames; otherwise veryfast.
  int threads = 0;           ///< 0: one a core.
  /// How the frames' samples are to be read; written into the stream. Frames of another kind are
  /// converted, which costs time: set both as the frames have them.
  std::optional<media::ColorMatrix> matrix = std::nullopt;  ///< Unset: BT.709 from 720 lines on.
  bool full_range = false;
};

/// One thread at a time. Output is length-prefixed with an avcC in stream().extradata.
class H264Encoder {
 public:
  [[nodiscard]] static Result<std::unique_ptr<H264Encoder>> create(
      const H264EncoderOptions& options);
  virtual ~H264Encoder() = default;
  [[nodiscard]] virtual const media::StreamInfo& stream() const = 0;
  /// Frames of another size or format than the encoder's are scaled or converted.
  /// An error concerns that frame alone: invalid_argument where its pts is not after the last
  /// one's.
  [[nodiscard]] virtual Result<void> push(const media::Frame& frame, bool force_key = false) = 0;
  virtual void finish() = 0;
  [[nodiscard]] virtual Result<std::optional<media::AccessUnit>> take() = 0;
};

/// A whole JPEG file of `frame`, scaled to `width` (keeping its shape) where that is not 0.
/// `quality` 1 to 100. Thread-safe.
[[nodiscard]] Result<Bytes> encode_jpeg(const media::Frame& frame, int quality = 85, int width = 0);

}  // namespace pasu::av
