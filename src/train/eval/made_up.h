// A data set and a detector's results out of thin air, shaped like COCO's validation set: for
// measuring how long evaluation takes.
#pragma once

#include <cstdint>
#include <vector>

#include "train/data/dataset.h"
#include "train/eval/ground_truth.h"

namespace pasu::eval {

struct MadeUpOptions {
  size_t pictures = 5000, categories = 80, truths = 36'781;  ///< As COCO val2017 has.
  size_t detections = 180'000;
  uint64_t seed = 1;
};

struct MadeUp {
  data::DataSet set;
  GroundTruth truth;                  ///< Of `set`.
  std::vector<Detection> detections;  ///< In no order.
};

/// The same on every machine. Crowded and empty pictures, a few frequent and many rare categories,
/// boxes of all sizes, 1 % crowds; of the objects most are found by several detections, the better
/// the higher their score; the other detections are wrong and score low. Scores have 3 decimals, so
/// that many are equal. At least one picture and one category.
[[nodiscard]] MadeUp make_up(const MadeUpOptions& options);

}  // namespace pasu::eval
