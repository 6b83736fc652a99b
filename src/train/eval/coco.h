// COCO's detection numbers, as pycocotools gives them.
#pragma once

#include <array>
#include <span>
#include <vector>

#include "train/eval/ground_truth.h"

namespace pasu::eval {

/// In pycocotools' order. -1: nothing to measure.
enum class CocoNumber { ap, ap50, ap75, ap_s, ap_m, ap_l, ar_1, ar_10, ar_100, ar_s, ar_m, ar_l };
constexpr std::array kCocoNames = {"AP",  "AP50", "AP75",  "APs", "APm", "APl",
                                   "AR1", "AR10", "AR100", "ARs", "ARm", "ARl"};
using CocoNumbers = std::array<double, kCocoNames.size()>;

/// Box heights in pixels: from kHeights[i] on, below kHeights[i + 1].
constexpr std::array<double, 7> kHeights = {0, 16, 32, 64, 128, 256, 1e9};
constexpr size_t kHeightCount = kHeights.size() - 1;

/// Where a threshold on the score can be put, at IoU 0.5. A threshold takes all detections of one
/// score or none. -1: no objects to find.
struct WorkingPoints {
  static constexpr double kPrecision = 0.9, kRecall = 0.9;
  size_t truths = 0;         ///< That count.
  double recall = -1;        ///< The most found while precision is kPrecision or more; 0: never is.
  double recall_score = -1;  ///< The threshold there.
  double precision = -1;     ///< The best while recall is kRecall or more; 0: it never gets there.
  double precision_score = -1;
};

struct CocoClass {
  CocoNumbers numbers{};
  double ap_at_max_dets = -1;
  size_t truths = 0, crowds = 0, detections = 0;
  WorkingPoints all;
  std::array<WorkingPoints, kHeightCount> by_height;
};

struct CocoResult {
  CocoNumbers numbers{};
  /// AP at the greatest of max_dets. numbers[ap] is that at 100, and -1 where 100 is none of them.
  double ap_at_max_dets = -1;
  std::vector<CocoClass> classes;  ///< As GroundTruth::categories.
};

struct CocoOptions {
  /// Detections a picture and category that count, best first; rising, from 1.
  std::array<int, 3> max_dets = {1, 10, 100};
  int threads = 0;  ///< 0: one a core.
};

/// Memory is linear in the rows. Any finite boxes and scores.
[[nodiscard]] CocoResult evaluate_coco(const GroundTruth& truth,
                                       std::span<const Detection> detections,
                                       const CocoOptions& options = {});

}  // namespace pasu::eval
