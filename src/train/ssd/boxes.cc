#include "train/ssd/boxes.h"

#include <algorithm>
#include <cmath>

namespace pasu::train::ssd {
namespace {

/// Keeps empty boxes from a division by 0 and the logarithm of it (TF OD API's EPSILON).
constexpr float kEpsilon = 1e-8f;

}  // namespace

Centre centre_of(const Corners& box) {
  const float h = box.y2 - box.y1, w = box.x2 - box.x1;
  return {.y = box.y1 + h / 2, .x = box.x1 + w / 2, .h = h, .w = w};
}

Corners corners_of(const Centre& box) {
  return {.y1 = box.y - box.h / 2,
          .x1 = box.x - box.w / 2,
          .y2 = box.y + box.h / 2,
          .x2 = box.x + box.w / 2};
}

float iou(const Corners& a, const Corners& b) {
  const float h = std::max(0.f, std::min(a.y2, b.y2) - std::max(a.y1, b.y1));
  const float w = std::max(0.f, std::min(a.x2, b.x2) - std::max(a.x1, b.x1));
  const float both = h * w;
  return both == 0 ? 0 : both / (a.area() + b.area() - both);
}

Code encode(const Corners& box, const Corners& anchor, const CodeScales& scales) {
  Centre b = centre_of(box), a = centre_of(anchor);
  for (float* side : {&b.h, &b.w, &a.h, &a.w}) *side += kEpsilon;
  return {(b.y - a.y) / a.h * scales[0], (b.x - a.x) / a.w * scales[1],
          std::log(b.h / a.h) * scales[2], std::log(b.w / a.w) * scales[3]};
}

Corners decode(const Code& code, const Corners& anchor, const CodeScales& scales) {
  const Centre a = centre_of(anchor);
  return corners_of({.y = code[0] / scales[0] * a.h + a.y,
                     .x = code[1] / scales[1] * a.w + a.x,
                     .h = std::exp(code[2] / scales[2]) * a.h,
                     .w = std::exp(code[3] / scales[3]) * a.w});
}

}  // namespace pasu::train::ssd
