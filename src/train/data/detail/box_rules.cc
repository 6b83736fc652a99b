#include "train/data/detail/box_rules.h"

#include <cstdint>
#include <tuple>

namespace pasu::data::detail {

std::vector<std::pair<size_t, size_t>> repeated(const std::vector<Object>& objects, double least) {
  constexpr uint64_t kComparisonsMax = 20'000'000;
  std::vector<size_t> order(objects.size());
  for (size_t i = 0; i < order.size(); ++i) order[i] = i;
  const auto key = [&](size_t i) {
    return std::tuple(objects[i].category, objects[i].crowd, objects[i].box.x, i);
  };
  std::ranges::sort(order, {}, key);
  std::vector<std::pair<size_t, size_t>> out;
  uint64_t comparisons = 0;
  for (size_t k = 1; k < order.size(); ++k) {
    const Object& one = objects[order[k]];
    if (!(one.box.w > 0 && one.box.h > 0)) continue;
    for (size_t j = k; j-- > 0 && comparisons < kComparisonsMax; ++comparisons) {
      const Object& other = objects[order[j]];
      if (other.category != one.category || other.crowd != one.crowd) break;
      // An overlap of `least` leaves no more of the width than this between left edges.
      if (one.box.x - other.box.x > one.box.w * (1 / least - 1)) break;
      if (iou(one.box, other.box) < least) continue;
      out.emplace_back(std::min(order[j], order[k]), std::max(order[j], order[k]));
      break;
    }
  }
  // The same box again only once, whatever it repeats.
  const auto again = [](const auto& pair) { return pair.second; };
  std::ranges::sort(out, {}, again);
  const auto rest = std::ranges::unique(out, {}, again);
  out.erase(rest.begin(), rest.end());
  return out;
}

}  // namespace pasu::data::detail
