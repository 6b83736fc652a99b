// The questions asked of every detection, one bit each, so that one operation answers all of them:
//
//   bit 10 * a + t   COCO: area range a (all, small, medium, large) at IoU threshold t
//   bit 40 + h       height range h at IoU 0.5
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>

#include "train/eval/coco.h"

namespace pasu::eval::detail {

constexpr size_t kThresholds = 10, kAreas = 4;
constexpr size_t kHeightBit = kAreas * kThresholds;
constexpr size_t kBits = kHeightBit + kHeightCount;
static_assert(kBits <= 64);

/// numpy.linspace(.5, .95, 10), the ninth included.
constexpr std::array<double, kThresholds> kIous = {
    0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.8999999999999999, 0.95};

constexpr uint64_t kAllThresholds = (uint64_t{1} << kThresholds) - 1;
constexpr uint64_t kAllBits = (uint64_t{1} << kBits) - 1;

/// The ranges that something of this area and height is in, with all their bits. COCO's have both
/// ends inside, so that 32 x 32 is small and medium.
inline uint64_t ranges_of(double area, double height) {
  constexpr double kSmall = 32 * 32, kMedium = 96 * 96, kLarge = 1e5 * 1e5;
  uint64_t bits = 0;
  if (area >= 0 && area <= kLarge) bits |= kAllThresholds;
  if (area >= 0 && area <= kSmall) bits |= kAllThresholds << kThresholds;
  if (area >= kSmall && area <= kMedium) bits |= kAllThresholds << 2 * kThresholds;
  if (area >= kMedium && area <= kLarge) bits |= kAllThresholds << 3 * kThresholds;
  for (size_t h = 0; h < kHeightCount; ++h)
    if (height >= kHeights[h] && height < kHeights[h + 1]) bits |= uint64_t{1} << (kHeightBit + h);
  return bits;
}

/// The bits whose IoU threshold `iou` reaches.
inline uint64_t reached(double iou) {
  uint64_t thresholds = 0;
  for (size_t t = 0; t < kThresholds; ++t)
    thresholds |= static_cast<uint64_t>(iou >= kIous[t]) << t;
  uint64_t bits = 0;
  for (size_t a = 0; a < kAreas; ++a) bits |= thresholds << a * kThresholds;
  constexpr uint64_t kHeightBits = kAllBits & ~((uint64_t{1} << kHeightBit) - 1);
  return bits | ((thresholds & 1) != 0 ? kHeightBits : 0);
}

}  // namespace pasu::eval::detail
