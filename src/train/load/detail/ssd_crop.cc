#include "train/load/detail/ssd_crop.h"

#include <algorithm>
#include <cmath>

namespace pasu::train::detail {
namespace {

// ssd_random_crop's defaults (TF OD API preprocessor.proto): one of seven rules is drawn. A crop is
// good where it covers so much of at least one box; boxes of which it covers less go away.
constexpr float kCovered[] = {0, 0.1f, 0.3f, 0.5f, 0.7f, 0.9f, 1};
constexpr Range kAspect = {0.5f, 2}, kArea = {0.1f, 1};
constexpr float kWholePicture = 0.15f;
constexpr int kAttempts = 100;

/// The part of `box` that is inside `crop`.
float covered(const FrameBox& box, const Crop& crop) {
  const float w = std::min(box.x2, static_cast<float>(crop.x + crop.width)) -
                  std::max(box.x1, static_cast<float>(crop.x));
  const float h = std::min(box.y2, static_cast<float>(crop.y + crop.height)) -
                  std::max(box.y1, static_cast<float>(crop.y));
  if (w <= 0 || h <= 0) return 0;
  return w * h / ((box.x2 - box.x1) * (box.y2 - box.y1));
}

}  // namespace

Crop ssd_crop(geom::Size frame, std::vector<FrameBox>& boxes, Random& random) {
  const Crop whole{0, 0, frame.width, frame.height};
  const float least = kCovered[random.below(std::size(kCovered))];
  if (random.chance(kWholePicture) || boxes.empty()) return whole;
  const float frame_area = static_cast<float>(frame.width) * static_cast<float>(frame.height);
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    const float area = frame_area * random.between(kArea), aspect = random.between(kAspect);
    Crop crop;
    crop.width = static_cast<int>(std::lround(std::sqrt(area * aspect)));
    crop.height = static_cast<int>(std::lround(std::sqrt(area / aspect)));
    if (crop.width < 1 || crop.height < 1 || crop.width > frame.width || crop.height > frame.height)
      continue;
    crop.x = random.whole(0, frame.width - crop.width) & ~1;
    crop.y = random.whole(0, frame.height - crop.height) & ~1;
    const auto stays = [&](const FrameBox& box) {
      const float part = covered(box, crop);
      return part > 0 && part >= least - 1e-4f;
    };
    if (std::ranges::none_of(boxes, stays)) continue;
    std::erase_if(boxes, [&](const FrameBox& box) { return !stays(box); });
    return crop;
  }
  return whole;
}

}  // namespace pasu::train::detail
