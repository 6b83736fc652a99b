// COCO's matching is greedy: detections by falling score, each takes the object it overlaps most of
// those still free; an object that counts goes before one to be ignored, whatever the overlap, and
// a later one goes before an earlier one of the same overlap. Asked for a threshold, that is "the
// first of my candidates, by falling overlap, that reaches it and is free", so one walk over the
// few candidates serves all thresholds and ranges, each a bit.
#include "train/eval/detail/match.h"

#include <algorithm>

#include "train/eval/detail/ranges.h"

namespace pasu::eval::detail {

void Matcher::match(const Group& group) {
  if (group.detection_begin == group.detection_end) return;
  take_targets(group);
  order_.clear();
  for (uint32_t at = group.detection_begin; at < group.detection_end; ++at) {
    const uint32_t row = groups_.detections[at];
    // Rows come in the order of a file, are asked for in another: fetched some groups ahead.
    constexpr size_t kAhead = 16;
    if (at + kAhead < groups_.detections.size())
      __builtin_prefetch(&detections_[groups_.detections[at + kAhead]]);
    order_.push_back({score_key(detections_[row].score), row});
  }
  sort_stable(order_, scratch_);
  const size_t kept = std::min(order_.size(), kept_max_);
  for (size_t i = 0; i < kept; ++i)
    match_one(detections_[order_[i].row], group.detection_begin + i);
}

void Matcher::take_targets(const Group& group) {
  targets_.clear();
  by_left_.clear();
  for (uint32_t at = group.truth_begin; at < group.truth_end; ++at) {
    const Truth& truth = truth_.truths[groups_.truths[at]];
    const data::Box& b = truth.box;
    targets_.push_back({.x = b.x,
                        .y = b.y,
                        .right = b.w + b.x,
                        .bottom = b.h + b.y,
                        .area = b.w * b.h,
                        .counts = truth.crowd ? 0 : ranges_of(truth.area, b.h),
                        .matched = 0,
                        .crowd = truth.crowd,
                        .id_is_zero = truth.id_is_zero});
    by_left_.add(b.x, targets_.back().right);
  }
  by_left_.sort();
}

// By falling IoU, of equal ones the later truth first.
void Matcher::find_candidates(const data::Box& box, double area) {
  candidates_.clear();
  const double right = box.w + box.x, bottom = box.h + box.y;
  by_left_.near(std::min(box.x, right), std::max(box.x, right), [&](uint32_t i) {
    const Target& target = targets_[i];
    const double w = std::min(right, target.right) - std::max(box.x, target.x);
    if (!(w > 0)) return;
    const double h = std::min(bottom, target.bottom) - std::max(box.y, target.y);
    if (!(h > 0)) return;
    const double both = w * h;
    const double iou = both / (target.crowd ? area : area + target.area - both);
    if (!(iou >= kIous[0])) return;
    const auto before = [&](const Candidate& other) {
      return other.iou > iou || (other.iou == iou && other.target > i);
    };
    candidates_.push_back({iou, i});
    for (size_t at = candidates_.size() - 1; at > 0 && !before(candidates_[at - 1]); --at)
      std::swap(candidates_[at], candidates_[at - 1]);
  });
}

void Matcher::match_one(const Detection& detection, size_t at) {
  const double area = detection.box.w * detection.box.h;
  find_candidates(detection.box, area);
  uint64_t open = kAllBits;  // For which nothing is found yet.
  uint64_t found = 0, ignored = 0, lost = 0;
  for (const Candidate& candidate : candidates_) {
    Target& target = targets_[candidate.target];
    const uint64_t take = open & reached(candidate.iou) & target.counts & ~target.matched;
    target.matched |= take;
    open &= ~take;
    (target.id_is_zero ? lost : found) |= take;
  }
  for (const Candidate& candidate : candidates_) {
    Target& target = targets_[candidate.target];
    uint64_t take = open & reached(candidate.iou) & ~target.counts;
    if (!target.crowd) take &= ~target.matched;
    target.matched |= take;
    open &= ~take;
    ignored |= take;
  }
  ignored |= (open | lost) & ~ranges_of(area, detection.box.h);
  out_[at] = {detection.score, found, ignored};
}

}  // namespace pasu::eval::detail
