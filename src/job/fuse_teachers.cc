#include "job/fuse_teachers.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>

#include "base/assert.h"

namespace pasu::job {
namespace {

/// A new object that overlaps a hand-drawn one so much is perhaps the same person, or a part.
constexpr float kNearIou = 0.3f, kInside = 0.8f;

struct Cluster {
  geom::Box box;  // The mean so far.
  double sum_x1 = 0, sum_y1 = 0, sum_x2 = 0, sum_y2 = 0, sum = 0;
  std::vector<float> scores;  // Best of each teacher.

  void add(const geom::Detection& one, size_t teacher, float weight) {
    const double share = double{one.score} * weight;
    sum_x1 += share * one.box.x;
    sum_y1 += share * one.box.y;
    sum_x2 += share * one.box.right();
    sum_y2 += share * one.box.bottom();
    sum += share;
    scores[teacher] = std::max(scores[teacher], one.score);
    const auto mean = [&](double value) { return static_cast<float>(value / sum); };
    box = geom::Box::from_corners(mean(sum_x1), mean(sum_y1), mean(sum_x2), mean(sum_y2));
  }
};

geom::Box box_of(const data::Box& box) {
  return {static_cast<float>(box.x), static_cast<float>(box.y), static_cast<float>(box.w),
          static_cast<float>(box.h)};
}

float log_odds(float score) {
  const float p = std::clamp(score, 1e-4f, 1 - 1e-4f);
  return std::log(p / (1 - p));
}

/// The part of `inner` that is inside `outer`.
float part_inside(const geom::Box& inner, const geom::Box& outer) {
  return inner.area() > 0 ? geom::intersection_area(inner, outer) / inner.area() : 0;
}

}  // namespace

float Calibration::of(float score) const {
  return 1 / (1 + std::exp(-slope * (log_odds(score) - log_odds(mid))));
}

void judge(const std::vector<geom::Detection>& found, const std::vector<data::Object>& drawn,
           float iou, std::vector<Judged>& out) {
  std::vector<bool> taken(drawn.size());
  std::vector<const geom::Detection*> sorted;
  for (const geom::Detection& one : found) sorted.push_back(&one);
  std::ranges::stable_sort(sorted, std::greater<>(), &geom::Detection::score);
  for (const geom::Detection* one : sorted) {
    size_t match = drawn.size();
    float best = iou;
    bool in_crowd = false;
    for (size_t i = 0; i < drawn.size(); ++i) {
      const geom::Box box = box_of(drawn[i].box);
      if (drawn[i].crowd) {
        in_crowd |= part_inside(one->box, box) >= 0.5f;
      } else if (const float overlap = geom::iou(one->box, box); overlap >= best && !taken[i]) {
        best = overlap;
        match = i;
      }
    }
    if (match < drawn.size()) taken[match] = true;
    if (match < drawn.size() || !in_crowd)
      out.push_back({.score = one->score, .right = match < drawn.size()});
  }
}

std::optional<Calibration> calibrate(const std::vector<Judged>& judged) {
  constexpr int kLeast = 50, kSteps = 50;
  const auto right = std::ranges::count(judged, true, &Judged::right);
  if (right < kLeast || static_cast<int64_t>(judged.size()) - right < kLeast) return std::nullopt;
  double a = 0, b = 1;                         // Log-odds of being right: a + b x.
  for (int step = 0; step < kSteps; ++step) {  // Newton's, from where it converges for such data.
    double ga = 0, gb = 0, haa = 1e-9, hab = 0, hbb = 1e-9;
    for (const Judged& one : judged) {
      const double x = log_odds(one.score), p = 1 / (1 + std::exp(-(a + b * x)));
      const double error = (one.right ? 1 : 0) - p, w = p * (1 - p);
      ga += error;
      gb += error * x;
      haa += w;
      hab += w * x;
      hbb += w * x * x;
    }
    const double det = haa * hbb - hab * hab;
    if (!(det > 1e-12)) return std::nullopt;
    a += std::clamp((hbb * ga - hab * gb) / det, -2.0, 2.0);
    b += std::clamp((haa * gb - hab * ga) / det, -2.0, 2.0);
  }
  if (!(b > 0.05)) return std::nullopt;  // Its scores say nothing.
  return Calibration{.mid = static_cast<float>(1 / (1 + std::exp(a / b))),
                     .slope = static_cast<float>(b)};
}

std::vector<Fused> fuse(std::span<const std::vector<geom::Detection>> found,
                        std::span<const float> weights, float iou) {
  ASSERT(found.size() == weights.size());
  struct Seen {
    size_t teacher;
    const geom::Detection* detection;
  };
  std::vector<Seen> all;
  for (size_t t = 0; t < found.size(); ++t)
    for (const geom::Detection& one : found[t])
      if (one.score > 0 && weights[t] > 0) all.push_back({t, &one});
  std::ranges::stable_sort(all, std::greater<>(), [&](const Seen& seen) {
    return seen.detection->score * weights[seen.teacher];
  });

  std::vector<Cluster> clusters;
  for (const Seen& seen : all) {
    Cluster* best = nullptr;
    float best_iou = iou;
    for (Cluster& cluster : clusters)
      if (const float overlap = geom::iou(cluster.box, seen.detection->box); overlap >= best_iou) {
        best_iou = overlap;
        best = &cluster;
      }
    if (best == nullptr) {
      best = &clusters.emplace_back();
      best->scores.resize(found.size());
    } else if (best->scores[seen.teacher] > 0) {
      continue;  // This teacher saw the person already, better.
    }
    best->add(*seen.detection, seen.teacher, weights[seen.teacher]);
  }

  const float weight = std::accumulate(weights.begin(), weights.end(), 0.f);
  std::vector<Fused> out;
  for (const Cluster& cluster : clusters) {
    Fused one{.box = cluster.box, .score = 0, .votes = 0};
    for (size_t t = 0; t < found.size(); ++t) {
      one.score += cluster.scores[t] * weights[t] / weight;
      one.votes += cluster.scores[t] > 0;
    }
    out.push_back(one);
  }
  std::ranges::stable_sort(out, std::greater<>(), &Fused::score);
  return out;
}

std::vector<data::Object> label_objects(const std::vector<data::Object>& drawn,
                                        const std::vector<Fused>& fused, int64_t category,
                                        const LabelRules& rules) {
  std::vector<data::Object> out = drawn;
  std::vector<bool> taken(fused.size());
  for (data::Object& object : out) {
    if (object.crowd) continue;
    float seen = 0, best = rules.match_iou;
    size_t match = fused.size();
    for (size_t i = 0; i < fused.size(); ++i)
      if (const float overlap = geom::iou(box_of(object.box), fused[i].box);
          overlap >= best && !taken[i]) {
        best = overlap;
        match = i;
      }
    if (match < fused.size()) {
      taken[match] = true;
      seen = fused[match].score;
    }
    object.score = std::clamp(std::max(seen, rules.trust), 0.01f, 1.f);
  }

  std::vector<geom::Box> added;
  for (size_t i = 0; i < fused.size(); ++i) {
    const Fused& one = fused[i];
    if (taken[i] || one.score < rules.doubt_score) continue;
    bool known = false, near = false;
    for (const data::Object& object : drawn) {
      const geom::Box box = box_of(object.box);
      if (object.crowd) {
        known |= part_inside(one.box, box) >= kInside;
      } else {
        known |= geom::iou(one.box, box) >= rules.match_iou;
        near |= geom::iou(one.box, box) >= kNearIou || part_inside(one.box, box) >= kInside ||
                part_inside(box, one.box) >= kInside;
      }
    }
    // Teachers that differ in one person's box leave two.
    for (const geom::Box& box : added) near |= geom::iou(one.box, box) >= rules.match_iou;
    if (known) continue;
    const bool person = one.score >= rules.person_score && one.votes >= rules.votes_min && !near;
    if (person) added.push_back(one.box);
    data::Object object;
    object.category = category;
    object.box = {one.box.x, one.box.y, one.box.w, one.box.h};
    object.area = object.box.w * object.box.h;
    object.crowd = !person;
    object.score = std::clamp(one.score, 0.01f, 1.f);
    out.push_back(object);
  }
  return out;
}

}  // namespace pasu::job
