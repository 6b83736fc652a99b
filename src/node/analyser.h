// One camera's pictures to tracks: wake or sleep, decode, choose frames, detect, follow.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "av/decoder.h"
#include "flow/executor.h"
#include "gate/closer_look.h"
#include "gate/frame_grid.h"
#include "media/codec.h"
#include "node/gated_video.h"
#include "node/governor.h"
#include "node/inference.h"
#include "node/live_view.h"
#include "node/meter.h"
#include "track/tracker.h"

namespace pasu::node {

/// What one analysed frame showed.
struct Analysis {
  media::Frame frame;
  std::vector<track::Track> tracks;
  MonoTime arrival{};     ///< Of the frame's unit.
  bool replayed = false;  ///< Of the time before the camera woke.
};

/// Whether a camera is awake, for operators.
struct Wakefulness {
  bool awake = true;
  std::optional<gate::Cause> cause;  ///< Nothing where every frame is wanted.
  std::string why;                   ///< A sentence; empty where there is no cause.
  std::string long_gop;  ///< What its key frames cost; empty where they come often enough.
  gate::GateCounters counters;
};

/// Takes units on the source's thread, works on the camera's strand, answers there too.
class Analyser {
 public:
  /// Units waiting to be decoded; beyond either the camera skips to its next key frame.
  static constexpr size_t kBacklogUnitsMax = 60;
  static constexpr size_t kBacklogBytesMax = 8u << 20;
  /// What came in may wait so long for the detector to see each frame of the time before a wake;
  /// then the newest frame goes first.
  static constexpr std::chrono::milliseconds kCatchUpMax{1500};
  /// A sleeping camera's units wait for its next key frame, so many at most.
  static constexpr size_t kDozeUnitsMax = 30;

  struct Options {
    /// Frames analysed a second. 0: none, and nothing is decoded but what somebody watches.
    double fps = 5;
    float threshold = 0.3f;
    /// While nothing happens only key frames are decoded: gate::Gate.
    bool sleeps = true;
    /// Parts of a large picture that are looked at closer, for each analysed frame.
    int closer_looks = 1;
  };
  struct Events {
    std::function<void(Analysis)> on_analysis;
    std::function<void(const media::Frame&)> on_frame;  ///< Every decoded frame, some twice.
    /// Whether on_frame is of any use now; asked before each unit, on the strand.
    std::function<bool()> wants_frames;
  };

  /// `inference` may be null where fps is 0.
  Analyser(const Options& options, flow::Executor& workers, Inference* inference,
           Governor& governor, Meter& meter, Events events);
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
  /// Thread-safe.
  [[nodiscard]] Wakefulness wakefulness() const;
  /// Of what comes in only key frames are worth somebody's waking. Thread-safe.
  [[nodiscard]] bool dozes() const { return dozes_; }

 private:
  struct Arrived {
    media::AccessUnit unit;
    MonoTime arrival{};
    std::optional<media::StreamInfo> begins;  ///< No unit, but a new session.
  };
  void take_arrived();
  void begin_session(const media::StreamInfo& stream);
  void take(const Arrived& one);
  [[nodiscard]] bool is_all_wanted();
  void decode_all(const Arrived& one);
  [[nodiscard]] bool prepare_decoder(const media::AccessUnit& unit);
  void work_on_gated();
  [[nodiscard]] std::vector<geom::Box> parts_of(const media::Frame& frame);
  void look_at(GatedVideo::Look look);
  void on_detections(Result<std::vector<geom::Detection>> detections, GatedVideo::Look look);
  [[nodiscard]] gate::Sighting sighting_in(std::span<const geom::Detection> detections,
                                           std::span<const track::Track> tracks) const;
  void obey_governor();
  void tell_governor(std::chrono::nanoseconds waited);
  void tell_wakefulness(MonoTime now);

  const Options options_;
  Inference* const inference_;
  Governor& governor_;
  Meter& meter_;
  const Events events_;
  LiveView live_;
  flow::Strand strand_;
  std::optional<Inference::Lane> lane_;

  std::atomic<size_t> backlog_units_ = 0;
  std::atomic<size_t> backlog_bytes_ = 0;
  bool skipping_ = false;            // Source thread: until the next key frame.
  std::atomic<bool> dozes_ = false;  // Only its key frames are worth waking a worker for.

  mutable std::mutex mutex_;  // Guards what follows.
  std::vector<Arrived> arrived_;
  bool taking_ = false;  // take_arrived() is posted.
  Wakefulness wakefulness_;

  // Strand:
  media::StreamInfo stream_;
  std::unique_ptr<av::VideoDecoder> decoder_;  // Of all frames; null while nobody wants them.
  gate::FrameGrid grid_;
  Governor::Limits limits_;
  MonoTime settled_{};     // From when on it tells the governor.
  bool somebody_ = false;  // In the newest analysed frame.
  GatedVideo gated_;
  bool is_gated_ = false;  // Else all frames are wanted, or none.
  int under_way_ = 0;      // Frames the detector has, or will have.
  bool resting_ = false;   // work_on_gated() is posted again.
  std::optional<MonoTime> told_at_;
  track::Tracker tracker_;
  gate::CloserLook closer_look_;
  std::vector<geom::Box> people_;  // In the newest analysed frame.
};

}  // namespace pasu::node
