// A graph run by OpenVINO in float32: what the lowerings are held to each other with.
#pragma once

#include <optional>
#include <vector>

#include "train/export/anchors.h"
#include "train/export/quantize.h"
#include "train/model/graph.h"

namespace pasu::train {

/// images [N, 3, H, W] RGB 0..255 -> an array for each of the graph's outputs; with anchors, boxes
/// [N, A, 4] and scores [N, A, 1+K]. With `int8` as it is run in INT8. Compiles anew each time.
/// Errors: as fold(), internal.
[[nodiscard]] Result<std::vector<Array>> run_graph(
    const Graph& graph, const Weights& weights, const Array& images,
    const std::optional<AnchorBoxes>& anchors = std::nullopt, const Quantized* int8 = nullptr);

}  // namespace pasu::train
