// A graph's weights out of a TensorFlow checkpoint, by name.
#pragma once

#include "train/model/graph.h"
#include "train/tf/checkpoint.h"

namespace pasu::train {

struct TfWeightsOptions {
  /// "NAME/ExponentialMovingAverage" instead of NAME where there is one, as evaluation and export
  /// take them in the TF Object Detection API.
  bool averages = true;
};

/// What the checkpoint has of the graph's parameters, each also looked for without its first scope:
/// classification checkpoints say "MobilenetV1/..." for "FeatureExtractor/MobilenetV1/...". Kernels
/// are turned from [h, w, in, out] to [out, in, h, w], depthwise ones from [h, w, in, 1] to
/// [in, 1, h, w]. What is missing or of another shape is the network's to report.
/// Errors: as TfCheckpoint::read().
[[nodiscard]] Result<Weights> read_tf_weights(const TfCheckpoint& checkpoint, const Graph& graph,
                                              const TfWeightsOptions& options = {});

/// Names of variables that read_tf_weights() has no use for, without what training keeps beside
/// them: moving averages, optimisers' slots, the step.
[[nodiscard]] std::vector<std::string> unused_tf_variables(const TfCheckpoint& checkpoint,
                                                           const Graph& graph);

}  // namespace pasu::train
