// What a server told of cameras whose pictures are known: how late, and whom it missed.
#pragma once

#include <string>
#include <vector>

#include "bench/camera_plan.h"
#include "bench/cameras_bench.h"
#include "bench/notes.h"

namespace pasu::bench {

/// A camera's clip, who is in it, and what it plays.
struct Played {
  const CameraClip* clip = nullptr;
  const PresenceByGop* people = nullptr;
  const CameraPlan* plan = nullptr;
  MonoTime start{};  ///< Without the phase.
};

/// What one camera adds to the cost.
struct Score {
  int person_seconds = 0, missed = 0;
  std::vector<double> wake_ms, boxes_ms;
};

/// Of what was played from `from` to `to`, in whole GOPs. `fps`: frames the server was to analyse a
/// second. Somebody is missed in a GOP of which less than half as many frames were analysed, where
/// none of the boxes told is theirs (IoU 0.3). Which frame a told one was is known by when it was
/// sent: the server's delay is at most half a frame where it is least.
[[nodiscard]] Score score_camera(const Played& played, std::vector<Told> told, double fps,
                                 MonoTime from, MonoTime to);

[[nodiscard]] Spread spread_of(std::vector<double> samples);

}  // namespace pasu::bench
