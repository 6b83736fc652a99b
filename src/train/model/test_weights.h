// Random weights for the tests of the rooms that run graphs.
#pragma once

#include <cmath>
#include <random>

#include "train/model/graph.h"
#include "train/model/weights.h"

namespace pasu::train {

/// Weights that keep maps near size 1, and batch norm statistics that matter: gamma and variance in
/// 0.5..1.5, beta and mean in -0.5..0.5.
inline Weights random_weights(const Graph& graph, unsigned seed) {
  std::mt19937 random(seed);
  Weights out;
  for (const Parameter& parameter : parameters(graph)) {
    int64_t count = 1;
    for (const int64_t side : parameter.shape) count *= side;
    Array array{parameter.shape, std::vector<float>(static_cast<size_t>(count))};
    const bool kernel =
        parameter.role == Role::weights || parameter.role == Role::depthwise_weights;
    const bool around_one =
        parameter.role == Role::gamma || parameter.role == Role::moving_variance;
    const float reach =
        kernel ? std::sqrt(3.f / static_cast<float>(count / parameter.shape[0])) : 0.5f;
    std::uniform_real_distribution<float> draw(-reach, reach);
    for (float& value : array.values) value = draw(random) + (around_one ? 1.f : 0.f);
    out.emplace(parameter.name, std::move(array));
  }
  return out;
}

}  // namespace pasu::train
