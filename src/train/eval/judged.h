// Each detection right or wrong, each object found or missed, at one overlap: what a threshold on
// the score does, and which pictures to look at.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "train/eval/ground_truth.h"

namespace pasu::eval {

struct JudgeOptions {
  double iou = 0.5;
  uint32_t category = 0;
  /// Objects lower than this are neither to be found nor wrong to find, and a wrong detection lower
  /// than this is not counted. In pixels of a picture times `scales`.
  double height_min = 0;
  std::vector<double>
      scales{};  ///< One a picture, network-input pixels per picture pixel; empty: 1.
};

struct FoundBox {
  uint32_t picture = 0;
  data::Box box;
  double score = 0;
  bool right = false;
};

struct WantedBox {
  uint32_t picture = 0;
  data::Box box;
  double score = 0;  ///< Of the detection that found it; 0: none did.
};

struct Judged {
  std::vector<FoundBox> found;    ///< By falling score.
  std::vector<WantedBox> wanted;  ///< The objects that count, in the order of the truths.
};

/// Greedy, by falling score, as COCO does. Detections in crowds and of difficult objects are
/// neither right nor wrong.
[[nodiscard]] Judged judge(const GroundTruth& truth, std::span<const Detection> detections,
                           const JudgeOptions& options = {});

/// What a threshold of `score` finds.
struct ThresholdPoint {
  double score = 0, precision = 0, recall = 0, f1 = 0;
  bool operator==(const ThresholdPoint&) const = default;
};

/// One a score, falling. Precision counts from the first on.
[[nodiscard]] std::vector<ThresholdPoint> threshold_curve(const Judged& judged);
/// The point at `score`; all 0 where nothing has as much.
[[nodiscard]] ThresholdPoint point_at(const std::vector<ThresholdPoint>& curve, double score);
/// That of the largest F1; of equal ones the highest score. All 0 where nothing is right.
[[nodiscard]] ThresholdPoint best_point(const std::vector<ThresholdPoint>& curve);

}  // namespace pasu::eval
