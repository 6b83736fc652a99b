// Average precision as Pascal VOC and Open Images count it.
#pragma once

#include <span>
#include <vector>

#include "train/eval/ground_truth.h"

namespace pasu::eval {

enum class VocRule {
  voc07,     ///< py-faster-rcnn: pixels counted inclusively, IoU above 0.5, the mean of 11 points.
  voc10,     ///< The same with the area under the curve.
  tfod_voc,  ///< TF OD API's PascalDetectionEvaluator: plain areas, IoU from 0.5 on, area.
  oid,       ///< TF OD API's OpenImagesDetectionEvaluator: tfod_voc with group-of boxes.
};

struct VocClass {
  double ap = -1;  ///< -1: no objects that count.
  double recall = -1;
  size_t truths = 0;  ///< That count.
  size_t detections = 0;
};

struct VocResult {
  double mean_ap = -1;            ///< Of the classes with objects; -1: none has any.
  std::vector<VocClass> classes;  ///< As GroundTruth::categories.
};

/// Detections of one score count in the order they are given. Any finite boxes and scores.
[[nodiscard]] VocResult evaluate_voc(const GroundTruth& truth,
                                     std::span<const Detection> detections, VocRule rule,
                                     int threads = 0);

}  // namespace pasu::eval
