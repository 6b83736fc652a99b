// A detector's results as COCO's tools take them: a JSON list of
// {"image_id": 42, "category_id": 18, "bbox": [x, y, w, h], "score": 0.236}.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "train/eval/ground_truth.h"

namespace pasu::eval {

struct ResultsOptions {
  /// Results of pictures and categories that the annotations do not list are left out and counted;
  /// otherwise the first one is an error.
  bool skip_unknown = false;
};

struct Results {
  std::vector<Detection> detections;  ///< As they stand in the file.
  size_t skipped_pictures = 0, skipped_categories = 0;
};

/// The results in `text`, which errors call `name`. Entries count from 0; keys besides the four are
/// passed over; of a key given twice the last counts. Errors, with entry and byte: malformed (no
/// such list, a key missing, NaN or infinite numbers, unknown ids), truncated, too_large.
[[nodiscard]] Result<Results> parse_results(std::string_view text, const std::string& name,
                                            const GroundTruth& truth,
                                            const ResultsOptions& options = {});

/// A file of at most kResultsBytesMax. Errors also: not_found, io, too_large.
[[nodiscard]] Result<Results> read_results(const std::filesystem::path& path,
                                           const GroundTruth& truth,
                                           const ResultsOptions& options = {});
inline constexpr size_t kResultsBytesMax = size_t{4} << 30;

/// What parse_results() reads back as the same rows.
[[nodiscard]] std::string results_json(std::span<const Detection> detections,
                                       const GroundTruth& truth);

}  // namespace pasu::eval
