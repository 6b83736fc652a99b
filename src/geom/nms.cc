#include "geom/nms.h"

#include <algorithm>

namespace pasu::geom {

void nms(std::vector<Detection>& detections, const NmsOptions& options) {
  std::stable_sort(detections.begin(), detections.end(),
                   [](const Detection& a, const Detection& b) { return a.score > b.score; });
  if (detections.size() > options.candidates_max) detections.resize(options.candidates_max);
  // Survivors are moved to the front; everything before `kept` is final.
  size_t kept = 0;
  for (size_t i = 0; i < detections.size() && kept < options.kept_max; ++i) {
    const Detection candidate = detections[i];
    const bool suppressed =
        std::any_of(detections.begin(), detections.begin() + static_cast<std::ptrdiff_t>(kept),
                    [&](const Detection& better) {
                      if (options.per_label && better.label != candidate.label) return false;
                      return iou(better.box, candidate.box) > options.iou;
                    });
    if (!suppressed) detections[kept++] = candidate;
  }
  detections.resize(kept);
}

}  // namespace pasu::geom
