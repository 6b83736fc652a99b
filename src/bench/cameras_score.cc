#include "bench/cameras_score.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <span>

namespace pasu::bench {
namespace {

double milliseconds(MonoTime::duration time) {
  return std::chrono::duration<double, std::milli>(time).count();
}

/// A GOP as it was played.
struct PlayedGop {
  size_t first = 0, frames = 0;  // Of all frames of the plan.
  const std::vector<Presence>* people = nullptr;
};

std::vector<PlayedGop> played_gops(const Played& played) {
  std::vector<PlayedGop> out;
  size_t first = 0;
  for (const uint32_t g : played.plan->gops) {
    out.push_back({first, played.clip->gops[g].size(), &(*played.people)[g]});
    first += out.back().frames;
  }
  return out;
}

/// Frame of the plan > when it was told, and with whom.
using ToldByFrame = std::map<size_t, Told>;

class Mapping {
 public:
  explicit Mapping(const Played& played)
      : start_(played.start + played.plan->phase), fps_(played.clip->fps) {}

  [[nodiscard]] MonoTime sent(size_t frame) const {
    return start_ +
           std::chrono::nanoseconds(static_cast<int64_t>(1e9 * static_cast<double>(frame) / fps_));
  }
  ToldByFrame map(std::vector<Told>& told) const {
    // Between the two clocks is where the camera's timeline begins, and that least delay.
    const MonoTime zero = zero_of(told);
    ToldByFrame out;
    for (Told& one : told) {
      const double frame = std::chrono::duration<double>(zero + one.pts - start_).count() * fps_;
      // A delay of less than a frame makes the first frame look late, never early.
      const auto index = static_cast<int64_t>(std::floor(frame + 0.05));
      if (index >= 0) out.try_emplace(static_cast<size_t>(index), std::move(one));
    }
    return out;
  }

 private:
  const MonoTime start_;
  const double fps_;
};

bool is_missed(const PlayedGop& gop, const Presence& person, const ToldByFrame& told, double fps,
               double clip_fps) {
  const double wanted = fps * static_cast<double>(gop.frames) / clip_fps;
  int analysed = 0;
  for (auto at = told.lower_bound(gop.first);
       at != told.end() && at->first < gop.first + gop.frames; ++at) {
    ++analysed;
    if (shows_any(at->second, person.boxes)) return false;
  }
  return 2 * analysed < wanted;
}

// From somebody's first frame, nobody having been there in the GOP before, to the first boxes while
// somebody is there; who has none then was missed.
std::optional<double> wake_ms(std::span<const PlayedGop> gops, const ToldByFrame& told,
                              const Mapping& mapping) {
  const PlayedGop& gop = gops.front();
  size_t first = gop.frames;
  for (const Presence& person : *gop.people) first = std::min(first, person.first);
  const auto gone =
      std::ranges::find_if(gops, [](const PlayedGop& g) { return g.people->empty(); });
  const auto end = gone == gops.end() ? told.end() : told.lower_bound(gone->first);
  std::optional<MonoTime> seen;
  for (auto at = told.lower_bound(gop.first); at != end; ++at)
    if (!at->second.people.empty() && (!seen || at->second.at < *seen)) {
      seen = at->second.at;
      if (!at->second.replayed) break;
    }
  if (!seen) return std::nullopt;
  return std::max(0.0, milliseconds(*seen - mapping.sent(gop.first + first)));
}

}  // namespace

Score score_camera(const Played& played, std::vector<Told> told, double fps, MonoTime from,
                   MonoTime to) {
  const Mapping mapping(played);
  const ToldByFrame by_frame = mapping.map(told);
  Score out;
  const auto gops = played_gops(played);
  for (size_t j = 0; j < gops.size(); ++j) {
    const PlayedGop& gop = gops[j];
    if (mapping.sent(gop.first) < from || mapping.sent(gop.first + gop.frames) > to) continue;
    for (const Presence& person : *gop.people) {
      ++out.person_seconds;
      out.missed += is_missed(gop, person, by_frame, fps, played.clip->fps) ? 1 : 0;
    }
    if (gop.people->empty() || j == 0 || !gops[j - 1].people->empty()) continue;
    if (const auto ms = wake_ms(std::span(gops).subspan(j), by_frame, mapping))
      out.wake_ms.push_back(*ms);
  }
  for (const auto& [frame, one] : by_frame) {
    const MonoTime sent = mapping.sent(frame);
    if (!one.replayed && sent >= from && sent < to)
      out.boxes_ms.push_back(milliseconds(one.at - sent));
  }
  return out;
}

Spread spread_of(std::vector<double> samples) {
  Spread out;
  out.count = samples.size();
  if (samples.empty()) return out;
  std::sort(samples.begin(), samples.end());
  const auto at = [&](double part) {
    return samples[static_cast<size_t>(part * static_cast<double>(samples.size() - 1))];
  };
  out.p50 = at(0.5);
  out.p95 = at(0.95);
  out.p99 = at(0.99);
  return out;
}

}  // namespace pasu::bench
