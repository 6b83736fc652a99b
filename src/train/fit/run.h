// A training run: from a configuration to weights, in a folder that another run can go on from.
//
//   DIR/last.ckpt        all that the next step depends on
//   DIR/best.ckpt        the averaged weights that measured best, for export
//   DIR/final.ckpt       the averaged weights after the last step
//   DIR/log.jsonl        numbers by step; events.out.tfevents.*: the same for TensorBoard
//   DIR/pipeline.config  the configuration
//   DIR/report.html      curves, and what the network misses and imagines
#pragma once

#include <atomic>
#include <optional>
#include <string>

#include "base/result.h"
#include "train/fit/settings.h"

namespace pasu::train {

struct RunOptions {
  std::string folder;
  bool resume = false;
  std::string from{};        ///< A checkpoint to begin with, instead of Settings::from.
  bool interactive = false;  ///< A line on stderr that changes, rather than lines now and then.
  int64_t stop_after = 0;    ///< Ends as if stopped once so many steps are done; 0: does not.
};

struct RunResult {
  int64_t step = 0;
  bool finished = false;  ///< All steps are done; false: stopped, and resumable.
  double best_score = -1;
  int64_t best_step = 0;
};

/// Trains until all steps are done or `stop` is set, which writes a checkpoint first. Ends of the
/// same (settings, seed) are the same bit for bit, however often it was stopped, killed and
/// resumed, in float32 with one thread.
///
/// A checkpoint that cannot be written is an error in the log, and training goes on with the one
/// before; the last one is an error here. Errors also: exists (the folder holds a run and resume is
/// off), those of data and checkpoints, invalid_argument (a loss that is no number, naming
/// pictures).
[[nodiscard]] Result<RunResult> run(const Settings& settings, const RunOptions& options,
                                    const std::atomic<bool>& stop);

}  // namespace pasu::train
