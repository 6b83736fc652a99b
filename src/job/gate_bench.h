// What the gate saves and whom it misses: clips analysed in full and through the gate.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "detect/detector.h"
#include "gate/gate.h"

namespace pasu::job {

/// Somebody that full analysis followed for a second of the clip, and the gated run did not.
struct MissedSecond {
  int second = 0;
  uint32_t track = 0;
  geom::Box box;  ///< In it, of the clip's pixels.
};

/// One clip.
struct GateCost {
  std::string clip;
  double seconds = 0;  ///< Of the clip.
  /// Of each person, the seconds in which full analysis saw them in two frames or more.
  int person_seconds = 0;
  /// Those of which the gated run analysed less than half as many frames as full analysis did, and
  /// had no track there either.
  std::vector<MissedSecond> missed;
  double awake_share = 0;      ///< Of the clip's time.
  double empty_share = 0;      ///< Of the clip's time, without anybody by full analysis.
  double empty_awake = 0;      ///< Of that, the share awake.
  double full_cpu_ms = 0;      ///< User and system time of the process, a second of the clip.
  double gated_cpu_ms = 0;     ///< The same.
  uint64_t full_analysed = 0;  ///< Frames.
  gate::GateCounters counters;

  [[nodiscard]] double miss_rate() const {
    return person_seconds > 0 ? static_cast<double>(missed.size()) / person_seconds : 0;
  }
  /// Wakes that found nobody, a minute.
  [[nodiscard]] double false_wakes() const {
    return seconds > 0 ? 60 * static_cast<double>(counters.wakes_nobody) / seconds : 0;
  }
};

struct GateBenchOptions {
  gate::GateOptions gate{};
  float threshold = 0;  ///< 0: the model's own.
};

/// Goes through the clip twice on this thread, each frame in its turn: every frame decoded in full
/// and `gate.fps` of them analysed a second; then through the gate, without the loop filter. The
/// gate's clock is the clip's. Errors: those of the demuxer and decoder; cancelled.
[[nodiscard]] Result<GateCost> bench_gate(const std::string& clip, detect::Detector& detector,
                                          const GateBenchOptions& options,
                                          const std::atomic<bool>& stop);

}  // namespace pasu::job
