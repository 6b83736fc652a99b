// A graph lowered to libtorch: parameters by name, forward, and gradients by autograd.
#pragma once

#include <ATen/core/Tensor.h>
#include <c10/core/Device.h>
#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "train/model/graph.h"
#include "train/model/weights.h"

namespace pasu::train {

struct NamedTensor {
  std::string name;
  Role role = Role::weights;
  at::Tensor tensor;  ///< float32; the network's own, not a copy.
};

/// What load() did with each array, for a table.
struct LoadReport {
  std::vector<std::string> loaded;
  std::vector<std::string> missing;  ///< Parameters with no array of their name: left as they were.
  std::vector<std::string>
      misfits;                      ///< "NAME: [5, 48, 1, 1] here, [90, 48, 1, 1] there": left too.
  std::vector<std::string> unused;  ///< Arrays no parameter is called by.
};

/// Whether the device computes in bfloat16 itself. A CPU that does not takes ten times as
/// long for it as for float32, and more.
[[nodiscard]] bool has_bfloat16(c10::Device device);

/// One thread at a time. libtorch's exceptions pass through.
class Network {
 public:
  /// Parameters are drawn from `seed` alone, each from its own stream: the same on every machine
  /// and whatever else the graph holds. The graph must have passed check_graph().
  ///
  /// Weights: as their Conv says, or normal of variance 2 / fan-in (He et al. 2015); gamma 1; beta,
  /// biases, means 0.
  [[nodiscard]] static Network create(const Graph& graph, uint64_t seed);

  /// images [N, 3, H, W] RGB, uint8 or float 0..255 -> one float32 tensor for each of the graph's
  /// outputs. Sizes as shapes() says. Gradients flow unless autograd is off.
  [[nodiscard]] std::vector<at::Tensor> forward(const at::Tensor& images);

  /// Batch norm by the batch's own statistics, moving ones updated (true), or by the moving ones
  /// (false, the start).
  void train(bool on) { training_ = on; }
  [[nodiscard]] bool is_training() const { return training_; }
  /// Convolutions and activations in bfloat16, parameters stay float32. Off at the start.
  void use_bfloat16(bool on) { bfloat16_ = on; }
  /// Moves all parameters; gradients are dropped.
  void to(c10::Device device);
  /// Another of the same learnt parameters, whose values they share from then on, with gradients
  /// and moving statistics of its own: for another thread, which may not run beside a step of the
  /// optimiser.
  [[nodiscard]] Network clone() const;

  [[nodiscard]] const Graph& graph() const { return graph_; }
  /// Learnt parameters, which want gradients, in the graph's order.
  [[nodiscard]] const std::vector<NamedTensor>& parameters() const { return parameters_; }
  /// Moving means and variances.
  [[nodiscard]] const std::vector<NamedTensor>& buffers() const { return buffers_; }

  /// Copies of all parameters and buffers by name.
  [[nodiscard]] Weights weights() const;
  /// Copies in what fits by name and shape; never fails, the report says what was left.
  LoadReport load(const Weights& weights);

 private:
  struct Layer {  // Of a conv node; undefined where the node has no such part.
    at::Tensor weights, biases, gamma, beta, mean, variance;
  };
  explicit Network(Graph graph) : graph_(std::move(graph)) {}
  [[nodiscard]] at::Tensor normalised(const at::Tensor& images) const;
  [[nodiscard]] at::Tensor conv(const Node& node, const Layer& layer, const at::Tensor& x) const;
  void collect();

  Graph graph_;
  std::vector<Layer> layers_;  // Beside graph_.nodes.
  std::vector<NamedTensor> parameters_, buffers_;
  bool training_ = false, bfloat16_ = false;
};

}  // namespace pasu::train
