// The analysis of one source's frames, in order: the detector's answers, ids, what is reported.
#pragma once

#include <future>
#include <optional>
#include <span>
#include <vector>

#include "detect/detector.h"
#include "draw/overlay.h"
#include "job/json_lines.h"
#include "track/tracker.h"

namespace pasu::job::detail {

using Found = Result<std::vector<geom::Detection>>;

/// Hands `frame` to the detector; several may be under way, each with its own answer.
[[nodiscard]] std::future<Found> begin_detection(detect::Detector& detector, media::Frame frame);

/// Which frames are analysed at `fps` frames a second; all of them at 0.
class Sampler {
 public:
  explicit Sampler(double fps);
  [[nodiscard]] bool is_due(media::Pts pts);

 private:
  std::optional<media::Pts> period_, due_;
};

/// Something reported in the last analysed frame.
struct Shown {
  FrameBoxes::One found;
  float vx = 0, vy = 0;  ///< Of the box, this frame's pixels a second.
};

/// One thread at a time.
class Analysis {
 public:
  struct Options {
    float threshold = 0.5f;  ///< Lower scores only keep tracks going; they are not reported.
    double fps = 0;          ///< Analysed frames a second; 0: unknown.
    bool tracked = true;     ///< False for pictures that are no sequence.
  };
  Analysis(const detect::DetectorInfo& detector, const Options& options);

  /// Takes the detections of a frame of `size` and gives what is reported. Where the size changes
  /// on the way, tracks go on as if the new frames were the first one's picture scaled.
  std::span<const Shown> update(std::span<const geom::Detection> detections, geom::Size size,
                                media::Pts pts);

  /// What was last reported, moved on to `pts`, for drawing.
  [[nodiscard]] std::span<const draw::Mark> marks_at(media::Pts pts);
  [[nodiscard]] uint32_t tracks() const { return tracks_; }

 private:
  const std::vector<std::string> labels_;
  const Options options_;
  track::Tracker tracker_;
  geom::Size first_size_;
  media::Pts last_pts_{0};
  uint32_t tracks_ = 0;
  std::vector<geom::Detection> scaled_;
  std::vector<const track::Track*> track_of_;  // By detection.
  std::vector<Shown> shown_;
  std::vector<draw::Mark> marks_;
};

}  // namespace pasu::job::detail
