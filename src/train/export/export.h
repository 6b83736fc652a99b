// A trained network as a model package, which pasu detect and pasu serve run.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "artifact/package.h"
#include "train/export/anchors.h"
#include "train/export/quantize.h"
#include "train/model/graph.h"
#include "train/model/weights.h"

namespace pasu::train {

/// Of a package whose maker names none.
inline constexpr float kThreshold = 0.3f;

struct ExportOptions {
  std::filesystem::path folder;  ///< Of the package; must not exist.
  std::string name;              ///< Empty: the folder's.
  std::string version = "1";
  std::string description;
  std::vector<std::string> labels{"person"};
  std::vector<geom::Size> sizes{
      {320, 192}};  ///< One variant each, of one file; the first is the default.
  /// One for all sizes, or as many as there are; none: kThreshold.
  std::vector<float> thresholds;
  artifact::Resize resize = artifact::Resize::letterbox;
  geom::NmsOptions nms;
  std::optional<AnchorBoxes> anchors;  ///< For a graph with kBoxEncodings and kClassLogits.
  bool half = false;                   ///< Weights stored as float16: half the bytes.
  std::optional<Quantized> int8;       ///< Adds INT8 variants, before the float ones.
  artifact::Provenance provenance;     ///< `created` empty: today.
};

/// Writes the package, loads it again and runs a grey picture through each size. The folder appears
/// under its name only when all that went well.
///
/// Errors: exists, invalid_argument (sizes, labels, thresholds that do not fit the network),
/// malformed (as fold()), io, no_space.
[[nodiscard]] Result<artifact::Package> export_package(const Graph& graph, const Weights& weights,
                                                       const ExportOptions& options);

/// What a checkpoint holds for export: its graph, its weights (the averaged ones where it has
/// them), and into `options`, as far as its facts say: labels, resize, sizes, anchors,
/// suppression. A score below which training keeps no box is the threshold where none is given,
/// unless that is below kThreshold: sample configurations keep everything, for those who measure.
struct Exportable {
  Graph graph;
  Weights weights;
};
/// Errors: malformed (no graph, arrays that do not fit, facts that cannot be read).
[[nodiscard]] Result<Exportable> read_exportable(const Checkpoint& checkpoint,
                                                 ExportOptions& options);

}  // namespace pasu::train
