#include "gate/detail/learning.h"

#include <algorithm>
#include <cmath>

namespace pasu::gate {
namespace {

constexpr int kOne = 256;  // Of level and taught.

// Up by at most two levels of luma where a change is over it, down by a 50th where not: it stays
// near the largest change of the last minute. Codecs that pump would stir all over otherwise.
constexpr int kUp = 2 * kOne, kDown = 5;
constexpr int kLevelStart = 3 * kOne;
// The first lessons count more, so that a new camera is quiet within half a minute.
constexpr int kHaste = 24, kHasteUp = 4 * kOne, kHasteDown = kOne / 4;

// threshold = level * 1.4 + 3 + taught: the rounding of both pictures, and some.
constexpr int kSpare = 358;  // 1.4 * 256
constexpr int kMargin = 3;
constexpr int kThresholdMax = 120;  // A white coat before a black wall is always over it.

// A verdict of nobody raises a cell by so much, twice as much with each in a row.
constexpr int kTeach = 4, kTeachDoublings = 3;
constexpr int kFadeShift = 6;  // A 64th a second: half after 44 s.
constexpr int kCalm = 60;      // Seconds after which a row of verdicts is over.

constexpr media::Pts kLessonEvery = std::chrono::milliseconds(900);

// A region of a higher score is a thing rather than clutter.
constexpr float kClutterSpare = 1.25f, kClutterMax = 20, kThing = 2 * kClutterMax;

}  // namespace

void Learning::forget() {
  level_.fill(kLevelStart);
  taught_.fill(0);
  suspected_.fill(0);
  has_suspected_ = false;
  lessons_ = nobody_row_ = calm_ = 0;
  learnt_at_.reset();
  update_thresholds();
}

bool Learning::is_new() const { return lessons_ < kHaste; }

bool Learning::learn(const Cells& diff, media::Pts pts) {
  if (learnt_at_ && pts >= *learnt_at_ && pts - *learnt_at_ < kLessonEvery) return false;
  learnt_at_ = pts;
  const bool haste = is_new();
  lessons_ += haste ? 1 : 0;
  const int up = haste ? kHasteUp : kUp, down = haste ? kHasteDown : kDown;
  for (size_t i = 0; i < kCells; ++i) {
    const int change = diff[i] * kOne;
    const int level = level_[i];
    const int higher = std::min(change - level, up);
    level_[i] = static_cast<uint16_t>(change > level ? level + higher : std::max(level - down, 0));
    taught_[i] = static_cast<uint16_t>(taught_[i] - (taught_[i] >> kFadeShift));
  }
  if (++calm_ >= kCalm) nobody_row_ = 0;
  update_thresholds();
  return true;
}

void Learning::suspect(const Cells& diff, std::span<const geom::Box> regions) {
  has_suspected_ = true;
  for (const geom::Box& box : regions) {
    const auto cell = [](float part, int cells) {
      return static_cast<int>(std::lround(part * static_cast<float>(cells)));
    };
    for (int y = cell(box.y, kHeight); y < cell(box.bottom(), kHeight); ++y)
      for (int x = cell(box.x, kWidth); x < cell(box.right(), kWidth); ++x) {
        const auto i = static_cast<size_t>(y * kWidth + x);
        suspected_[i] = std::max(suspected_[i], diff[i]);
      }
  }
}

bool Learning::judge(bool somebody) {
  if (!has_suspected_) return false;
  if (somebody) {
    nobody_row_ = 0;
    for (size_t i = 0; i < kCells; ++i)
      if (suspected_[i] > 0) taught_[i] /= 2;
  } else {
    teach();
    nobody_row_ = std::min(nobody_row_ + 1, kTeachDoublings);
    calm_ = 0;
  }
  suspected_.fill(0);
  has_suspected_ = false;
  update_thresholds();
  return true;
}

void Learning::teach() {
  const int most = (kTeach << nobody_row_) * kOne;
  for (size_t i = 0; i < kCells; ++i) {
    // No more than would have kept this change quiet.
    const int missing = (suspected_[i] + kMargin - threshold_[i]) * kOne;
    if (suspected_[i] == 0 || missing <= 0) continue;
    taught_[i] = static_cast<uint16_t>(std::min(taught_[i] + std::min(missing, most), 255 * kOne));
  }
}

void Learning::update_thresholds() {
  for (size_t i = 0; i < kCells; ++i) {
    const int learnt = ((level_[i] * kSpare) >> 16) + kMargin + (taught_[i] >> 8);
    threshold_[i] = static_cast<uint8_t>(std::clamp(learnt, threshold_min_, kThresholdMax));
  }
}

float Clutter::score_min(float least) const { return std::max(least, kClutterSpare * usual_); }

void Clutter::learn(float score) {
  if (score > kThing) return;
  usual_ += score > usual_ ? (std::min(score, kClutterMax) - usual_) / 8 : (score - usual_) / 64;
  usual_ = std::max(usual_, 0.0f);
}

void Clutter::judge(bool somebody) {
  if (somebody) usual_ *= 0.5f;
}

}  // namespace pasu::gate
