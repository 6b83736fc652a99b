#include "geom/nms.h"

#include <algorithm>
#include <span>

namespace pasu::geom {

void nms(std::vector<Detection>& detections, const NmsOptions& options) {
  std::stable_sort(detections.begin(), detections.end(),
                   [](const Detection& a, const Detection& b) { return a.score > b.score; });
  if (detections.size() > options.candidates_max) detections.resize(options.candidates_max);
  // Survivors are moved to the front; everything before `kept` is final.
  size_t kept = 0;
  for (size_t i = 0; i < detections.size() && kept < options.kept_max; ++i) {
    const Detection candidate = detections[i];
    const auto better = std::span(detections).first(kept);
    const auto has_its_label = [&](const Detection& one) { return one.label == candidate.label; };
    const bool full = options.kept_per_label_max > 0 &&
                      std::ranges::count_if(better, has_its_label) >=
                          static_cast<std::ptrdiff_t>(options.kept_per_label_max);
    const bool suppressed = full || std::ranges::any_of(better, [&](const Detection& one) {
                              return (!options.per_label || has_its_label(one)) &&
                                     iou(one.box, candidate.box) > options.iou;
                            });
    if (!suppressed) detections[kept++] = candidate;
  }
  detections.resize(kept);
}

}  // namespace pasu::geom
