// Whom the gate would miss on somebody's own cameras.
#pragma once

#include <atomic>
#include <functional>
#include <string>
#include <vector>

#include "base/result.h"
#include "bench/notes.h"
#include "node/config.h"

namespace pasu::bench {

struct ShadowOptions {
  node::ServerConfig config;
  std::vector<std::string> only;  ///< Cameras; empty: all that are analysed.
  double seconds = 600;
  double settle = 20;
};

struct ShadowCamera {
  std::string name;
  int person_seconds = 0, missed = 0;
  double awake_share = 0;
  double full_ms = 0, gated_ms = 0;  ///< CPU-ms a second, by the cameras' own account.
};
struct ShadowCost {
  std::vector<ShadowCamera> cameras;
  double analysed_share = 1;  ///< Of full analysis; less than 1: the machine could not keep up.
};

/// Watches the cameras of a configuration twice, every frame of them and through the gate, each
/// with a connection of its own; whatever server runs on them is left alone. Cameras that wait for
/// a publisher are left out. Errors: the model; not_found (no such camera, none left); cancelled.
[[nodiscard]] Result<ShadowCost> shadow_cameras(
    const ShadowOptions& options, const std::function<void(const std::string&)>& on_step,
    const std::atomic<bool>& stop);

/// What one camera's gated run missed of its full one, from `from` to `to`, at `fps` analysed
/// frames a second. A person-second is a second in which the full run saw a track in two frames; it
/// is missed where the gated one analysed less than half as many frames and told no box of theirs
/// (IoU 0.3) from a second before it to a second after.
[[nodiscard]] ShadowCamera compare_runs(std::vector<Told> full, std::vector<Told> gated,
                                        MonoTime from, MonoTime to);

}  // namespace pasu::bench
