// One camera of a benchmark: its units, and when each is due.
#pragma once

#include <chrono>
#include <optional>

#include "base/clock.h"
#include "bench/camera_plan.h"

namespace pasu::bench {

/// Goes through a plan. `clip` outlives it.
class CameraPlayer {
 public:
  CameraPlayer(const CameraClip& clip, const CameraPlan& plan, MonoTime start)
      : clip_(&clip), plan_(&plan), start_(start + plan.phase) {}

  /// When next() is to be sent; nothing at the plan's end.
  [[nodiscard]] std::optional<MonoTime> due() const {
    if (gop_ >= plan_->gops.size()) return std::nullopt;
    return start_ + time_of(sent_);
  }
  /// The next unit in decoding order, its times those of the plan.
  [[nodiscard]] media::AccessUnit next() {
    const auto& gop = clip_->gops[plan_->gops[gop_]];
    media::AccessUnit out = gop[unit_];
    out.pts += time_of(gop_start_);
    out.dts += time_of(gop_start_);
    ++sent_;
    if (++unit_ == gop.size()) {
      unit_ = 0;
      ++gop_;
      gop_start_ = sent_;
    }
    return out;
  }
  /// From the plan's start to its frame of that number.
  [[nodiscard]] media::Pts time_of(size_t frame) const {
    return media::Pts(static_cast<int64_t>(1e9 * static_cast<double>(frame) / clip_->fps));
  }

 private:
  const CameraClip* clip_;
  const CameraPlan* plan_;
  MonoTime start_;
  size_t gop_ = 0, unit_ = 0;
  size_t sent_ = 0, gop_start_ = 0;  // Frames.
};

}  // namespace pasu::bench
