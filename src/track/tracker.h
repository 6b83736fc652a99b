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
  geom::Box box;         ///< Source pixels, filtered. May reach beyond the picture.
  float vx = 0, vy = 0;  ///< Of the box's centre, pixels per second.
  float score = 0;       ///< Of the last matched detection.
  int label = 0;
  bool seen = false;    ///< Matched by a detection in this very frame; false = predicted.
  int detection = -1;   ///< Where seen: that detection's place in update()'s argument. Else -1.
  media::Pts first{0};  ///< When the track began.
  media::Pts last{0};   ///< When it was last seen.
};

/// `box` of a track, moved on by its speed for `ahead` (for frames between analysed ones).
[[nodiscard]] inline geom::Box extrapolate(const Track& track, media::Pts ahead) {
  const auto seconds = static_cast<float>(media::to_seconds(ahead));
  return {track.box.x + track.vx * seconds, track.box.y + track.vy * seconds, track.box.w,
          track.box.h};
}

struct TrackerOptions {
  /// Detections from here on are associated first, and may begin tracks where they do not lie
  /// mostly inside a track's box or around it.
  float high = 0.5f;
  /// Detections from here to `high` may only continue tracks, and for no longer than lost_max.
  float low = 0.35f;
  /// IoU with the prediction that is enough, by stage. In the first stage a nearby box of like
  /// size is enough too, where "near" grows with the time since the track was last seen.
  float iou_high = 0.2f, iou_low = 0.4f;
  int confirm_hits = 2;  ///< Detections before a track is reported.
  media::Pts lost_max =
      std::chrono::milliseconds(2000);  ///< A hidden person keeps the id this long.
  media::Pts predict_max =
      std::chrono::milliseconds(500);  ///< A track not seen for longer is kept but not reported.
  size_t tracks_max = 300;             ///< Kept at once; further people wait for a free place.
};

/// Options for a detector whose operating threshold is `threshold`: `high` there, `low` at 0.7 of
/// it, and patience for at least two and a half frames at `fps` analysed frames a second (0:
/// unknown).
[[nodiscard]] TrackerOptions options_for(float threshold, double fps);

/// Kalman filters of constant velocity on the box's centre, drifting width and height, and
/// two-stage association (ByteTrack: Zhang et al., ECCV 2022). Frames may come at any and changing
/// intervals. One thread at a time. No allocation per frame once warm.
class Tracker {
 public:
  /// Of more detections in one frame, only so many of the highest scores are looked at.
  static constexpr size_t kDetectionsMax = 512;

  explicit Tracker(const TrackerOptions& options = {});
  ~Tracker();
  Tracker(Tracker&&) noexcept;
  Tracker& operator=(Tracker&&) noexcept;

  /// Takes one frame's detections (of any score from `low` up; labels never mix). Boxes that are
  /// not finite, empty or beyond a million pixels are ignored. `pts` grows from call to call; a
  /// jump back or beyond lost_max starts anew with fresh ids. The confirmed tracks, seen or shortly
  /// predicted, in rising order of id, stay valid until the next call.
  std::span<const Track> update(std::span<const geom::Detection> detections, media::Pts pts);

  /// Boxes ignored so far: not finite, empty, too large, or over kDetectionsMax or tracks_max.
  [[nodiscard]] uint64_t refused() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace pasu::track
