// The cameras of a benchmark: an RTSP server in a process of its own, or sources in the same one.
#pragma once

#include <atomic>
#include <functional>
#include <string>
#include <vector>

#include "base/result.h"
#include "bench/camera_plan.h"
#include "node/source.h"

namespace pasu::bench {

/// Serves rtsp://127.0.0.1:PORT/cam0000 and so on until `stop` or the plan's end; `on_port` is told
/// the port. Errors: the clips; the port.
[[nodiscard]] Result<void> feed_cameras(const FeedPlan& plan,
                                        const std::function<void(int)>& on_port,
                                        const std::atomic<bool>& stop);

/// Opens "memory:cam0000" as the feed above would have it. `plan` and `clips` outlive the sources.
[[nodiscard]] node::SourceFactory memory_cameras(const FeedPlan& plan,
                                                 const std::vector<CameraClip>& clips);

}  // namespace pasu::bench
