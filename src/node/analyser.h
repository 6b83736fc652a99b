// One camera's pictures to tracks: decode, choose which frames to look at, detect, follow.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "av/decoder.h"
#include "flow/executor.h"
#include "gate/frame_grid.h"
#include "media/codec.h"
#include "node/inference.h"
#include "node/live_view.h"
#include "node/meter.h"
#include "track/tracker.h"

namespace pasu::node {

/// What one analysed frame showed.
struct Analysis {
  media::Frame frame;
  std::vector<track::Track> tracks;
  MonoTime arrival{};  ///< Of the frame's unit.
};

/// Takes units on the source's thread, works on the camera's strand, answers there too.
class Analyser {
 public:
  /// Units waiting to be decoded; beyond either the camera skips to its next key frame.
  static constexpr size_t kBacklogUnitsMax = 60;
  static constexpr size_t kBacklogBytesMax = 8u << 20;

  struct Options {
    /// Frames analysed a second. 0: none, and nothing is decoded but what somebody watches.
    double fps = 5;
    float threshold = 0.3f;
  };
  struct Events {
    std::function<void(Analysis)> on_analysis;
    std::function<void(const media::Frame&)> on_frame;  ///< Every decoded frame.
    /// Whether on_frame is of any use now; asked before each unit, on the strand.
    std::function<bool()> wants_frames;
  };

  /// `inference` may be null where fps is 0.
  Analyser(const Options& options, flow::Executor& workers, Inference* inference, Meter& meter,
           Events events);
  ~Analyser() { stop(); }
  /// Waits for what is under way; no event comes after it. Nothing may be pushed any more.
  void stop();

  /// A new session. Errors: unsupported codec.
  [[nodiscard]] Result<void> begin(const media::StreamInfo& stream);
  /// Never blocks; `unit` is on the camera's timeline.
  void push(media::AccessUnit unit);
  /// The session is over: blocks until everything pushed so far has been decoded.
  void end();

  [[nodiscard]] LiveView& live() { return live_; }

 private:
  void decode(const media::AccessUnit& unit, MonoTime arrival);
  [[nodiscard]] bool prepare_decoder(const media::AccessUnit& unit);
  void look_at(const media::Frame& frame, MonoTime arrival);
  void on_detections(Result<std::vector<geom::Detection>> detections, media::Frame frame,
                     MonoTime arrival);

  const Options options_;
  Meter& meter_;
  const Events events_;
  LiveView live_;
  flow::Strand strand_;
  std::optional<Inference::Lane> lane_;

  std::atomic<size_t> backlog_units_ = 0;
  std::atomic<size_t> backlog_bytes_ = 0;
  bool skipping_ = false;  // Source thread: until the next key frame.

  // Strand:
  media::StreamInfo stream_;
  std::unique_ptr<av::VideoDecoder> decoder_;  // Null while nobody wants frames.
  gate::FrameGrid grid_;
  track::Tracker tracker_;
};

}  // namespace pasu::node
