#include "train/ssd/hard_miner.h"

#include <algorithm>
#include <functional>
#include <numeric>

#include "base/assert.h"
#include "train/ssd/matcher.h"

namespace pasu::train::ssd {
namespace {

/// Corners in order and the area, as TensorFlow's suppression takes them.
struct Sorted {
  Corners box;
  float area = 0;
};

bool suppresses(const Sorted& a, const Sorted& b, float least) {
  if (a.area <= 0 || b.area <= 0) return false;
  // The overlap is at most the ratio of the areas: most pairs end here.
  if (std::min(a.area, b.area) <= least * std::max(a.area, b.area)) return false;
  const float h = std::min(a.box.y2, b.box.y2) - std::max(a.box.y1, b.box.y1);
  const float w = std::min(a.box.x2, b.box.x2) - std::max(a.box.x1, b.box.x1);
  if (h <= 0 || w <= 0) return false;
  return h * w / (a.area + b.area - h * w) > least;
}

}  // namespace

std::vector<uint32_t> mine(std::span<const Corners> boxes, std::span<const float> losses,
                           std::span<const int> matches, const HardMinerOptions& options) {
  ASSERT(boxes.size() == losses.size() && boxes.size() == matches.size());
  std::vector<uint32_t> order(boxes.size());
  std::iota(order.begin(), order.end(), 0u);
  std::ranges::stable_sort(order, std::greater<>(), [&](uint32_t i) { return losses[i]; });
  std::vector<Sorted> kept_boxes;
  std::vector<uint32_t> kept;
  for (const uint32_t i : order) {
    if (kept.size() == static_cast<size_t>(std::max(0, options.examples_max))) break;
    const Corners& b = boxes[i];
    Sorted one;
    one.box = {std::min(b.y1, b.y2), std::min(b.x1, b.x2), std::max(b.y1, b.y2),
               std::max(b.x1, b.x2)};
    one.area = one.box.area();
    if (options.iou < 1 &&
        std::ranges::any_of(
            kept_boxes, [&](const Sorted& other) { return suppresses(one, other, options.iou); }))
      continue;
    kept_boxes.push_back(one);
    kept.push_back(i);
  }
  if (options.negatives_per_positive <= 0) return kept;
  const auto positives = std::ranges::count_if(kept, [&](uint32_t i) { return matches[i] >= 0; });
  const int64_t negatives_max =
      std::max<int64_t>(options.negatives_min, options.negatives_per_positive * positives);
  int64_t negatives = 0;
  std::erase_if(kept, [&](uint32_t i) {
    negatives += matches[i] == kBackground;
    return matches[i] < 0 && negatives > negatives_max;
  });
  return kept;
}

}  // namespace pasu::train::ssd
