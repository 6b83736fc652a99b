// What each camera of a benchmark plays: which GOPs of which clip, one after another.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "bench/camera_clip.h"

namespace pasu::bench {

struct CameraPlan {
  size_t clip = 0;
  /// After the common start it begins: cameras do not send in step.
  std::chrono::nanoseconds phase{0};
  std::vector<uint32_t> gops;
};

struct PlanOptions {
  size_t cameras = 1;
  /// The share of cameras before which somebody is, at any time; nothing: clips play as they are.
  std::optional<double> active;
  double seconds = 60;
  uint32_t seed = 1;
};

/// Cameras take the clips by turns and begin anywhere in them. With `active` a camera plays the
/// clip's stretches with people (and a GOP on either side) and between them the longest stretch
/// without, over and over, for as long as it takes. Errors: invalid_argument (a clip without people
/// for active > 0, one without an empty stretch for active < 1).
[[nodiscard]] Result<std::vector<CameraPlan>> make_plans(const PlanOptions& options,
                                                         const std::vector<CameraClip>& clips,
                                                         const std::vector<PresenceByGop>& people);

/// Everything that a feeding process has to know.
struct FeedPlan {
  std::vector<std::string> clips;  ///< Paths.
  std::vector<CameraPlan> cameras;
  int64_t start_ns = 0;  ///< Of the monotonic clock.
};
[[nodiscard]] std::string to_text(const FeedPlan& plan);
/// Errors: malformed.
[[nodiscard]] Result<FeedPlan> parse_feed_plan(std::string_view text);

/// "cam0007"
[[nodiscard]] std::string camera_name(size_t index);

}  // namespace pasu::bench
