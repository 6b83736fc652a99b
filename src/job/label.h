// Pictures labelled by teacher models, for a smaller model to learn from.
#pragma once

#include <atomic>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "job/fuse_teachers.h"

namespace pasu::job {

struct Teacher {
  std::string model;  ///< As detect::DetectorOptions::model.
  float weight = 1;
  Calibration calibration = {};
};

struct LabelOptions {
  /// A data set of files (its annotations are kept) or a folder of pictures without any.
  std::string input;
  /// A folder: instances.json, a link `images` to the folder of pictures, and teachers.jsonl, what
  /// each teacher saw. A run that was stopped goes on by it.
  std::string output;
  std::vector<Teacher> teachers;
  LabelRules rules;
  /// Scores are calibrated by this set's own hand-drawn boxes rather than by Teacher::calibration,
  /// where there are enough.
  bool calibrate = false;
  /// Lower scores of a teacher are not noted.
  float score_min = 0.05f;
  int threads = 0;  ///< 0: one a core.
  const std::atomic<bool>* stop = nullptr;
  std::function<void(uint64_t done, uint64_t all)> progress = {};
};

struct LabelReport {
  uint64_t pictures = 0, noted_before = 0;
  uint64_t drawn = 0;  ///< Objects annotated by hand, crowds apart.
  uint64_t drawn_unseen =
      0;                 ///< Of these, left at LabelRules::trust: the teachers hardly see them.
  uint64_t added = 0;    ///< People that only teachers saw.
  uint64_t ignored = 0;  ///< In doubt.
  /// By teacher, measured by the hand-drawn boxes of all pictures; empty where there are few.
  std::vector<std::optional<Calibration>> measured;
  std::vector<std::string> failures;  ///< Pictures that did not decode: left out.
};

/// Runs all teachers over all pictures and writes the fused annotations. The only class is person.
///
/// Errors: invalid_argument (no teacher, no picture, a teacher that knows no person), unsupported
/// (pictures in records: convert them first), malformed (notes of other teachers), cancelled (what
/// was noted stays), io, no_space, and those of the models.
[[nodiscard]] Result<LabelReport> label(const LabelOptions& options);

}  // namespace pasu::job
