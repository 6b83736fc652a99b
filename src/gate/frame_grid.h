// Which frames to take for so many a second.
#pragma once

#include <chrono>
#include <optional>

#include "media/pts.h"

namespace pasu::gate {

/// The grid keeps the rate exact where the source's is no multiple of it; after a gap it begins
/// anew. One thread at a time.
class FrameGrid {
 public:
  /// `fps` 0: every frame.
  explicit FrameGrid(double fps) { set_fps(fps); }

  /// From the next frame on.
  void set_fps(double fps) { period_ = media::Pts(fps > 0 ? static_cast<int64_t>(1e9 / fps) : 0); }

  /// Is the frame at `pts` one to take?
  [[nodiscard]] bool take(media::Pts pts) {
    // Half a millisecond of grace: 10 fps must not become 5 by rounding.
    if (due_ && pts + std::chrono::microseconds(500) < *due_) return false;
    due_ = due_ && pts - *due_ < period_ ? *due_ + period_ : pts + period_;
    return true;
  }
  void restart() { due_.reset(); }

 private:
  media::Pts period_{0};
  std::optional<media::Pts> due_;  // When the next frame should be taken.
};

}  // namespace pasu::gate
