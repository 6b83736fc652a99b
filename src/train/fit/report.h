// A run as one HTML page: curves, and pictures of what the network misses and imagines. No script
// is needed to read it, no file beside it.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "train/fit/evaluate.h"
#include "train/fit/run_log.h"

namespace pasu::train {

/// What was measured last of a set, at the size that counts.
struct ReportSet {
  std::string name;
  geom::Size size;
  std::shared_ptr<PictureSet> pictures;
  Measured measured;
};

struct ReportOptions {
  std::string title;
  int64_t step = 0, steps = 0;
  size_t misses = 12, false_alarms = 12;  ///< Pictures of each kind.
};

/// The page. Pictures that cannot be decoded are left out.
[[nodiscard]] std::string report_html(const ReportOptions& options, const std::vector<LogLine>& log,
                                      const std::vector<ReportSet>& sets);

/// Lines in one chart, as SVG; x is the step.
struct ChartLine {
  std::string name;
  std::vector<std::pair<double, double>> points;
};
/// Axes are from the smallest to the largest value; a logarithmic y wants values above 0.
[[nodiscard]] std::string chart_svg(const std::vector<ChartLine>& lines, bool logarithmic = false);

}  // namespace pasu::train
