// How many cameras a server takes, and whom it misses: N cameras of real clips through a whole
// node.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"

namespace pasu::bench {

enum class FeedTransport { rtsp, memory };

struct CamerasLoad {
  size_t cameras = 16;
  std::vector<std::string> clips;
  /// The share of cameras before which somebody is, at any time; nothing: clips as they are.
  std::optional<double> active;
  double seconds = 60;  ///< Measured, after `settle`.
  double settle = 20;   ///< Once all are connected, until they know their scene and sleep.
  FeedTransport transport = FeedTransport::rtsp;
  std::string model = "person";
  int model_width = 0, model_height = 0;
  double fps = 5;      ///< Frames analysed a second, awake.
  bool sleeps = true;  ///< False: every frame is decoded.
  uint32_t seed = 1;
};

struct Spread {
  size_t count = 0;
  double p50 = 0, p95 = 0, p99 = 0;
};

struct CamerasCost {
  size_t cameras = 0;
  double seconds = 0;     ///< Measured.
  double connect_s = 0;   ///< Until all showed pictures.
  double cores = 0;       ///< In use by the server alone.
  double feed_cores = 0;  ///< By the cameras' process; 0 in memory, where it is in `cores`.
  double rss_mb = 0;      ///< Of the server, at the end.
  double source_fps = 0, analysed_fps = 0;  ///< A camera, mean.
  double awake_share = 0;                   ///< Of cameras, mean over the time.
  double analysed_share = 1;  ///< Of each camera's frames, what the server had time for, mean.
  double thrifty_share = 0;   ///< Of the time, when only key frames of some cameras were decoded.
  Spread wake_ms;             ///< From somebody's first frame to the first boxes of that camera.
  Spread boxes_ms;            ///< From a frame's sending to its boxes, while awake.
  std::map<std::string, uint64_t> drops;  ///< By cause.
  int person_seconds = 0, missed = 0;     ///< By full analysis; not by the server.
  int not_connected = 0;                  ///< Cameras that never showed a picture.
  [[nodiscard]] double miss_rate() const {
    return person_seconds > 0 ? static_cast<double>(missed) / person_seconds : 0;
  }
};

/// `on_step` is told what happens now. Errors: the clips; the model; unavailable (the cameras'
/// process ended); cancelled.
[[nodiscard]] Result<CamerasCost> bench_cameras(
    const CamerasLoad& load, const std::function<void(const std::string&)>& on_step,
    const std::atomic<bool>& stop);

}  // namespace pasu::bench
