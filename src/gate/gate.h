// What of a camera's stream is worth decoding, and which frames the detector's time.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>

#include "base/clock.h"
#include "gate/motion.h"
#include "media/frame.h"
#include "media/pts.h"

namespace pasu::gate {

struct GateOptions {
  double fps = 5;  ///< Frames analysed a second while awake.
  /// Asleep, so often a key frame is analysed all the same, for somebody who stands still. 0:
  /// never.
  std::chrono::nanoseconds heartbeat = std::chrono::seconds(4);
  /// Awake at least so long, but for nobody_max without anybody only.
  std::chrono::nanoseconds awake_min = std::chrono::seconds(2);
  std::chrono::nanoseconds nobody_max = std::chrono::seconds(6);
  /// Awake until nobody was seen, and nothing moved, for so long.
  std::chrono::nanoseconds quiet = std::chrono::seconds(4);
  std::chrono::nanoseconds still = std::chrono::milliseconds(1500);
  /// Key frames further apart are too rare to watch by: everything is decoded, and a frame
  /// compared every so often.
  std::chrono::nanoseconds key_frames_apart_max = std::chrono::seconds(2);
  std::chrono::nanoseconds compare_every = std::chrono::milliseconds(450);
  /// Woken by movement, the GOP before is decoded too: whoever came in since its key frame is seen.
  bool look_back = true;
  MotionOptions motion{};
};

/// What a server that is too busy asks of a camera that is awake.
enum class Thrift {
  none,
  nobody,  ///< Where nobody has been seen of late, only key frames are decoded.
  all,     ///< Everywhere.
};

/// Why a camera is awake, or asleep.
enum class Cause {
  started,        ///< Asleep: the stream has just begun, nothing has been looked at.
  motion,         ///< Awake: something moved.
  heartbeat,      ///< Awake: somebody was seen in a frame that was looked at now and then.
  scene_changed,  ///< Awake: the picture became another.
  person,         ///< Awake: somebody is there.
  quiet,          ///< Asleep: nobody is there and nothing moves.
  nobody,         ///< Asleep: something moves, but nobody was seen.
};
[[nodiscard]] const char* to_string(Cause cause);

/// What to do with a unit. Units come in decoding order.
enum class Action {
  skip,    ///< Nothing. Keep it in HeldUnits.
  alone,   ///< Flush the decoder, decode this unit, drain: one frame for on_frame(). Keep it.
  follow,  ///< Decode it as it comes.
};
/// What must be decoded again before what follows, into a flushed decoder, each frame for
/// on_frame(). The newest unit is its last.
enum class Replay {
  none,
  running,        ///< HeldUnits::running().
  with_previous,  ///< HeldUnits::with_previous().
};

struct UnitStep {
  Action action = Action::skip;
  /// Where not none, instead of decoding the unit by itself.
  Replay replay = Replay::none;
};
struct FrameStep {
  bool analyse = false;
  Replay replay = Replay::none;  ///< The camera woke.
};

/// What the detector found in a frame that was to be analysed.
struct Sighting {
  /// Of the best person, as a part of the operating threshold; 0: none at any score.
  float score = 0;
  /// The tracker follows somebody who was seen in this very frame.
  bool tracked = false;
};

/// What was decided so far.
struct GateCounters {
  uint64_t units = 0, skipped = 0, alone = 0, followed = 0;
  uint64_t compared = 0, still = 0, moved = 0, scene_changes = 0, shaken = 0, light = 0;
  uint64_t damaged = 0;  ///< Frames not compared, since the decoder had to guess.
  uint64_t analysed = 0, heartbeats = 0;
  uint64_t wakes_motion = 0, wakes_heartbeat = 0, wakes_scene = 0;
  uint64_t wakes_nobody = 0;  ///< Of these, how often nobody was seen.
  uint64_t replays = 0;
};

/// One camera's state machine: no decoder, detector, clock or thread of its own. All calls in the
/// order of what they tell, on one thread at a time. `now` may be any clock that never goes back;
/// pts are the stream's.
///
/// Asleep it asks for key frames alone and compares them; so it begins, as many cameras may begin
/// at once. Awake it asks for everything, and for `fps` frames a second to be analysed. How a
/// caller follows it: docs/design/gate.md.
class Gate {
 public:
  explicit Gate(const GateOptions& options = {});
  ~Gate();

  /// A new session, or another stream. The first key frame is analysed.
  void begin(MonoTime now);
  /// Holds until it is called again. `fps`: frames analysed a second, awake.
  void limit(double fps, Thrift thrift);
  /// Much of what moves before a camera in its first half minute is its noise. True: the detector
  /// has to see somebody in such a picture before the camera wakes. Whoever just comes in may be
  /// seen a second later, so it is for servers that hundreds of cameras come to at once.
  void be_wary(bool wary);
  [[nodiscard]] UnitStep on_unit(media::Pts pts, bool key, MonoTime now);
  /// Each frame that the decoder gave for units the gate asked for.
  [[nodiscard]] FrameStep on_frame(const media::Frame& frame, MonoTime now);
  /// The detector's answer for a frame that was to be analysed; not for one it failed on.
  [[nodiscard]] Replay on_result(media::Pts pts, const Sighting& sighting, MonoTime now);

  [[nodiscard]] bool awake() const;
  [[nodiscard]] Cause cause() const;
  /// For operators: "asleep: nothing moves", "awake: something moved at 0.41, 0.52 ...".
  [[nodiscard]] std::string why() const;
  /// Everything is decoded because key frames are too rare.
  [[nodiscard]] bool has_long_gop() const;
  /// Says so, for operators; else empty.
  [[nodiscard]] std::string long_gop() const;
  [[nodiscard]] const GateCounters& counters() const;
  [[nodiscard]] const Movement& last_movement() const;
  [[nodiscard]] float noise() const;  ///< Motion::mean_threshold().

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace pasu::gate
