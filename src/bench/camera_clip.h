// A clip as a camera would send it: GOP by GOP, and who is in each.
#pragma once

#include <atomic>
#include <string>
#include <vector>

#include "base/result.h"
#include "detect/detector.h"
#include "geom/box.h"
#include "media/access_unit.h"
#include "media/codec.h"

namespace pasu::bench {

/// Its video in memory.
struct CameraClip {
  std::string path;
  media::StreamInfo video;
  double fps = 0;
  /// Each begins with a key frame; times count from that.
  std::vector<std::vector<media::AccessUnit>> gops;

  /// Of all GOPs.
  [[nodiscard]] size_t units() const;

  /// Errors: those of the demuxer; unsupported (no video, no key frame, no frame rate).
  [[nodiscard]] static Result<CameraClip> load(const std::string& path,
                                               const std::atomic<bool>& stop);
};

/// Somebody whom full analysis followed through a GOP.
struct Presence {
  uint32_t track = 0;
  size_t first = 0;  ///< The frame of the GOP in which they are seen first.
  size_t frames = 0;
  std::vector<geom::Box> boxes;
};
/// Of each GOP, who is in it.
using PresenceByGop = std::vector<std::vector<Presence>>;

/// Every frame decoded in full, detected and tracked. Somebody counts where seen in two fifths of a
/// GOP's frames. Errors: the decoder; the detector; cancelled.
[[nodiscard]] Result<PresenceByGop> find_people(const CameraClip& clip, detect::Detector& detector,
                                                float threshold, const std::atomic<bool>& stop);

}  // namespace pasu::bench
