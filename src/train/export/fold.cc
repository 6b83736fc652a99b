#include "train/export/fold.h"

#include <algorithm>
#include <cmath>

namespace pasu::train {
namespace {

Result<void> check(const Graph& graph, const Weights& weights) {
  for (const Parameter& parameter : parameters(graph)) {
    const auto found = weights.find(parameter.name);
    if (found == weights.end())
      return fail(Errc::malformed, "has no array '{}', which its network needs", parameter.name);
    const Array& array = found->second;
    int64_t count = 1;
    for (const int64_t side : parameter.shape) count *= side;
    if (array.shape != parameter.shape || array.values.size() != static_cast<size_t>(count))
      return fail(Errc::malformed, "array '{}' is [{}], and its network needs [{}]", parameter.name,
                  fmt::join(array.shape, ", "), fmt::join(parameter.shape, ", "));
    if (!std::all_of(array.values.begin(), array.values.end(),
                     [](float v) { return std::isfinite(v); }))
      return fail(Errc::malformed,
                  "array '{}' holds a NaN or an infinity: the training run went wrong before this "
                  "was saved. Take an earlier checkpoint",
                  parameter.name);
  }
  return {};
}

class Folder {
 public:
  Folder(const Graph& graph, const Weights& weights) : graph_(graph), weights_(weights) {}

  FoldedConv fold(const Node& node) const {
    const Conv& conv = node.conv;
    const Array& kernel = array(node, conv.depthwise() ? Role::depthwise_weights : Role::weights);
    const auto outs = static_cast<size_t>(conv.out);
    FoldedConv out{kernel.values, std::vector<float>(outs, 0.f)};
    if (conv.bias) out.biases = array(node, Role::biases).values;
    const double scale = node.inputs[0] == 0 ? graph_.input.scale : 1;
    const size_t each = kernel.values.size() / outs;
    for (size_t k = 0; k < outs; ++k) {
      const double gain = conv.norm ? norm_gain(node, k) : 1;
      for (size_t i = k * each; i < (k + 1) * each; ++i)
        out.weights[i] = static_cast<float>(out.weights[i] * gain * scale);
      if (conv.norm)
        out.biases[k] = static_cast<float>(array(node, Role::beta).values[k] -
                                           array(node, Role::moving_mean).values[k] * gain);
    }
    return out;
  }

 private:
  const Array& array(const Node& node, Role role) const {
    return weights_.at(node.name + "/" + to_string(role));
  }
  double norm_gain(const Node& node, size_t k) const {
    const double gamma = node.conv.norm->scale ? array(node, Role::gamma).values[k] : 1;
    const double variance = array(node, Role::moving_variance).values[k];
    return gamma / std::sqrt(std::max(variance, 0.) + node.conv.norm->epsilon);
  }

  const Graph& graph_;
  const Weights& weights_;
};

}  // namespace

Result<std::vector<FoldedConv>> fold(const Graph& graph, const Weights& weights) {
  TRY(check(graph, weights));
  const Folder folder(graph, weights);
  std::vector<FoldedConv> out(graph.nodes.size());
  for (size_t i = 0; i < graph.nodes.size(); ++i)
    if (graph.nodes[i].op == Op::conv) out[i] = folder.fold(graph.nodes[i]);
  return out;
}

}  // namespace pasu::train
