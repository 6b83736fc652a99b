// The bootstrap model's network file holds the weights of our own pasu_person graph: with them the
// graph must give what the file gives.
#include <algorithm>
#include <cmath>
#include <filesystem>
#include <map>
#include <random>

#include <gtest/gtest.h>
#include <openvino/opsets/opset8.hpp>

#include "train/export/detail/lower.h"
#include "train/export/run.h"
#include "train/model/models.h"

namespace pasu::train {
namespace {

namespace fs = std::filesystem;
namespace op = ov::opset8;

std::vector<float> constant(const ov::Output<ov::Node>& value) {
  const auto node = ov::as_type_ptr<op::Constant>(value.get_node_shared_ptr());
  return node ? node->cast_vector<float>() : std::vector<float>();
}

/// pasu_person as its file has it: batch norm already folded into biases.
Graph folded_graph() {
  Graph graph = pasu_person({.centred = false});
  graph.input.scale = 1;  // Folded in too.
  for (Node& node : graph.nodes)
    if (node.op == Op::conv) {
      node.conv.norm.reset();
      node.conv.bias = true;
    }
  return graph;
}

// The graph's names and the file's.
constexpr std::pair<const char*, const char*> kNames[] = {
    {"stem.0", "/stem/c"},         {"stem.1", "/s4/s4.0/c"},      {"s8.down", "/s8/s8.0/c"},
    {"s8.0.a", "/s8/s8.1/a/c"},    {"s8.0.b", "/s8/s8.1/b/c"},    {"s16.down", "/s16/s16.0/c"},
    {"s16.0.a", "/s16/s16.1/a/c"}, {"s16.0.b", "/s16/s16.1/b/c"}, {"s32.down", "/s32/s32.0/c"},
    {"s32.0.a", "/s32/s32.1/a/c"}, {"s32.0.b", "/s32/s32.1/b/c"}, {"s32.1.a", "/s32/s32.2/a/c"},
    {"s32.1.b", "/s32/s32.2/b/c"}, {"lateral.s8", "/l8/c"},       {"lateral.s16", "/l16/c"},
    {"lateral.s32", "/l32/c"},     {"head.s8.0", "/o.0/c"},       {"head.s16.0", "/o.1/c"},
    {"head.s32.0", "/o.2/c"},      {"head.s8.out", "/h.0"},       {"head.s16.out", "/h.1"},
    {"head.s32.out", "/h.2"}};

Weights weights_of(const ov::Model& file) {
  std::map<std::string, std::shared_ptr<ov::Node>> convs;
  for (const auto& node : file.get_ordered_ops())
    if (ov::is_type<op::Convolution>(node)) convs[node->get_friendly_name()] = node;
  Weights out;
  for (const auto& [ours, theirs] : kNames) {
    const auto conv = convs[std::string(theirs) + "/Conv/WithoutBiases"];
    if (!conv) return {};
    const ov::Shape kernel = conv->get_input_shape(1);
    out[fmt::format("{}/weights", ours)] = {{kernel.begin(), kernel.end()},
                                            constant(conv->input_value(1))};
    const ov::Node* add = nullptr;
    for (const auto& taker : conv->output(0).get_target_inputs())
      if (ov::is_type<op::Add>(taker.get_node())) add = taker.get_node();
    if (add == nullptr) return {};
    std::vector<float> biases;
    for (size_t i = 0; i < 2 && biases.empty(); ++i) {
      auto from = add->input_value(i);  // The constant itself, or reshaped.
      if (ov::is_type<op::Reshape>(from.get_node_shared_ptr()))
        from = from.get_node()->input_value(0);
      biases = constant(from);
    }
    out[fmt::format("{}/biases", ours)] = {{static_cast<int64_t>(biases.size())}, biases};
  }
  return out;
}

Array picture(unsigned seed) {
  std::mt19937 random(seed);
  Array out{{1, 3, 192, 320}, {}};
  for (int i = 0; i < 3 * 320 * 192; ++i)
    out.values.push_back(static_cast<float>(static_cast<int>(100 + 80 * std::sin(i * 0.013)) +
                                            static_cast<int>(random() % 40)));
  return out;
}

TEST(Bootstrap, IsThisGraph) {
  const fs::path file = PASU_SOURCE_DIR "/../shared/models/person_bootstrap/person_bootstrap.onnx";
  if (!fs::exists(file)) GTEST_SKIP() << "no ../shared";
  const auto model = detail::ov_core().read_model(file);
  const Graph graph = folded_graph();
  const Weights weights = weights_of(*model);
  ASSERT_EQ(weights.size(), parameters(graph).size());

  const Array images = picture(1);
  const auto ours = run_graph(graph, weights, images);
  ASSERT_TRUE(ours) << ours.error().message();
  auto compiled = detail::ov_core().compile_model(
      model, "CPU", {ov::hint::inference_precision(ov::element::f32)});
  auto request = compiled.create_infer_request();
  ov::Tensor input(ov::element::f32, {1, 3, 192, 320});
  std::copy(images.values.begin(), images.values.end(), input.data<float>());
  request.set_input_tensor(input);
  request.infer();
  for (size_t i = 0; i < 3; ++i) {
    const ov::Tensor theirs = request.get_tensor(graph.outputs[i].name);
    ASSERT_EQ(theirs.get_size(), (*ours)[i].values.size());
    float worst = 0;
    for (size_t k = 0; k < theirs.get_size(); ++k)
      worst = std::max(worst, std::abs(theirs.data<float>()[k] - (*ours)[i].values[k]));
    EXPECT_LT(worst, 1e-4f) << graph.outputs[i].name;
  }
}

}  // namespace
}  // namespace pasu::train
