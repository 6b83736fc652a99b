#include "train/eval/voc.h"

#include <algorithm>

#include "train/eval/detail/by_left.h"
#include "train/eval/detail/by_score.h"
#include "train/eval/detail/groups.h"
#include "train/eval/detail/parallel.h"

namespace pasu::eval {
namespace {

using detail::Group;

constexpr double kIou = 0.5;

struct Rule {
  double pixel;           // Added to widths and heights.
  bool above;             // IoU must be above kIou, not just reach it.
  bool eleven_points;     // Not the area.
  bool difficult;         // Difficult objects are passed over.
  bool group_of;          // Crowds swallow what lies in them.
  bool only_whole_boxes;  // Detections without width or height do not exist.
};

Rule rule_of(VocRule rule) {
  switch (rule) {
    case VocRule::voc07:
      return {1, true, true, true, false, false};
    case VocRule::voc10:
      return {1, true, false, true, false, false};
    case VocRule::tfod_voc:
      return {0, false, false, true, false, true};
    case VocRule::oid:
      return {0, false, false, false, true, true};
  }
  return {};
}

double overlap(const data::Box& a, const data::Box& b, double pixel) {
  const double w = std::min(a.x + a.w, b.x + b.w) - std::max(a.x, b.x) + pixel;
  const double h = std::min(a.y + a.h, b.y + b.h) - std::max(a.y, b.y) + pixel;
  return std::max(w, 0.) * std::max(h, 0.);
}

double area(const data::Box& box, double pixel) { return (box.w + pixel) * (box.h + pixel); }

enum class Verdict : uint32_t { wrong, right, ignored };

class ClassJudge {
 public:
  ClassJudge(const GroundTruth& truth, std::span<const Detection> detections,
             const detail::Groups& groups, const Rule& rule)
      : truth_(truth), detections_(detections), groups_(groups), rule_(rule) {}

  void run(std::span<const Group> groups, VocClass& out) {
    judged_.clear();
    out = {};
    for (const Group& group : groups) {
      out.detections += group.detection_end - group.detection_begin;
      out.truths += judge(group);
    }
    if (out.truths == 0) return;
    // Equals as they were given, whatever picture they are of.
    std::ranges::sort(judged_, {}, &detail::Scored::row);
    detail::sort_stable(judged_, scratch_);
    draw_curve(out);
  }

 private:
  // How many objects of the group count.
  size_t judge(const Group& group) {
    taken_.assign(group.truth_end - group.truth_begin, false);
    by_left_.clear();
    for (uint32_t at = group.truth_begin; at < group.truth_end; ++at)
      by_left_.add(truth(at).box.x, truth(at).box.x + truth(at).box.w);
    by_left_.sort();
    order_.clear();
    for (uint32_t at = group.detection_begin; at < group.detection_end; ++at) {
      const uint32_t row = groups_.detections[at];
      const data::Box& box = detections_[row].box;
      if (rule_.only_whole_boxes && !(box.w > 0 && box.h > 0)) continue;
      order_.push_back({detail::score_key(detections_[row].score), row});
    }
    detail::sort_stable(order_, scratch_);
    for (const auto& [key, row] : order_) {
      Verdict verdict = found(group, detections_[row].box);
      if (verdict == Verdict::wrong && rule_.group_of && in_crowd(group, detections_[row].box))
        verdict = Verdict::ignored;
      if (verdict != Verdict::ignored)
        judged_.push_back({key, row << 1 | (verdict == Verdict::right ? 1u : 0u)});
    }
    size_t count = 0;
    for (uint32_t at = group.truth_begin; at < group.truth_end; ++at) {
      const Truth& one = truth(at);
      if (!(rule_.difficult && one.difficult) && !(rule_.group_of && one.crowd)) ++count;
    }
    return count;
  }

  // Only the object that overlaps most is looked at, the first of equal ones.
  Verdict found(const Group& group, const data::Box& box) {
    double most = -1;
    uint32_t best = group.truth_end;
    by_left_.near(std::min(box.x, box.x + box.w), std::max(box.x, box.x + box.w), [&](uint32_t i) {
      const uint32_t at = group.truth_begin + i;
      const Truth& one = truth(at);
      if (rule_.group_of && one.crowd) return;
      const double both = overlap(box, one.box, rule_.pixel);
      const double iou = both / (area(box, rule_.pixel) + area(one.box, rule_.pixel) - both);
      if (!(iou > most || (iou == most && at < best))) return;
      most = iou;
      best = at;
    });
    if (!(rule_.above ? most > kIou : most >= kIou)) return Verdict::wrong;
    if (rule_.difficult && truth(best).difficult) return Verdict::ignored;
    auto taken = taken_[best - group.truth_begin];
    if (taken) return Verdict::wrong;
    taken_[best - group.truth_begin] = true;
    return Verdict::right;
  }

  [[nodiscard]] bool in_crowd(const Group& group, const data::Box& box) const {
    bool in = false;
    by_left_.near(box.x, box.x + box.w, [&](uint32_t i) {
      const Truth& one = truth(group.truth_begin + i);
      in = in || (one.crowd && overlap(box, one.box, 0) / area(box, 0) >= kIou);
    });
    return in;
  }

  void draw_curve(VocClass& out) {
    precision_.clear();  // At each find: between them it only falls.
    size_t all = 0;
    for (const detail::Scored& one : judged_) {
      ++all;
      if ((one.row & 1) != 0)
        precision_.push_back(static_cast<double>(precision_.size() + 1) / static_cast<double>(all));
    }
    for (size_t i = precision_.size(); i-- > 1;)
      precision_[i - 1] = std::max(precision_[i - 1], precision_[i]);
    const auto truths = static_cast<double>(out.truths);
    out.recall = static_cast<double>(precision_.size()) / truths;
    double sum = 0;
    if (!rule_.eleven_points) {
      for (const double precision : precision_) sum += precision / truths;
    } else {
      size_t at = 0;
      for (int point = 0; point <= 10; ++point) {
        const double recall = point * 0.1;  // numpy.arange(0, 1.1, 0.1)
        while (at < precision_.size() && static_cast<double>(at + 1) / truths < recall) ++at;
        if (at < precision_.size()) sum += precision_[at] / 11;
      }
    }
    out.ap = sum;
  }

  [[nodiscard]] const Truth& truth(uint32_t at) const { return truth_.truths[groups_.truths[at]]; }

  const GroundTruth& truth_;
  std::span<const Detection> detections_;
  const detail::Groups& groups_;
  const Rule& rule_;
  std::vector<bool> taken_;
  detail::ByLeft by_left_;                                // The truths of the group.
  std::vector<detail::Scored> order_, judged_, scratch_;  // judged_: row * 2 + right.
  std::vector<double> precision_;
};

}  // namespace

VocResult evaluate_voc(const GroundTruth& truth, std::span<const Detection> detections,
                       VocRule rule, int threads) {
  const Rule how = rule_of(rule);
  const detail::Groups groups = detail::group(truth, detections);
  VocResult result;
  result.classes.resize(truth.categories.size());
  detail::parallel(result.classes.size(), detail::thread_count(threads), [&] {
    return [&, judge = ClassJudge(truth, detections, groups, how)](size_t i) mutable {
      const auto begin = groups.category_begin[i], end = groups.category_begin[i + 1];
      judge.run(std::span(groups.groups).subspan(begin, end - begin), result.classes[i]);
    };
  });
  double sum = 0;
  size_t n = 0;
  for (const VocClass& one : result.classes)
    if (one.truths > 0) {
      sum += one.ap;
      ++n;
    }
  if (n > 0) result.mean_ap = sum / static_cast<double>(n);
  return result;
}

}  // namespace pasu::eval
