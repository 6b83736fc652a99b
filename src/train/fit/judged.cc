#include "train/fit/judged.h"

#include <algorithm>

namespace pasu::train {
namespace {

double shared_area(const data::Box& a, const data::Box& b) {
  const double w = std::min(a.x + a.w, b.x + b.w) - std::max(a.x, b.x);
  const double h = std::min(a.y + a.h, b.y + b.h) - std::max(a.y, b.y);
  return w > 0 && h > 0 ? w * h : 0;
}

/// Of a crowd: the part of the detection that lies in it, as COCO counts.
double overlap_of(const data::Box& found, const eval::Truth& truth) {
  const double shared = shared_area(found, truth.box);
  const double own = found.w * found.h;
  const double either = truth.crowd ? own : own + truth.box.w * truth.box.h - shared;
  return either > 0 ? shared / either : 0;
}

}  // namespace

Judged judge(const Measured& measured, double overlap) {
  const auto& truths = measured.truth.truths;
  std::vector<std::vector<size_t>> by_picture(measured.truth.pictures.size());
  for (size_t t = 0; t < truths.size(); ++t) by_picture[truths[t].picture].push_back(t);
  std::vector<const eval::Detection*> order;
  for (const auto& one : measured.detections) order.push_back(&one);
  std::ranges::stable_sort(order, [](const auto* a, const auto* b) { return a->score > b->score; });

  Judged out;
  std::vector<double> found_by(truths.size(), 0);
  std::vector<bool> taken(truths.size(), false);
  for (const eval::Detection* one : order) {
    double best = overlap, best_crowd = overlap;
    size_t right = truths.size();
    bool in_crowd = false;
    for (const size_t t : by_picture[one->picture]) {
      const double here = overlap_of(one->box, truths[t]);
      if (truths[t].crowd) {
        in_crowd |= here >= best_crowd;
      } else if (!taken[t] && here >= best) {
        best = here;
        right = t;
      }
    }
    if (right < truths.size()) {
      taken[right] = true;
      found_by[right] = one->score;
    } else if (in_crowd) {
      continue;
    }
    out.found.push_back({one->picture, one->box, one->score, right < truths.size()});
  }
  for (size_t t = 0; t < truths.size(); ++t)
    if (!truths[t].crowd) out.people.push_back({truths[t].picture, truths[t].box, found_by[t]});
  return out;
}

std::vector<CurvePoint> precision_recall(const Judged& judged) {
  std::vector<CurvePoint> out;
  double right = 0, all = 0;
  const auto people = static_cast<double>(judged.people.size());
  for (const FoundBox& one : judged.found) {
    ++all;
    right += one.right ? 1 : 0;
    out.push_back({people > 0 ? right / people : 0, right / all, one.score});
  }
  return out;
}

WorkingPoint best_f1(const std::vector<CurvePoint>& curve) {
  WorkingPoint out;
  for (size_t i = 0; i < curve.size(); ++i) {
    const CurvePoint& p = curve[i];
    // A threshold takes all detections of one score.
    if (i + 1 < curve.size() && curve[i + 1].score == p.score) continue;
    const double f1 =
        p.recall + p.precision > 0 ? 2 * p.recall * p.precision / (p.recall + p.precision) : 0;
    if (f1 > out.f1) out = {p.score, p.precision, p.recall, f1};
  }
  return out;
}

}  // namespace pasu::train
