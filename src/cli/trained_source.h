// What export and quantize have in common: a checkpoint, and how its package is described.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "base/result.h"
#include "train/export/export.h"

namespace pasu::cli {

struct TrainedWords {
  std::string from;                ///< A checkpoint, or a run's folder.
  std::vector<std::string> sizes;  ///< Empty: those that the checkpoint was trained for.
  std::optional<float> nms;        ///< IoU; the checkpoint's, unless given.
};

/// Options that fill in `words` and `package`; both must live as long as `command`.
void add_trained_options(CLI::App& command, TrainedWords& words, train::ExportOptions& package);

struct TrainedModel {
  std::string path;  ///< Of the checkpoint.
  train::Graph graph;
  train::Weights weights;
};
/// Reads it, and into `package` what it says of itself. Errors: as load_checkpoint(),
/// read_exportable(); invalid_argument (--size).
[[nodiscard]] Result<TrainedModel> read_trained(const TrainedWords& words,
                                                train::ExportOptions& package);

}  // namespace pasu::cli
