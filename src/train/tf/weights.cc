#include "train/tf/weights.h"

#include <algorithm>
#include <set>

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

constexpr const char* kAverage = "/ExponentialMovingAverage";

std::string without_scope(const std::string& name) {
  const size_t scope = name.find('/');
  return name.substr(scope == name.npos ? 0 : scope + 1);
}

const TfVariable* find(const TfCheckpoint& checkpoint, const std::string& name,
                       const TfWeightsOptions& options) {
  for (const std::string& tried : {name, without_scope(name)}) {
    if (options.averages)
      if (const auto* found = checkpoint.find(tried + kAverage)) return found;
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

std::vector<std::string> unused_tf_variables(const TfCheckpoint& checkpoint, const Graph& graph) {
  std::set<std::string> used = {"global_step"};
  for (const Parameter& parameter : parameters(graph))
    used.insert({parameter.name, without_scope(parameter.name)});
  const auto kept_beside = [&](const std::string& name) {
    const std::string last = name.substr(name.rfind('/') + 1);
    // "NAME/RMSProp", "NAME/RMSProp_1"
    for (const char* slot : {"ExponentialMovingAverage", "RMSProp", "Momentum", "Adam"})
      if (last.starts_with(slot)) return true;
    return last.ends_with("_power");  // beta1_power, beta2_power
  };
  std::vector<std::string> out;
  for (const TfVariable& variable : checkpoint.variables())
    if (!used.contains(variable.name) && !kept_beside(variable.name)) out.push_back(variable.name);
  return out;
}

}  // namespace pasu::train
