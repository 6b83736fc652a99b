// A graph lowered to OpenVINO. The room's only header that includes it.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <openvino/openvino.hpp>

#include "train/export/anchors.h"
#include "train/export/quantize.h"

namespace pasu::train::detail {

/// Input "image" [?, 3, ?, ?] float32 RGB 0..255; outputs by the graph's names, or with anchors
/// "raw_detection_boxes" and "raw_detection_scores". Convolutions are called by their nodes.
/// With `int8` its ranges become FakeQuantize nodes and its weights 8-bit constants, from which the
/// CPU plugin makes an INT8 network. Throws what OpenVINO throws.
[[nodiscard]] std::shared_ptr<ov::Model> lower(const Graph& graph,
                                               const std::vector<FoldedConv>& convs,
                                               const std::optional<AnchorBoxes>& anchors,
                                               const Quantized* int8 = nullptr);

/// The same without outputs: the value of each node.
struct Lowered {
  std::shared_ptr<ov::op::v0::Parameter> image;
  ov::OutputVector nodes;
};
[[nodiscard]] Lowered lower_nodes(const Graph& graph, const std::vector<FoldedConv>& convs);

[[nodiscard]] ov::Core& ov_core();

/// OpenVINO's exceptions carry file names and line numbers of its own; people get the last line.
[[nodiscard]] Error trimmed(const Error& error);

}  // namespace pasu::train::detail
