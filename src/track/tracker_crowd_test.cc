// How often people lose or swap ids in simulated crowds: walkers with turns, a detector that
// misses, jitters and is unsure. The tracker's constants were chosen here.
#include <cmath>
#include <map>
#include <random>

#include <gtest/gtest.h>

#include "track/tracker.h"

namespace pasu::track {
namespace {

struct Walker {
  double x = 0, y = 0, vx = 0, vy = 0, h = 0;
};

struct Crowd {
  const char* name;
  int people;
  double fps;
  double changes_max;  ///< Id changes a person and minute.
};

// Each bound is what was measured, with a quarter more.
const Crowd kCrowds[] = {
    {"Sparse25", 6, 25, 0.13}, {"Sparse5", 6, 5, 0.19},   {"Sparse2", 6, 2, 0.77},
    {"Dense25", 20, 25, 0.62}, {"Dense10", 20, 10, 0.62}, {"Dense5", 20, 5, 1.05},
};

double id_changes_a_minute(const Crowd& crowd, unsigned seed) {
  constexpr double kWidth = 1280, kHeight = 720, kSeconds = 60;
  std::mt19937 random(seed);
  const auto unit = [&] { return random() / 4294967296.0; };
  // Irwin-Hall: the standard library's normal distribution differs between implementations.
  const auto normal = [&] { return (unit() + unit() + unit() + unit() - 2) * std::sqrt(3.0); };
  std::vector<Walker> walkers(static_cast<size_t>(crowd.people));
  for (Walker& w : walkers) {
    w = {.x = unit() * kWidth, .y = unit() * kHeight, .h = 70 + 90 * unit()};
    w.vx = normal() * 0.6 * w.h;
    w.vy = normal() * 0.3 * w.h;
  }
  Tracker tracker(options_for(0.5f, crowd.fps));
  std::map<size_t, uint32_t> id_of;
  int changes = 0;
  const double dt = 1 / crowd.fps;
  for (int frame = 0; frame * dt < kSeconds; ++frame) {
    std::vector<geom::Detection> found;
    std::vector<size_t> whose;
    for (size_t i = 0; i < walkers.size(); ++i) {
      Walker& w = walkers[i];
      w.vx += normal() * 0.35 * w.h * std::sqrt(dt);
      w.vy += normal() * 0.15 * w.h * std::sqrt(dt);
      w.vx *= 1 - 0.2 * dt;
      w.vy *= 1 - 0.2 * dt;
      if ((w.x < 0 && w.vx < 0) || (w.x > kWidth && w.vx > 0)) w.vx = -w.vx;
      if ((w.y < 0 && w.vy < 0) || (w.y > kHeight && w.vy > 0)) w.vy = -w.vy;
      w.x += w.vx * dt;
      w.y += w.vy * dt;
      if (unit() < 0.08) continue;
      const double h = w.h * (1 + 0.04 * normal()), width = 0.4 * w.h * (1 + 0.06 * normal());
      const double cx = w.x + 0.02 * w.h * normal(), cy = w.y + 0.02 * w.h * normal();
      geom::Detection detection;
      detection.box = {static_cast<float>(cx - width / 2), static_cast<float>(cy - h / 2),
                       static_cast<float>(width), static_cast<float>(h)};
      detection.score = unit() < 0.1 ? 0.45f : 0.8f;
      found.push_back(detection);
      whose.push_back(i);
    }
    const media::Pts pts(std::llround(frame * dt * 1e9));
    for (const Track& track : tracker.update(found, pts)) {
      if (!track.seen) continue;
      uint32_t& id = id_of[whose[static_cast<size_t>(track.detection)]];
      changes += id != 0 && id != track.id;
      id = track.id;
    }
  }
  return changes / (kSeconds / 60) / crowd.people;
}

class TrackerCrowd : public testing::TestWithParam<Crowd> {};

TEST_P(TrackerCrowd, KeepsItsIds) {
  constexpr unsigned kRuns = 10;
  double changes = 0;
  for (unsigned seed = 1; seed <= kRuns; ++seed)
    changes += id_changes_a_minute(GetParam(), seed) / kRuns;
  RecordProperty("id_changes_a_person_and_minute", std::to_string(changes));
  EXPECT_LE(changes, GetParam().changes_max);
}

INSTANTIATE_TEST_SUITE_P(All, TrackerCrowd, testing::ValuesIn(kCrowds),
                         [](const auto& param) { return param.param.name; });

}  // namespace
}  // namespace pasu::track
