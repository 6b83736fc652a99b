// A network as data: what train/net trains with libtorch and train/export runs with OpenVINO, so
// that both have one source. Tensors are [N, C, H, W].
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace pasu::train {

enum class Op {
  input,     ///< The picture, [N, 3, H, W] RGB 0..255, made (value - mean) * scale.
  conv,      ///< Convolution, then batch norm or bias, then activation.
  add,       ///< The sum of two of one shape, then activation.
  upsample,  ///< Nearest neighbour, twice the width and height.
  cells,     ///< [N, A*D, H, W] -> [N, H*W*A, D], rows first, as TF's NHWC reshape has it.
  concat,    ///< [N, M1, D], [N, M2, D] ... -> [N, M1+M2+..., D].
};

enum class Activation { none, relu, relu6 };

/// Where a convolution's border zeros go.
enum class Padding {
  half,  ///< kernel / 2 on each side.
  same,  ///< TF's SAME: the output is ceil(input / stride), the odd zero goes right and below.
};

struct BatchNorm {
  double epsilon = 1e-5;
  double momentum = 0.1;   ///< The share of the new batch in the moving statistics: 1 - TF's decay.
  bool scale = true;       ///< Has gamma; without it gamma is 1.
  double first_gamma = 1;  ///< What gamma begins with.
  bool operator==(const BatchNorm&) const = default;
};

struct Conv {
  int in = 0;
  int out = 0;
  int kernel = 3;
  int stride = 1;
  int groups = 1;  ///< 1, or `in` for depthwise.
  Padding padding = Padding::half;
  bool bias = false;
  std::optional<BatchNorm> norm{};
  /// Weights begin as a normal of this deviation, cut off at twice it; 0: by fan-in.
  double stddev = 0;
  bool operator==(const Conv&) const = default;

  [[nodiscard]] bool depthwise() const { return groups > 1; }
};

struct Node {
  Op op = Op::conv;
  std::string name;                          ///< Unique. Parameters are NAME/weights and so on.
  std::vector<int> inputs{};                 ///< Indices of earlier nodes.
  Activation activation = Activation::none;  ///< Of conv and add.
  Conv conv{};                               ///< Of conv.
  int depth = 0;                             ///< Of cells: D.
  bool operator==(const Node&) const = default;
};

struct Output {
  std::string name;  ///< "s8"
  int node = 0;
  int stride = 0;  ///< Input pixels per cell, of a grid; 0 otherwise.
  bool operator==(const Output&) const = default;
};

struct Normalisation {
  std::array<double, 3> mean{0, 0, 0};  ///< R, G, B.
  double scale = 1. / 255;
  bool operator==(const Normalisation&) const = default;
};

struct Graph {
  std::string model;  ///< "pasu_person"
  Normalisation input;
  std::vector<Node> nodes;  ///< The first is the input.
  std::vector<Output> outputs;
  bool operator==(const Graph&) const = default;

  static constexpr size_t kNodesMax = 4096;
  static constexpr int kChannelsMax = 1 << 14;

  /// Index of the node of this name; -1: none.
  [[nodiscard]] int find(std::string_view name) const;
};

/// [N, C, H, W] or, of cells and concat, [N, M, D]; N is 1.
using Shape = std::vector<int64_t>;

/// What a parameter is for: optimisers decay weights only, and initialise each in its own way.
enum class Role { weights, depthwise_weights, biases, gamma, beta, moving_mean, moving_variance };

/// "weights", "depthwise_weights", "biases", "BatchNorm/gamma", ... : the names of TF slim's
/// variables.
[[nodiscard]] const char* to_string(Role role);
/// Learnt by gradients; the moving statistics are not.
[[nodiscard]] bool is_learnt(Role role);

struct Parameter {
  std::string name;  ///< "NODE/weights"
  Role role = Role::weights;
  int node = 0;
  Shape shape;  ///< Weights [out, in / groups, kernel, kernel]; the rest [out].
};

/// All parameters, moving statistics included, in the order of the nodes.
[[nodiscard]] std::vector<Parameter> parameters(const Graph& graph);

/// Whether the graph keeps the rules stated above: earlier inputs, fitting channels, unique names.
/// Errors (malformed) name the node.
[[nodiscard]] Result<void> check_graph(const Graph& graph);

/// The shape of each node's output for a picture of this size. The graph must have passed
/// check_graph(). Errors: invalid_argument where the size does not fit (two maps that are added
/// differ), naming the node.
[[nodiscard]] Result<std::vector<Shape>> shapes(const Graph& graph, int width, int height);

struct Cost {
  int64_t parameters = 0;  ///< Learnt ones.
  int64_t macs = 0;        ///< Multiply-accumulates of the convolutions for one picture.
};
/// Errors: as shapes().
[[nodiscard]] Result<Cost> cost(const Graph& graph, int width, int height);

/// The graph as text, a line a node, which parse_graph() reads back to an equal one.
[[nodiscard]] std::string write_graph(const Graph& graph);
/// Reads what write_graph() wrote and checks it. Errors: malformed, with the line.
[[nodiscard]] Result<Graph> parse_graph(std::string_view text);

}  // namespace pasu::train
