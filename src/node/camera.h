// One camera, supervised: connect, watch, say how it is, connect again.
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "base/backoff.h"
#include "node/analyser.h"
#include "node/camera_streams.h"
#include "node/meter.h"
#include "node/node.h"
#include "node/source.h"
#include "node/streaming.h"
#include "node/sub_stream.h"
#include "node/timeline.h"

namespace pasu::node {

/// What all cameras of a node share. Everything in it outlives the cameras.
struct CameraContext {
  flow::Executor* workers = nullptr;
  Inference* inference = nullptr;  ///< Of cameras that are analysed.
  SourceFactory open_source;
  Governor* governor = nullptr;
  Streaming* streaming = nullptr;
  double inference_cpu_ms = 0;  ///< Of one frame, measured at start.
  std::shared_ptr<const std::vector<std::string>> labels;
  std::function<void(const Detections&)> on_detections;
  std::function<void(const CameraStatus&)> on_camera;  ///< The state changed.
};

/// Owns the camera's thread. Its trouble is its state; nothing here is an error to anybody else.
/// Thread-safe.
class Camera {
 public:
  Camera(CameraConfig config, const CameraContext& context);
  ~Camera();
  /// Makes stop() short; does not wait.
  void ask_to_stop();
  /// Ends the session and waits; no event comes after it. Idempotent.
  void stop();
  Camera(const Camera&) = delete;
  Camera& operator=(const Camera&) = delete;

  /// With the real credentials.
  [[nodiscard]] const CameraConfig& config() const { return config_; }
  [[nodiscard]] CameraStatus status();
  /// Once a second: notices what is degraded.
  void check_health();
  [[nodiscard]] Result<Bytes> frame_jpeg(bool boxes, int width);
  [[nodiscard]] Result<std::unique_ptr<hub::VideoReader>> watch();

 private:
  [[nodiscard]] bool is_published() const { return config_.url == kPublish; }
  [[nodiscard]] bool has_sub() const { return config_.fps > 0 && !config_.sub.empty(); }
  /// What is shown is not decoded as it comes.
  [[nodiscard]] bool is_passed_on() const { return config_.fps == 0 || has_sub(); }
  [[nodiscard]] std::unique_ptr<Analyser> make_analyser(double fps, bool shown);
  void supervise();
  [[nodiscard]] Result<std::unique_ptr<Source>> open_session();
  [[nodiscard]] bool is_watched();
  [[nodiscard]] Error run_session();
  [[nodiscard]] Result<size_t> begin(const hub::Tracks& tracks);
  void end_session();
  void wait_to_retry(const Error& error);
  void set_state(CameraState state, Why why, std::optional<UtcTime> retry_at = std::nullopt);
  /// As set_state(), where the camera shows pictures.
  void set_health(CameraState state, Why why);
  void tell();
  void on_analysis(Analysis analysis);
  void on_frame(const media::Frame& frame);
  void became_live();
  [[nodiscard]] Result<media::Frame> decode_newest();

  const CameraConfig config_;
  const CameraContext& context_;
  Meter meter_;
  const MonoTime start_ = system_clock().now();
  Timeline timeline_{start_};  // Camera thread, as is backoff_.
  Backoff backoff_;
  std::atomic<bool> backoff_reset_ = false;  // Set when the camera showed a picture.
  bool was_published_ = false;               // Camera thread.

  std::atomic<bool> stop_ = false;
  std::mutex mutex_;  // Guards what follows.
  std::condition_variable stopped_;
  CameraState state_;
  Why why_;
  UtcTime since_;
  std::optional<UtcTime> retry_at_;
  std::string codec_;
  int width_ = 0, height_ = 0;
  bool in_session_ = false;
  int people_ = 0;
  Analysis newest_;
  MonoTime live_since_{};

  int awake_ticks_ = 0, blind_ticks_ = 0;  // check_health() only.

  std::mutex events_mutex_;  // Held while the state is told, so that it is told in order.
  bool silent_ = false;

  std::mutex stop_mutex_;
  std::unique_ptr<CameraStreams> streams_;
  std::unique_ptr<Analyser> shown_;     // Of the stream that is shown.
  std::unique_ptr<Analyser> sub_eyes_;  // Of the sub-stream; null without one.
  Analyser* analyser_ = nullptr;        // The one of both that looks for people.
  std::unique_ptr<SubStream> sub_;
  std::thread thread_;
};

}  // namespace pasu::node
