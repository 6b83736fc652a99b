#include "gate/gate.h"

#include <algorithm>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "gate/frame_grid.h"
#include "gate/gop_watch.h"
#include "pixel/small_luma.h"

namespace pasu::gate {
namespace {

using Kind = Movement::Kind;
using std::chrono::nanoseconds;

// Asleep, of cameras that send many key frames, so many are looked at.
constexpr media::Pts kKeyFramesApartMin = std::chrono::milliseconds(900);
// A clock that goes back further than pictures are reordered has jumped.
constexpr media::Pts kReorder = std::chrono::seconds(1);
// A camera that tours turns without anybody: from then on its new pictures are only looked at.
constexpr int kSceneRowMax = 3;
constexpr int kDamagedRowMax = 3;  // A camera whose every picture is damaged is compared anyway.
constexpr int kResultsMin = 3;     // Of a wake, before it may be said that nobody was there.
constexpr int kPatience = 4;       // Times nobody_max for them to come.

// Asleep, whoever scores this part of the threshold is worth waking for: detectors waver, and one
// look has to do. Each wake for nobody asks for more.
constexpr float kLookScore = 0.8f, kLookScoreMax = 1.5f, kLookRaise = 1.25f, kLookFade = 0.995f;

double seconds(nanoseconds time) { return std::chrono::duration<double>(time).count(); }

}  // namespace

const char* to_string(Cause cause) {
  switch (cause) {
    case Cause::started:
      return "started";
    case Cause::motion:
      return "motion";
    case Cause::heartbeat:
      return "heartbeat";
    case Cause::scene_changed:
      return "scene_changed";
    case Cause::person:
      return "person";
    case Cause::quiet:
      return "quiet";
    case Cause::nobody:
      return "nobody";
  }
  return "quiet";
}

struct Gate::Impl {
  explicit Impl(const GateOptions& wanted)
      : options(wanted),
        motion(wanted.motion),
        gop(wanted.key_frames_apart_max),
        grid(wanted.fps) {}

  const GateOptions options;
  Motion motion;
  GopWatch gop;
  FrameGrid grid;
  GateCounters count;
  pixel::SmallLuma luma;
  Movement movement;  // The last that was no stillness, for why().

  Thrift thrift = Thrift::none;
  bool wary = false;
  bool awake = false;
  Cause cause = Cause::started;
  bool following = false;  // The decoder has had everything up to now.

  // Of the wake under way:
  Cause woken_by = Cause::motion;
  MonoTime woken_at{}, moved_at{};
  std::optional<MonoTime> person_at;
  int results = 0;

  std::optional<MonoTime> looked_at;  // Asleep, when a frame was last analysed.
  Cause look_for = Cause::heartbeat;  // ... and why: or another picture, or a new camera's motion.
  int scene_row = 0;                  // Wakes in a row by another picture, and nobody was there.
  float look_score = kLookScore;

  std::optional<media::Pts> alone_pts, compared_pts, analysed_pts;
  int width = 0, height = 0;
  int damaged_row = 0;

  void begin(MonoTime now);
  UnitStep on_unit(media::Pts pts, bool key, MonoTime now);
  FrameStep on_frame(const media::Frame& frame, MonoTime now);
  Replay on_result(media::Pts pts, const Sighting& sighting, MonoTime now);

  void wake(Cause why, MonoTime now);
  void sleep(MonoTime now);
  [[nodiscard]] bool is_thrifty(MonoTime now) const;
  [[nodiscard]] bool is_time_to_sleep(MonoTime now) const;
  [[nodiscard]] bool is_occupied(MonoTime now) const {
    return person_at && now - *person_at < options.quiet;
  }
  [[nodiscard]] bool is_to_compare(const media::Frame& frame);
  [[nodiscard]] FrameStep compare(const media::Frame& frame, MonoTime now);
  [[nodiscard]] FrameStep look(media::Pts pts, MonoTime now);
  [[nodiscard]] bool take(media::Pts pts);
  void forget_times_after(media::Pts pts);
};

void Gate::Impl::begin(MonoTime now) {
  gop.restart();
  motion.restart();
  alone_pts.reset();
  compared_pts.reset();
  analysed_pts.reset();
  awake = following = false;
  cause = Cause::started;
  moved_at = now;
  looked_at.reset();
}

void Gate::Impl::wake(Cause why, MonoTime now) {
  awake = true;
  cause = woken_by = why;
  woken_at = moved_at = now;
  person_at.reset();
  results = 0;
  grid.restart();
  switch (why) {
    case Cause::motion:
      ++count.wakes_motion;
      break;
    case Cause::heartbeat:
      ++count.wakes_heartbeat;
      break;
    default:
      ++count.wakes_scene;
  }
}

bool Gate::Impl::is_thrifty(MonoTime now) const {
  return thrift == Thrift::all || (thrift == Thrift::nobody && !is_occupied(now));
}

bool Gate::Impl::is_time_to_sleep(MonoTime now) const {
  const nanoseconds age = now - woken_at, still = now - moved_at;
  if (age < options.awake_min) return false;
  // Long after the last person what still moves is no reason to stay.
  if (person_at) {
    const nanoseconds alone = now - *person_at;
    return alone >= options.quiet &&
           (still >= options.still || alone >= options.quiet + options.nobody_max);
  }
  if (results < kResultsMin) return age >= kPatience * options.nobody_max;
  return still >= options.still || age >= options.nobody_max;
}

void Gate::Impl::sleep(MonoTime now) {
  const bool somebody = person_at.has_value();
  if (results >= kResultsMin) motion.judge(somebody);
  if (!somebody) ++count.wakes_nobody;
  if (somebody) scene_row = 0;
  if (!somebody && woken_by == Cause::scene_changed) ++scene_row;
  if (woken_by == Cause::heartbeat)
    look_score = somebody ? kLookScore : std::min(look_score * kLookRaise, kLookScoreMax);
  awake = false;
  following = gop.is_long();
  cause = now - moved_at >= options.still ? Cause::quiet : Cause::nobody;
  looked_at = now;
}

// A clock that jumped back must not make all that comes look old.
void Gate::Impl::forget_times_after(media::Pts pts) {
  for (auto* time : {&alone_pts, &compared_pts, &analysed_pts})
    if (*time && pts + kReorder < **time) time->reset();
}

UnitStep Gate::Impl::on_unit(media::Pts pts, bool key, MonoTime now) {
  ++count.units;
  gop.push(pts, key);
  if (gop.running() == media::Pts(0)) forget_times_after(pts);
  if (awake && is_time_to_sleep(now)) sleep(now);
  if ((awake && !is_thrifty(now)) || gop.is_long()) {
    ++count.followed;
    const bool behind = !std::exchange(following, true);
    count.replays += behind ? 1 : 0;
    return {Action::follow, behind ? Replay::running : Replay::none};
  }
  following = false;
  if (!key || (alone_pts && pts > *alone_pts && pts - *alone_pts < kKeyFramesApartMin)) {
    ++count.skipped;
    return {};
  }
  alone_pts = pts;
  ++count.alone;
  return {Action::alone, Replay::none};
}

// Replayed frames were compared before. Of those that are followed, key frames are compared, which
// are alike in quality; where they are too rare, any.
bool Gate::Impl::is_to_compare(const media::Frame& frame) {
  if (compared_pts && frame.pts <= *compared_pts) return false;
  if (following) {
    if (!frame.key && !gop.is_long()) return false;
    if (compared_pts && frame.pts - *compared_pts < options.compare_every) return false;
  }
  if (frame.damaged && ++damaged_row <= kDamagedRowMax) {
    ++count.damaged;
    return false;
  }
  if (!frame.damaged) damaged_row = 0;
  return true;
}

bool Gate::Impl::take(media::Pts pts) {
  if (!grid.take(pts)) return false;
  if (analysed_pts && pts <= *analysed_pts) return false;  // The detector had it before.
  analysed_pts = pts;
  ++count.analysed;
  return true;
}

FrameStep Gate::Impl::on_frame(const media::Frame& frame, MonoTime now) {
  FrameStep step;
  if (is_to_compare(frame)) step = compare(frame, now);
  if (awake && step.replay == Replay::none) step.analyse |= take(frame.pts);
  return step;
}

FrameStep Gate::Impl::compare(const media::Frame& frame, MonoTime now) {
  const bool resized = width != 0 && (frame.width != width || frame.height != height);
  if (resized) motion.restart();
  width = frame.width;
  height = frame.height;
  compared_pts = frame.pts;
  pixel::small_luma(frame, luma);
  const Movement& seen = motion.compare(luma, frame.pts, awake && is_occupied(now));
  ++count.compared;
  count.still += seen.kind == Kind::still ? 1 : 0;
  count.moved += seen.kind == Kind::moved ? 1 : 0;
  count.scene_changes += seen.kind == Kind::scene_changed || resized ? 1 : 0;
  count.shaken += seen.shaken ? 1 : 0;
  count.light += seen.light ? 1 : 0;
  if (seen.kind != Kind::still) movement = seen;
  const bool moved = seen.kind == Kind::moved;
  if (moved) moved_at = now;
  if (awake) return {};
  const bool another = seen.kind == Kind::scene_changed || resized;
  look_for = another                            ? Cause::scene_changed
             : moved && wary && motion.is_new() ? Cause::motion
                                                : Cause::heartbeat;
  if ((moved && look_for != Cause::motion) || (another && scene_row < kSceneRowMax)) {
    wake(another ? Cause::scene_changed : Cause::motion, now);
    if (following || is_thrifty(now)) return {};
    following = true;
    ++count.replays;
    return {false, options.look_back ? Replay::with_previous : Replay::running};
  }
  const bool due =
      !looked_at || (options.heartbeat > nanoseconds(0) && now - *looked_at >= options.heartbeat);
  return due || look_for != Cause::heartbeat ? look(frame.pts, now) : FrameStep{};
}

FrameStep Gate::Impl::look(media::Pts pts, MonoTime now) {
  if (analysed_pts && pts <= *analysed_pts) return {};
  looked_at = now;
  analysed_pts = pts;
  ++count.analysed;
  count.heartbeats += look_for == Cause::heartbeat ? 1 : 0;
  look_score = std::max(kLookScore, look_score * kLookFade);
  return {true, Replay::none};
}

Replay Gate::Impl::on_result(media::Pts pts, const Sighting& sighting, MonoTime now) {
  if (awake) {
    ++results;
    if (!sighting.tracked) return Replay::none;
    person_at = now;
    cause = Cause::person;
    return Replay::none;
  }
  if (sighting.score < look_score && !sighting.tracked) {
    if (cause == Cause::started) cause = Cause::quiet;
    return Replay::none;
  }
  wake(look_for, now);
  if (is_thrifty(now) || std::exchange(following, true)) return Replay::none;
  ++count.replays;
  const bool back =
      (look_for == Cause::motion && options.look_back) || (alone_pts && pts < *alone_pts);
  return back ? Replay::with_previous : Replay::running;
}

Gate::Gate(const GateOptions& options) : impl_(std::make_unique<Impl>(options)) {}
Gate::~Gate() = default;

void Gate::begin(MonoTime now) { impl_->begin(now); }
void Gate::limit(double fps, Thrift thrift) {
  impl_->grid.set_fps(fps);
  impl_->thrift = thrift;
}
void Gate::be_wary(bool wary) { impl_->wary = wary; }
UnitStep Gate::on_unit(media::Pts pts, bool key, MonoTime now) {
  return impl_->on_unit(pts, key, now);
}
FrameStep Gate::on_frame(const media::Frame& frame, MonoTime now) {
  return impl_->on_frame(frame, now);
}
Replay Gate::on_result(media::Pts pts, const Sighting& sighting, MonoTime now) {
  return impl_->on_result(pts, sighting, now);
}

bool Gate::awake() const { return impl_->awake; }
Cause Gate::cause() const { return impl_->cause; }
const GateCounters& Gate::counters() const { return impl_->count; }
const Movement& Gate::last_movement() const { return impl_->movement; }
float Gate::noise() const { return impl_->motion.mean_threshold(); }

std::string Gate::why() const {
  const auto place = [&] {
    if (impl_->movement.count == 0) return std::string("somewhere");
    const geom::Box& box = impl_->movement.boxes[0];
    return fmt::format("at {:.0f} % from the left and {:.0f} % from the top",
                       100 * (box.x + box.w / 2), 100 * (box.y + box.h / 2));
  };
  switch (impl_->cause) {
    case Cause::started:
      return "asleep: the stream has just begun";
    case Cause::motion:
      return fmt::format("awake: something moved {}", place());
    case Cause::heartbeat:
      return "awake: somebody seems to stand there; found by a look now and then";
    case Cause::scene_changed:
      return "awake: the whole picture changed (the camera turned, or its light)";
    case Cause::person:
      return "awake: somebody is there";
    case Cause::quiet:
      return "asleep: nobody is there and nothing moves";
    case Cause::nobody:
      return fmt::format("asleep: something moves {}, but the detector saw nobody", place());
  }
  return {};
}

bool Gate::has_long_gop() const { return impl_->gop.is_long(); }

std::string Gate::long_gop() const {
  if (!has_long_gop()) return {};
  const auto apart = impl_->gop.apart();
  const media::Pts shown = std::max(apart.value_or(media::Pts(0)), impl_->gop.running());
  return fmt::format(
      "key frames come {:.1f} s apart: everything has to be decoded to see what moves, which "
      "costs several times as much; set the camera's key frame interval to 1 s",
      seconds(shown));
}

}  // namespace pasu::gate
