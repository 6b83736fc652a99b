// Each detection right or wrong, each person found or missed: what curves and pictures of a report
// are made of.
#pragma once

#include <cstdint>
#include <vector>

#include "train/fit/evaluate.h"

namespace pasu::train {

struct FoundBox {
  uint32_t picture = 0;
  data::Box box;
  double score = 0;
  bool right = false;
};

struct PersonBox {
  uint32_t picture = 0;
  data::Box box;
  double best_score = 0;  ///< Of the detection that found it; 0: none did.
};

struct Judged {
  std::vector<FoundBox> found;    ///< By falling score; those of crowds left out.
  std::vector<PersonBox> people;  ///< All truths that count.
};

/// Greedy, by falling score, at IoU `overlap`: COCO's rule, of one class.
[[nodiscard]] Judged judge(const Measured& measured, double overlap = 0.5);

struct CurvePoint {
  double recall = 0, precision = 0, score = 0;
};
/// Precision against recall, a point a detection.
[[nodiscard]] std::vector<CurvePoint> precision_recall(const Judged& judged);

/// The score from which on F1 is largest; 0 where nothing is right.
struct WorkingPoint {
  double score = 0, precision = 0, recall = 0, f1 = 0;
};
[[nodiscard]] WorkingPoint best_f1(const std::vector<CurvePoint>& curve);

}  // namespace pasu::train
