// A trained network made INT8, and held against itself in float on pictures it has not seen.
#pragma once

#include <atomic>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "job/progress.h"
#include "train/export/export.h"

namespace pasu::job {

struct HeldOutSet {
  std::string annotations;  ///< COCO instances, or another set that pasu data opens.
  std::string images;       ///< The folder of its pictures.
};

struct QuantizeJob {
  train::ExportOptions
      package;  ///< Sizes, labels and so on as read_exportable() has filled them in.
  train::QuantizeOptions how;
  std::vector<std::string> pictures;  ///< Folders to calibrate by; pictures are found below them.
  size_t count = 300;                 ///< Of them, evenly spread.
  std::vector<HeldOutSet> held_out;
  double drop_max = 0.01;  ///< AP50 that INT8 may lose on any of them at any size.
  /// Where it loses more, up to so many convolutions are left float, those that cost most first.
  size_t keep_float_max = 4;
};

/// AP50 of one set at one size.
struct HeldOutNumbers {
  std::string annotations;
  geom::Size size;
  double in_float = -1, in_int8 = -1;
};

struct QuantizeOutcome {
  std::vector<HeldOutNumbers> held_out;      ///< Of the last try.
  std::vector<std::string> kept_float;       ///< Convolutions that had to stay float in it.
  std::optional<artifact::Package> package;  ///< Nothing: INT8 loses more than drop_max.
};

/// Calibrates, writes a package with INT8 and float variants under another name, measures both, and
/// gives it its name. Where INT8 loses too much it tries again with the convolutions left float
/// that cost most; where that does not help nothing is left.
///
/// Errors: exists (the folder), not_found (pictures, sets), malformed, those of quantize(),
/// export_package() and detect_set(), cancelled.
[[nodiscard]] Result<QuantizeOutcome> quantize_package(const train::Graph& graph,
                                                       const train::Weights& weights,
                                                       const QuantizeJob& job, Progress& progress,
                                                       const std::atomic<bool>& stop);

}  // namespace pasu::job
