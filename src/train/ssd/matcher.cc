#include "train/ssd/matcher.h"

namespace pasu::train::ssd {

std::vector<int> match(std::span<const Corners> truths, std::span<const Corners> anchors,
                       const MatcherOptions& options) {
  std::vector<int> out(anchors.size(), kBackground);
  if (truths.empty()) return out;
  std::vector<float> best_of_truth(truths.size(), -1);
  std::vector<size_t> anchor_of_truth(truths.size());
  for (size_t a = 0; a < anchors.size(); ++a) {
    float best = -1;
    for (size_t t = 0; t < truths.size(); ++t) {
      const float overlap = iou(truths[t], anchors[a]);
      if (overlap > best) {
        best = overlap;
        out[a] = static_cast<int>(t);
      }
      if (overlap > best_of_truth[t]) {
        best_of_truth[t] = overlap;
        anchor_of_truth[t] = a;
      }
    }
    const bool below = best < options.unmatched;
    if (below)
      out[a] = options.negatives_lower ? kBackground : kNotCounted;
    else if (best < options.matched)
      out[a] = options.negatives_lower ? kNotCounted : kBackground;
  }
  if (options.force_match &&
      !anchors.empty())  // Backwards: an anchor that two want is the first's.
    for (size_t t = truths.size(); t-- > 0;) out[anchor_of_truth[t]] = static_cast<int>(t);
  return out;
}

}  // namespace pasu::train::ssd
