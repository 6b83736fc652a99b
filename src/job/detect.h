// Offline detection: videos, pictures and streams in; boxes as JSON lines and drawn out.
#pragma once

#include <atomic>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "detect/detector.h"
#include "job/inputs.h"
#include "job/json_lines.h"
#include "job/progress.h"
#include "net/client.h"

namespace pasu::job {

/// What all tasks of a run share.
struct Session {
  detect::Detector& detector;  ///< Should answer with scores from 0.4 * threshold on.
  float threshold = 0.5f;      ///< Boxes scored lower are not reported.
  /// Analysed frames a second; 0: every frame of a file, kLiveFps of a stream.
  double fps = 0;
  net::PullOptions pull{};     ///< For RTSP and RTMP.
  JsonLines* lines = nullptr;  ///< Borrowed; null: none wanted.
  /// Hears of each picture's boxes, in the order of the tasks; not of videos'.
  std::function<void(const FrameBoxes&)> on_picture{};
  Progress& progress;
  const std::atomic<bool>& stop;  ///< Set from anywhere: what is under way is finished and kept.

  static constexpr double kLiveFps = 5;
};

/// What became of one input.
struct Outcome {
  std::string input;   ///< Without credentials.
  std::string output;  ///< Written and whole; empty: none.
  uint64_t frames = 0, analysed = 0, boxes = 0, tracks = 0;
  uint64_t damaged = 0;  ///< Parts the decoder could make nothing of.
  double seconds = 0;
  bool cut = false;                ///< Stopped on request; what was done is kept.
  std::optional<Error> error;      ///< What was done before it is kept, if anything was.
  std::vector<std::string> notes;  ///< Worth telling, no failure.
  bool fatal = false;              ///< The error would meet every further task as well.
};

/// Runs the tasks one after another, pictures standing together as one row, and tells what became
/// of each. Stops early on `session.stop` and on a fatal outcome.
void run(std::span<const Task> tasks, const Session& session,
         const std::function<void(const Outcome&)>& on_outcome);

}  // namespace pasu::job
