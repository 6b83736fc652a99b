#include <gtest/gtest.h>

#include "train/model/models.h"

namespace pasu::train {
namespace {

/// Width of the map that a box predictor works on.
std::vector<int64_t> map_sides(const Graph& graph, int side) {
  const auto maps = shapes(graph, side, side);
  std::vector<int64_t> out;
  for (int i = 0;; ++i) {
    const int node = graph.find(fmt::format("BoxPredictor_{}/ClassPredictor", i));
    if (node < 0 || !maps) return out;
    out.push_back((*maps)[static_cast<size_t>(node)][3]);
  }
}

TEST(Ssd, MapsAndAnchorsAreThePapers) {
  const Graph graphs[] = {
      ssd_mobilenet_v1(), ssd_mobilenet_v1({.lite = true, .predictor_kernel = 3}),
      ssd_mobilenet_v2(), ssd_mobilenet_v2({.lite = true, .predictor_kernel = 3})};
  for (const Graph& graph : graphs) {
    EXPECT_EQ(map_sides(graph, 300), (std::vector<int64_t>{19, 10, 5, 3, 2, 1})) << graph.model;
    const auto maps = shapes(graph, 300, 300);
    ASSERT_TRUE(maps);
    ASSERT_EQ(graph.outputs.size(), 2u);
    EXPECT_EQ((*maps)[static_cast<size_t>(graph.outputs[0].node)], (Shape{1, 1917, 4}));
    EXPECT_EQ((*maps)[static_cast<size_t>(graph.outputs[1].node)], (Shape{1, 1917, 2}));
    const auto again = parse_graph(write_graph(graph));
    ASSERT_TRUE(again) << again.error().message();
    EXPECT_EQ(*again, graph);
  }
}

// Sandler et al. 2018, table 6: SSDLite with MobileNet v2 for COCO's 80 classes has 4.3 million
// parameters and 0.8 billion multiply-adds at 320x320; with v1 5.1 million and 1.3 billion.
TEST(Ssd, CostIsThePapers) {
  const SsdOptions coco{.classes = 80, .lite = true, .predictor_kernel = 3};
  const auto v1 = cost(ssd_mobilenet_v1(coco), 320, 320),
             v2 = cost(ssd_mobilenet_v2(coco), 320, 320);
  ASSERT_TRUE(v1 && v2);
  EXPECT_NEAR(static_cast<double>(v2->parameters), 4.3e6, 0.25e6);
  EXPECT_NEAR(static_cast<double>(v2->macs), 0.8e9, 0.1e9);
  EXPECT_NEAR(static_cast<double>(v1->parameters), 5.1e6, 0.35e6);
  EXPECT_NEAR(static_cast<double>(v1->macs), 1.3e9, 0.15e9);
}

}  // namespace
}  // namespace pasu::train
