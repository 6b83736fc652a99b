// Weights to begin with: from a checkpoint of ours or of TensorFlow's.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "train/model/graph.h"
#include "train/model/weights.h"
#include "train/net/network.h"

namespace pasu::train {

/// Which weights of a checkpoint are taken.
struct StartFrom {
  enum class Part {
    all,
    extractor,  ///< The feature extractor's, where the network has one of that name.
  };
  std::string path;  ///< As pipeline::find_checkpoint() takes it; empty: random weights.
  Part part = Part::all;
  bool operator==(const StartFrom&) const = default;
};

struct StartWeights {
  Weights weights;                  ///< By the graph's names, for Network::load().
  std::vector<std::string> left;    ///< There, and not of the part that is wanted.
  std::vector<std::string> unused;  ///< There, and in no place of the graph's.
};

/// Errors: as pipeline::find_checkpoint(), load_checkpoint() and read_tf_weights().
[[nodiscard]] Result<StartWeights> read_start(const StartFrom& from, const Graph& graph);

/// The table of what a checkpoint gave: a line a kind, and the names that did not fit.
/// Errors: invalid_argument where nothing did: it is of another network.
[[nodiscard]] Result<void> log_start(const StartFrom& from, const StartWeights& start,
                                     const LoadReport& report);

}  // namespace pasu::train
