// Detections of one camera's frames into tracks: the same id for the same person from frame to
// frame.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "geom/detection.h"
#include "media/pts.h"

namespace pasu::track {

struct Track {
  uint32_t id = 0;       ///< From 1, never reused within a Tracker.
  geom::Box box;         ///< Source pixels, filtered.
  float vx = 0, vy = 0;  ///< Of the box's centre, pixels per second.
  float score = 0;       ///< Of the last matched detection.
  int label = 0;
  bool seen = false;    ///< Matched by a detection in this very frame; false = predicted.
  media::Pts first{0};  ///< When the track began.
  media::Pts last{0};   ///< When it was last seen.
};

struct TrackerOptions {
  float high = 0.5f;  ///< Detections from here on are associated first and may begin tracks.
  float low = 0.1f;   ///< Detections from here to `high` may only continue tracks.
  float iou_high = 0.2f, iou_low = 0.4f;  ///< IoU with the prediction at least, by stage.
  int confirm_hits = 2;                   ///< Detections before a track is reported.
  media::Pts lost_max =
      std::chrono::milliseconds(2000);  ///< A hidden person keeps the id this long.
  size_t tracks_max = 300;
};

/// Constant-velocity Kalman filter on (cx, cy, aspect, height) and two-stage association
/// (ByteTrack: Zhang et al., ECCV 2022). One thread at a time. No allocation per frame once warm.
class Tracker {
 public:
  explicit Tracker(const TrackerOptions& options = {});
  ~Tracker();
  Tracker(Tracker&&) noexcept;

  /// Takes one frame's detections (of any score from `low` up; labels never mix). `pts` grows from
  /// call to call; a jump back or beyond lost_max starts anew with fresh ids. The confirmed tracks,
  /// seen or shortly predicted, stay valid until the next call.
  std::span<const Track> update(std::span<const geom::Detection> detections, media::Pts pts);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace pasu::track
