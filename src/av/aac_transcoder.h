// Sound of any codec into AAC-LC, by libavcodec and libswresample.
#pragma once

#include <memory>
#include <optional>

#include "base/result.h"
#include "media/access_unit.h"
#include "media/codec.h"

namespace pasu::av {

struct AacOptions {
  int64_t bit_rate = 128'000;  ///< bits/s
};

/// One track. One thread at a time. Times are kept: a gap of the source becomes silence, what
/// overlaps is cut. More than two channels are mixed down to two.
class AacTranscoder {
 public:
  /// A source that is more than this away from where its samples would put it is followed.
  static constexpr media::Pts kDriftMax = std::chrono::milliseconds(60);

  /// Errors: unsupported (no decoder of that codec), malformed (bad extradata).
  [[nodiscard]] static Result<std::unique_ptr<AacTranscoder>> create(
      const media::StreamInfo& source, const AacOptions& options = {});
  virtual ~AacTranscoder() = default;

  /// AAC with its AudioSpecificConfig in extradata.
  [[nodiscard]] virtual const media::StreamInfo& stream() const = 0;
  /// An error concerns that unit alone.
  [[nodiscard]] virtual Result<void> push(const media::AccessUnit& unit) = 0;
  /// No more units: the rest comes out by take().
  virtual void finish() = 0;
  /// A raw AAC frame, or nothing until more is pushed.
  [[nodiscard]] virtual Result<std::optional<media::AccessUnit>> take() = 0;
};

}  // namespace pasu::av
