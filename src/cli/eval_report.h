// What `pasu eval` says: tables for people, JSON for programs.
#pragma once

#include <map>
#include <optional>
#include <string>

#include <nlohmann/json.hpp>

#include "train/eval/coco.h"
#include "train/eval/ground_truth.h"
#include "train/eval/judged.h"
#include "train/eval/voc.h"

namespace pasu::cli {

/// What one threshold does, of persons or of the one class there is.
struct PointReport {
  double iou = 0.5, height_min = 0;
  double threshold = 0;  ///< As asked for; 0: none.
  size_t category = 0, objects = 0;
  eval::ThresholdPoint at_threshold, best;
};

/// The metrics that were asked for, by their names on the command line.
struct EvalReport {
  std::string annotations, results;  ///< What was measured: files, a model.
  size_t detections = 0;
  std::array<int, 3> max_dets{};
  std::optional<eval::CocoResult> coco;
  std::vector<std::pair<std::string, eval::VocResult>> voc;
  std::optional<PointReport> point;
};

/// "person", or the one class there is.
[[nodiscard]] std::optional<size_t> person_or_only(const eval::GroundTruth& truth);

/// {"coco":{"AP":..},"per_class":[..],"voc07":{"per_class":[..],"mAP":..}}; -1 where there was
/// nothing to measure, as pycocotools has it.
[[nodiscard]] nlohmann::ordered_json to_json(const EvalReport& report,
                                             const eval::GroundTruth& truth);

[[nodiscard]] std::string to_text(const EvalReport& report, const eval::GroundTruth& truth);

}  // namespace pasu::cli
