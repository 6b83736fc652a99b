#include "train/tf/weights.h"

namespace pasu::train {
namespace {

/// The array with its axes in another order: axis i of the result is axis order[i] of `from`.
Array turned(const Array& from, const std::array<size_t, 4>& order) {
  Array out{{}, std::vector<float>(from.values.size())};
  std::array<size_t, 4> sides{}, steps{};
  for (size_t i = 4, step = 1; i-- > 0;) {
    steps[i] = step;
    step *= static_cast<size_t>(from.shape[i]);
  }
  for (size_t i = 0; i < 4; ++i) {
    out.shape.push_back(from.shape[order[i]]);
    sides[i] = static_cast<size_t>(from.shape[order[i]]);
  }
  size_t at = 0;
  for (size_t a = 0; a < sides[0]; ++a)
    for (size_t b = 0; b < sides[1]; ++b)
      for (size_t c = 0; c < sides[2]; ++c)
        for (size_t d = 0; d < sides[3]; ++d)
          out.values[at++] = from.values[a * steps[order[0]] + b * steps[order[1]] +
                                         c * steps[order[2]] + d * steps[order[3]]];
  return out;
}

const TfVariable* find(const TfCheckpoint& checkpoint, const std::string& name,
                       const TfWeightsOptions& options) {
  const size_t scope = name.find('/');
  for (const std::string& tried : {name, name.substr(scope == name.npos ? 0 : scope + 1)}) {
    if (options.averages)
      if (const auto* found = checkpoint.find(tried + "/ExponentialMovingAverage")) return found;
    if (const auto* found = checkpoint.find(tried)) return found;
  }
  return nullptr;
}

}  // namespace

Result<Weights> read_tf_weights(const TfCheckpoint& checkpoint, const Graph& graph,
                                const TfWeightsOptions& options) {
  Weights out;
  for (const Parameter& parameter : parameters(graph)) {
    const TfVariable* variable = find(checkpoint, parameter.name, options);
    if (variable == nullptr) continue;
    Array array = TRY(checkpoint.read(*variable));
    if (array.shape.size() == 4 && parameter.role == Role::weights)
      array = turned(array, {3, 2, 0, 1});
    if (array.shape.size() == 4 && parameter.role == Role::depthwise_weights)
      array = turned(array, {2, 3, 0, 1});
    out.emplace(parameter.name, std::move(array));
  }
  return out;
}

}  // namespace pasu::train
