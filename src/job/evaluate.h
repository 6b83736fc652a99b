// A detector shown the pictures of an annotated data set.
#pragma once

#include <atomic>
#include <string>
#include <vector>

#include "base/result.h"
#include "detect/detector.h"
#include "job/progress.h"
#include "train/data/dataset.h"
#include "train/eval/ground_truth.h"

namespace pasu::job {

struct EvaluateOptions {
  detect::DetectorOptions detector;  ///< score_min 0 stands for kScoreMin here.
  std::string images;                ///< The folder that Picture::file is relative to.

  /// Average precision counts what a threshold in use would hide.
  static constexpr float kScoreMin = 0.001f;
};

struct ModelDetections {
  std::vector<eval::Detection> detections;
  detect::DetectorInfo model;
  std::vector<std::string> unmatched_categories;  ///< That the model has no label for.
};

/// Labels are the categories of the same name, letter case aside; boxes of other labels are left
/// out. Errors: not_found (pictures, checked before anything is run; the model), invalid_argument
/// (no label is a category), malformed (a picture is unreadable, or of another size than its
/// annotation says), cancelled.
[[nodiscard]] Result<ModelDetections> detect_set(const data::DataSet& set,
                                                 const eval::GroundTruth& truth,
                                                 const EvaluateOptions& options, Progress& progress,
                                                 const std::atomic<bool>& stop);

}  // namespace pasu::job
