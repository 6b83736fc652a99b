#include "gate/motion.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <numeric>
#include <optional>

#include "gate/detail/kernels.h"
#include "gate/detail/learning.h"
#include "gate/detail/light.h"
#include "gate/detail/regions.h"
#include "gate/detail/shake.h"

namespace pasu::gate {

using Kind = Movement::Kind;

struct Motion::Impl {
  explicit Impl(const MotionOptions& wanted) : options(wanted), learning(wanted.threshold_min) {}

  const MotionOptions options;
  const Kernels& kernels = best_kernels();
  Learning learning;
  Clutter clutter;
  Cells before{};
  bool has_before = false;
  // Something moved in the last picture: a lesson, unless somebody turns out to have been there.
  std::optional<media::Pts> lesson_at;
  Cells lesson;
  float lesson_score = 0;
  Movement found;

  // Scratch of one comparison; nothing in it outlives the call.
  struct Scratch {
    Cells toned, diff, mask, low, high;
    Cells lesson;  // What is to be learnt from: diff, but of a shift of less than a cell as it was.
    RegionFinder finder;
  };
  static Scratch& scratch() {
    thread_local Scratch it;
    return it;
  }

  void learn_late(bool occupied);
  void look(const Cells& now);
  bool explain_by_shake(const Cells& now, const uint8_t* reference, Scratch& s);
  void take_regions(Scratch& s);
  [[nodiscard]] float score_min() const { return clutter.score_min(options.score_min); }
};

void Motion::Impl::learn_late(bool occupied) {
  if (lesson_at && !occupied && learning.learn(lesson, *lesson_at)) clutter.learn(lesson_score);
  lesson_at.reset();
}

void Motion::Impl::look(const Cells& now) {
  Scratch& s = scratch();
  const uint8_t* reference = before.data();
  const Tone tone = estimate_tone(reference, now.data());
  if (!(tone == Tone{})) {
    kernels.apply(before.data(), tone, s.toned.data());
    // A line through noise explains nothing.
    const uint32_t plain = kernels.distance(before.data(), now.data(), kCells);
    const uint32_t toned = kernels.distance(s.toned.data(), now.data(), kCells);
    found.light = toned < plain - plain / 8;
    if (found.light) reference = s.toned.data();
  }
  int strong = kernels.compare(now.data(), reference, reference, learning.threshold(),
                               s.diff.data(), s.mask.data());
  s.lesson = s.diff;
  if (is_spread(s.mask.data(), strong) && explain_by_shake(now, reference, s)) {
    found.shaken = true;
    strong = static_cast<int>(std::ranges::count(s.mask, kStrong));
  }
  found.share = static_cast<float>(strong) / kCells;
  if (found.share >= options.scene_share) {
    found.kind = Kind::scene_changed;
    return;
  }
  take_regions(s);
}

// Whether most of the changes go once each cell may have come from its neighbourhood.
bool Motion::Impl::explain_by_shake(const Cells& now, const uint8_t* reference, Scratch& s) {
  const Shift shift = estimate_shift(reference, now.data(), kernels);
  neighbourhood(reference, shift, s.low.data(), s.high.data());
  thread_local Cells diff, mask;
  const auto strong_before = std::ranges::count(s.mask, kStrong);
  const int strong = kernels.compare(now.data(), s.low.data(), s.high.data(), learning.threshold(),
                                     diff.data(), mask.data());
  constexpr int kExplained = 4;  // At least three quarters of the changes.
  if (strong * kExplained > strong_before) return false;
  // Noise all over is explained as well; it must be learnt, or it would hide people for ever.
  if (!(shift == Shift{})) s.lesson = diff;
  s.diff = diff;
  s.mask = mask;
  return true;
}

void Motion::Impl::take_regions(Scratch& s) {
  const auto regions = s.finder.find(s.diff.data(), learning.threshold(), s.mask.data(),
                                     options.cells_min, score_min());
  found.score = s.finder.top_score();
  found.kind = regions.empty() ? Kind::still : Kind::moved;
  for (const Region& region : regions) {
    found.boxes[found.count++] = geom::Box::from_corners(
        static_cast<float>(region.left) / kWidth, static_cast<float>(region.top) / kHeight,
        static_cast<float>(region.right) / kWidth, static_cast<float>(region.bottom) / kHeight);
  }
}

Motion::Motion(const MotionOptions& options) : impl_(std::make_unique<Impl>(options)) {}
Motion::~Motion() = default;
Motion::Motion(Motion&&) noexcept = default;
Motion& Motion::operator=(Motion&&) noexcept = default;

const Movement& Motion::compare(const pixel::SmallLuma& picture, media::Pts pts, bool occupied) {
  Impl& m = *impl_;
  m.found = {};
  m.learn_late(occupied);
  if (m.has_before) {
    m.look(picture.cells);
    const Impl::Scratch& s = Impl::scratch();
    switch (m.found.kind) {
      case Kind::scene_changed:
        m.learning.forget();
        break;
      case Kind::moved:
        if (occupied) break;
        m.learning.suspect(s.diff, m.found.regions());
        m.lesson = s.lesson;
        m.lesson_at = pts;
        m.lesson_score = m.found.score;
        break;
      default:
        if (occupied) break;
        if (m.learning.learn(s.lesson, pts)) m.clutter.learn(m.found.score);
    }
  }
  m.before = picture.cells;
  m.has_before = true;
  return m.found;
}

void Motion::judge(bool somebody) {
  if (!impl_->learning.judge(somebody)) return;
  impl_->clutter.judge(somebody);
}

bool Motion::is_new() const { return impl_->learning.is_new(); }

void Motion::restart() { impl_->has_before = false; }

void Motion::forget() {
  impl_->has_before = false;
  impl_->learning.forget();
}

float Motion::mean_threshold() const {
  const uint8_t* threshold = impl_->learning.threshold();
  return static_cast<float>(std::accumulate(threshold, threshold + kCells, 0)) / kCells;
}

}  // namespace pasu::gate
