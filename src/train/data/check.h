// What is wrong with a data set: found, named, and mended where that takes no guess.
#pragma once

#include <atomic>
#include <functional>
#include <vector>

#include "base/result.h"
#include "train/data/finding.h"
#include "train/data/label_map.h"
#include "train/data/source.h"

namespace pasu::data {

struct CheckOptions {
  const LabelMap* labels = nullptr;
  /// False: sizes and kinds from headers alone, which finds no damage further in.
  bool decode = true;
  /// Two boxes of a class that overlap by this much (IoU) are one thing drawn twice.
  double repeated_iou = 0.95;
  /// Boxes may be so many pixels outside: tools round.
  double outside_pixels = 0.5;
  int threads = 0;  ///< 0: one a core.
  const std::atomic<bool>* stop = nullptr;
  std::function<void(uint64_t done, uint64_t all)> progress = {};  ///< Pictures; from this thread.
};

struct CheckReport {
  std::vector<Finding> findings;  ///< In order of splits and pictures.
  uint64_t pictures = 0, objects = 0;
  /// By split and picture: missing, or not to be decoded.
  std::vector<std::vector<bool>> unusable;
};

/// Looks at every picture and box. docs/ref/data.md lists what is looked for.
/// Errors: cancelled; what is wrong with the data is no error.
[[nodiscard]] Result<CheckReport> check(const std::vector<Split>& splits,
                                        const CheckOptions& options);

struct Mended {
  uint64_t pictures_dropped = 0;  ///< Missing or unreadable ones.
  uint64_t boxes_turned = 0;      ///< Corners in the wrong order: the same box.
  uint64_t boxes_clipped = 0;     ///< To their picture.
  uint64_t boxes_dropped = 0;     ///< Empty, or wholly outside.
  uint64_t boxes_merged = 0;      ///< Drawn twice.
};

/// Mends what takes no guess; sizes that do not match, wrong classes, leaks and repeated pictures
/// stay as they are. `report` is check()'s of the same splits.
Mended mend(std::vector<Split>& splits, const CheckReport& report, const CheckOptions& options);

}  // namespace pasu::data
