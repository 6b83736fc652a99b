// What PictureReader asks of a codec: NAL units in, a picture out.
#pragma once

#include <memory>
#include <optional>

#include "base/bytes.h"
#include "base/result.h"
#include "bits/gop.h"
#include "bits/sequence.h"

namespace pasu::bits {

/// Learns parameter sets and gathers the slices of one access unit.
class UnitReader {
 public:
  virtual ~UnitReader() = default;

  /// The next NAL unit, of one byte or more. After an error the unit counts for nothing.
  virtual Result<void> take(ByteView nal) = 0;
  /// The access unit is over: its picture, all but the bytes, or nothing without a readable slice.
  virtual std::optional<Picture> finish() = 0;
  /// The parameter set of the last picture; nullptr before the first.
  [[nodiscard]] virtual const SequenceInfo* sequence() const = 0;
};

[[nodiscard]] std::unique_ptr<UnitReader> make_h264_reader();
[[nodiscard]] std::unique_ptr<UnitReader> make_h265_reader();

}  // namespace pasu::bits
