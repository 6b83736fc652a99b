// Precision over recall for one category: every question of ranges.h has a curve of its own over
// the same detections.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "train/eval/coco.h"
#include "train/eval/detail/by_score.h"

namespace pasu::eval::detail {

/// Detections of one category by falling score.
struct Ranked {
  std::vector<double> score;
  std::vector<uint64_t> found, ignored;
  void clear();
};

/// Turns the detections' bits into a row of bits for each question. One for each thread.
class Curves {
 public:
  /// `ranked` is borrowed until the next load().
  void load(const Ranked& ranked);

  struct Area {
    double precision = 0;  ///< The mean of COCO's 101 samples.
    double recall = 0;     ///< Where the curve ends.
  };
  /// `truths` > 0: how many there are to find.
  [[nodiscard]] Area area(size_t bit, size_t truths);
  [[nodiscard]] WorkingPoints working_points(size_t bit, size_t truths) const;

 private:
  const Ranked* ranked_ = nullptr;
  size_t blocks_ = 0;
  std::vector<uint64_t> found_, counted_;  // [bit][block of 64 detections]
  std::vector<double> precision_;
};

}  // namespace pasu::eval::detail
