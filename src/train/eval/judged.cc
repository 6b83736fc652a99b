#include "train/eval/judged.h"

#include <algorithm>

namespace pasu::eval {
namespace {

double shared_area(const data::Box& a, const data::Box& b) {
  const double w = std::min(a.x + a.w, b.x + b.w) - std::max(a.x, b.x);
  const double h = std::min(a.y + a.h, b.y + b.h) - std::max(a.y, b.y);
  return w > 0 && h > 0 ? w * h : 0;
}

/// With a crowd: the part of the detection that lies in it, as COCO counts.
double overlap_of(const data::Box& found, const Truth& truth) {
  const double shared = shared_area(found, truth.box);
  const double own = found.w * found.h;
  const double either = truth.crowd ? own : own + truth.box.w * truth.box.h - shared;
  return either > 0 ? shared / either : 0;
}

class Judge {
 public:
  Judge(const GroundTruth& truth, const JudgeOptions& options)
      : truth_(truth),
        options_(options),
        by_picture_(truth.pictures.size()),
        taken_(truth.truths.size(), false),
        found_by_(truth.truths.size(), 0) {
    for (size_t t = 0; t < truth.truths.size(); ++t)
      if (truth.truths[t].category == options.category)
        by_picture_[truth.truths[t].picture].push_back(t);
  }

  Judged run(std::span<const Detection> detections) && {
    std::vector<const Detection*> order;
    for (const Detection& one : detections)
      if (one.category == options_.category) order.push_back(&one);
    std::ranges::stable_sort(order,
                             [](const auto* a, const auto* b) { return a->score > b->score; });
    Judged out;
    for (const Detection* one : order) take(*one, out);
    for (size_t t = 0; t < truth_.truths.size(); ++t) {
      const Truth& object = truth_.truths[t];
      if (object.category == options_.category && counts(object))
        out.wanted.push_back({object.picture, object.box, found_by_[t]});
    }
    return out;
  }

 private:
  [[nodiscard]] bool is_low(uint32_t picture, const data::Box& box) const {
    const double scale = options_.scales.empty() ? 1 : options_.scales[picture];
    return box.h * scale < options_.height_min;
  }
  [[nodiscard]] bool counts(const Truth& object) const {
    return !object.crowd && !object.difficult && !is_low(object.picture, object.box);
  }

  // Objects that count go before those that do not, as in COCO.
  void take(const Detection& one, Judged& out) {
    double best = options_.iou;
    size_t right = truth_.truths.size();
    bool excused = false;
    for (const size_t t : by_picture_[one.picture]) {
      const Truth& object = truth_.truths[t];
      const double here = overlap_of(one.box, object);
      if (!counts(object)) {
        excused |= here >= options_.iou;
      } else if (!taken_[t] && here >= best) {
        best = here;
        right = t;
      }
    }
    const bool found = right < truth_.truths.size();
    if (!found && (excused || is_low(one.picture, one.box))) return;
    if (found) {
      taken_[right] = true;
      found_by_[right] = one.score;
    }
    out.found.push_back({one.picture, one.box, one.score, found});
  }

  const GroundTruth& truth_;
  const JudgeOptions& options_;
  std::vector<std::vector<size_t>> by_picture_;
  std::vector<bool> taken_;
  std::vector<double> found_by_;
};

}  // namespace

Judged judge(const GroundTruth& truth, std::span<const Detection> detections,
             const JudgeOptions& options) {
  return Judge(truth, options).run(detections);
}

std::vector<ThresholdPoint> threshold_curve(const Judged& judged) {
  std::vector<ThresholdPoint> out;
  double right = 0, all = 0;
  const auto wanted = static_cast<double>(judged.wanted.size());
  for (size_t i = 0; i < judged.found.size(); ++i) {
    ++all;
    right += judged.found[i].right ? 1 : 0;
    const double score = judged.found[i].score;
    if (i + 1 < judged.found.size() && judged.found[i + 1].score == score) continue;
    const double recall = wanted > 0 ? right / wanted : 0, precision = right / all;
    out.push_back(
        {score, precision, recall, right > 0 ? 2 * recall * precision / (recall + precision) : 0});
  }
  return out;
}

ThresholdPoint point_at(const std::vector<ThresholdPoint>& curve, double score) {
  ThresholdPoint out;
  for (const ThresholdPoint& point : curve)
    if (point.score >= score) out = point;
  return out;
}

ThresholdPoint best_point(const std::vector<ThresholdPoint>& curve) {
  ThresholdPoint out;
  for (const ThresholdPoint& point : curve)
    if (point.f1 > out.f1) out = point;
  return out;
}

}  // namespace pasu::eval
