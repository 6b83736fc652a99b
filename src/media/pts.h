// Presentation time: where a picture or sound stands in its stream.
#pragma once

#include <chrono>

namespace pasu::media {

/// Nanoseconds since the stream's own zero. Not wall-clock time, and not comparable between
/// streams. See docs/design/time.md.
using Pts = std::chrono::nanoseconds;

[[nodiscard]] inline double to_seconds(Pts pts) {
  return std::chrono::duration<double>(pts).count();
}

}  // namespace pasu::media
