#include "train/model/graph.h"

#include <limits>
#include <set>

namespace pasu::train {
namespace {

constexpr int kKernelMax = 15, kStrideMax = 8;

size_t inputs_of(Op op) { return op == Op::input ? 0 : op == Op::add ? 2 : 1; }

tl::unexpected<Error> broken(const Node& node, const std::string& what) {
  return fail(Errc::malformed, "node '{}': {}", node.name, what);
}

Result<void> check_conv(const Node& node, int64_t channels) {
  const Conv& conv = node.conv;
  if (conv.in != channels)
    return broken(node, fmt::format("takes {} channels, and its input has {}", conv.in, channels));
  if (conv.out < 1 || conv.out > Graph::kChannelsMax)
    return broken(
        node, fmt::format("has {} output channels; 1 to {} can be", conv.out, Graph::kChannelsMax));
  if (conv.kernel < 1 || conv.kernel > kKernelMax)
    return broken(node, fmt::format("has a kernel of {}; 1 to {} can be", conv.kernel, kKernelMax));
  if (conv.stride < 1 || conv.stride > kStrideMax)
    return broken(node, fmt::format("has stride {}; 1 to {} can be", conv.stride, kStrideMax));
  if (conv.groups != 1 && (conv.groups != conv.in || conv.out != conv.in))
    return broken(node, fmt::format("has {} groups for {} > {} channels; 1 can be, or as many as "
                                    "channels on both sides",
                                    conv.groups, conv.in, conv.out));
  if (!(conv.stddev >= 0)) return broken(node, "has weights of a deviation under 0");
  if (conv.norm && conv.bias) return broken(node, "has a bias and batch norm; one of them can be");
  if (conv.norm &&
      !(conv.norm->epsilon > 0 && conv.norm->momentum >= 0 && conv.norm->momentum <= 1))
    return broken(node, "has a batch norm whose epsilon is not over 0, or momentum not in 0..1");
  return {};
}

/// Channels of each node's output; of cells and concat their depth, as a negative number.
Result<int64_t> width_of(const Graph& graph, const Node& node, const std::vector<int64_t>& widths) {
  if (node.op == Op::input) return 3;
  const int64_t first = widths[static_cast<size_t>(node.inputs[0])];
  if (node.op == Op::concat) {
    for (const int input : node.inputs)
      if (widths[static_cast<size_t>(input)] != first || first > 0)
        return broken(node, "joins what is no cells, or of unlike depth");
    return first;
  }
  if (first < 0) return broken(node, "takes cells, which only concat does");
  switch (node.op) {
    case Op::conv:
      TRY(check_conv(node, first));
      return node.conv.out;
    case Op::add:
      if (const int64_t second = widths[static_cast<size_t>(node.inputs[1])]; second != first)
        return broken(node,
                      fmt::format("adds {} channels of '{}' and {} of '{}'", first,
                                  graph.nodes[static_cast<size_t>(node.inputs[0])].name, second,
                                  graph.nodes[static_cast<size_t>(node.inputs[1])].name));
      return first;
    case Op::cells:
      if (node.depth < 1 || first % node.depth != 0)
        return broken(node, fmt::format("cuts {} channels into pieces of {}", first, node.depth));
      return -node.depth;
    default:
      return first;
  }
}

int64_t conv_side(const Conv& conv, int64_t side) {
  if (conv.padding == Padding::same) return (side + conv.stride - 1) / conv.stride;
  return (side + 2 * (conv.kernel / 2) - conv.kernel) / conv.stride + 1;
}

Result<Shape> shape_of(const Graph& graph, const Node& node, const std::vector<Shape>& done) {
  const auto shape = [&](int input) -> const Shape& { return done[static_cast<size_t>(input)]; };
  const Shape& first = shape(node.inputs[0]);
  switch (node.op) {
    case Op::conv: {
      Shape out{1, node.conv.out, conv_side(node.conv, first[2]), conv_side(node.conv, first[3])};
      if (out[2] < 1 || out[3] < 1)
        return fail(Errc::invalid_argument, "node '{}': a map of {}x{} is too small", node.name,
                    first[3], first[2]);
      return out;
    }
    case Op::add:
      if (const Shape& second = shape(node.inputs[1]); second != first)
        return fail(Errc::invalid_argument,
                    "node '{}' adds maps of {}x{} ('{}') and {}x{} ('{}'). Take a width and height "
                    "that all strides divide",
                    node.name, first[3], first[2],
                    graph.nodes[static_cast<size_t>(node.inputs[0])].name, second[3], second[2],
                    graph.nodes[static_cast<size_t>(node.inputs[1])].name);
      return first;
    case Op::upsample:
      return Shape{1, first[1], first[2] * 2, first[3] * 2};
    case Op::cells:
      return Shape{1, first[1] * first[2] * first[3] / node.depth, node.depth};
    case Op::concat: {
      Shape out = first;
      out[1] = 0;
      for (const int input : node.inputs) out[1] += shape(input)[1];
      return out;
    }
    case Op::input:
      break;
  }
  return Shape{};  // Not reached: the first node alone is the input.
}

}  // namespace

int Graph::find(std::string_view name) const {
  for (size_t i = 0; i < nodes.size(); ++i)
    if (nodes[i].name == name) return static_cast<int>(i);
  return -1;
}

const char* to_string(Role role) {
  switch (role) {
    case Role::weights:
      return "weights";
    case Role::depthwise_weights:
      return "depthwise_weights";
    case Role::biases:
      return "biases";
    case Role::gamma:
      return "BatchNorm/gamma";
    case Role::beta:
      return "BatchNorm/beta";
    case Role::moving_mean:
      return "BatchNorm/moving_mean";
    case Role::moving_variance:
      return "BatchNorm/moving_variance";
  }
  return "";
}

bool is_learnt(Role role) { return role != Role::moving_mean && role != Role::moving_variance; }

std::vector<Parameter> parameters(const Graph& graph) {
  std::vector<Parameter> out;
  for (size_t i = 0; i < graph.nodes.size(); ++i) {
    const Node& node = graph.nodes[i];
    if (node.op != Op::conv) continue;
    const Conv& conv = node.conv;
    const auto add = [&](Role role, Shape shape) {
      out.push_back(
          {node.name + "/" + to_string(role), role, static_cast<int>(i), std::move(shape)});
    };
    add(conv.depthwise() ? Role::depthwise_weights : Role::weights,
        {conv.out, conv.in / conv.groups, conv.kernel, conv.kernel});
    if (conv.bias) add(Role::biases, {conv.out});
    if (!conv.norm) continue;
    if (conv.norm->scale) add(Role::gamma, {conv.out});
    for (const Role role : {Role::beta, Role::moving_mean, Role::moving_variance})
      add(role, {conv.out});
  }
  return out;
}

Result<void> check_graph(const Graph& graph) {
  if (graph.nodes.empty() || graph.nodes[0].op != Op::input)
    return fail(Errc::malformed, "the first node is not the input");
  if (graph.nodes.size() > Graph::kNodesMax)
    return fail(Errc::malformed, "{} nodes; {} can be", graph.nodes.size(), Graph::kNodesMax);
  if (!(graph.input.scale > 0)) return fail(Errc::malformed, "the input's scale is not over 0");
  std::set<std::string_view> names;
  std::vector<int64_t> widths;
  for (size_t i = 0; i < graph.nodes.size(); ++i) {
    const Node& node = graph.nodes[i];
    if (node.name.empty() || !names.insert(node.name).second)
      return broken(node, "has no name, or one that another has");
    if (i > 0 && node.op == Op::input) return broken(node, "is a second input");
    if (node.op == Op::concat ? node.inputs.empty() : node.inputs.size() != inputs_of(node.op))
      return broken(node, fmt::format("has {} inputs", node.inputs.size()));
    for (const int input : node.inputs)
      if (input < 0 || static_cast<size_t>(input) >= i)
        return broken(node, "takes what is no earlier node");
    widths.push_back(TRY(width_of(graph, node, widths)));
  }
  std::set<std::string_view> outputs;
  for (const Output& output : graph.outputs) {
    if (output.node < 0 || static_cast<size_t>(output.node) >= graph.nodes.size())
      return fail(Errc::malformed, "output '{}' is of no node", output.name);
    if (output.name.empty() || !outputs.insert(output.name).second)
      return fail(Errc::malformed, "output '{}' has no name, or one that another has", output.name);
  }
  if (graph.outputs.empty()) return fail(Errc::malformed, "there is no output");
  return {};
}

Result<std::vector<Shape>> shapes(const Graph& graph, int width, int height) {
  constexpr int kSideMax = 1 << 14;
  if (width < 1 || height < 1 || width > kSideMax || height > kSideMax)
    return fail(Errc::invalid_argument, "a picture of {}x{}; 1 to {} can be", width, height,
                kSideMax);
  std::vector<Shape> out{{1, 3, height, width}};
  for (size_t i = 1; i < graph.nodes.size(); ++i)
    out.push_back(TRY(shape_of(graph, graph.nodes[i], out)));
  return out;
}

Result<Cost> cost(const Graph& graph, int width, int height) {
  const std::vector<Shape> maps = TRY(shapes(graph, width, height));
  Cost out;
  for (const Parameter& parameter : parameters(graph)) {
    int64_t count = 1;
    for (const int64_t n : parameter.shape) count *= n;
    if (is_learnt(parameter.role)) out.parameters += count;
    if (parameter.role != Role::weights && parameter.role != Role::depthwise_weights) continue;
    const Shape& map = maps[static_cast<size_t>(parameter.node)];
    out.macs += count * map[2] * map[3];
  }
  return out;
}

}  // namespace pasu::train
