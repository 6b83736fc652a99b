// How long evaluation takes, pasu's own and Python's.
#pragma once

#include <atomic>
#include <functional>
#include <string>
#include <vector>

#include "base/result.h"
#include "train/eval/coco.h"

namespace pasu::job {

struct EvalCost {
  double read_seconds = 0;      ///< Both JSON files.
  double evaluate_seconds = 0;  ///< The twelve numbers, from what was read.
  double evaluate_cpu_seconds = 0;
  eval::CocoNumbers numbers{};
};

struct EvalLine {
  std::string program;  ///< "pasu", "pycocotools", "faster_coco_eval"
  size_t detections = 0;
  EvalCost cost;
  double differs = 0;    ///< The most that one of the twelve numbers differs from pasu's.
  double ratio = 1;      ///< Its evaluate_seconds over pasu's.
  double cpu_ratio = 1;  ///< The same of CPU time, which other programs' load moves less.
};

struct EvalBenchOptions {
  std::vector<size_t> detections = {180'000, 500'000};
  size_t pictures = 5000;  ///< With as many objects each as COCO's have.
  int rounds = 3;          ///< Of each program, by turns, pasu thrice in each; medians count.
  int threads = 0;         ///< pasu's; 0: one a core.
};

/// `on_missing` hears of each program that is not installed. Errors: the disk; cancelled.
[[nodiscard]] Result<void> bench_eval(const EvalBenchOptions& options,
                                      const std::function<void(const EvalLine&)>& on_line,
                                      const std::function<void(const std::string&)>& on_missing,
                                      const std::atomic<bool>& stop);

}  // namespace pasu::job
