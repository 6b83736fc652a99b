#include "train/model/graph.h"

#include <gmock/gmock.h>

#include "train/model/models.h"

namespace pasu::train {
namespace {

using testing::HasSubstr;

constexpr const char* kSmall =
    "model small\n"
    "input image mean=127.5,127.5,127.5 scale=0.00784313725490196\n"
    "conv a from=image in=3 out=8 kernel=3 stride=2 padding=same norm=0.001,0.0003 "
    "activation=relu6\n"
    "conv b from=a in=8 out=8 kernel=3 groups=8 padding=same norm=0.001,0.0003 gamma=0\n"
    "add c from=a,b activation=relu\n"
    "conv d from=c in=8 out=12 kernel=1 padding=half bias=1 stddev=0.03\n"
    "cells e from=d depth=4\n"
    "concat f from=e,e\n"
    "output boxes node=f\n"
    "output map node=d stride=2\n";

Graph small() {
  auto graph = parse_graph(kSmall);
  EXPECT_TRUE(graph) << graph.error().message();
  return std::move(*graph);
}

TEST(GraphText, RoundTrips) {
  const Graph graph = small();
  EXPECT_EQ(write_graph(graph), kSmall);
  const auto again = parse_graph(write_graph(graph));
  ASSERT_TRUE(again);
  EXPECT_EQ(*again, graph);
}

TEST(GraphText, NamesLineAndNode) {
  const struct {
    const char *from, *to, *error;
  } cases[] = {
      {"conv a from=image", "conv a from=picture", "line 3: there is no node 'picture' above"},
      {"conv a ", "pool a ", "line 3: 'pool' is no kind of node"},
      {"kernel=1", "kernel=0", "node 'd': has a kernel of 0"},
      {"out=8 kernel=3 groups=8", "out=9 kernel=3 groups=8", "node 'b': has 8 groups for 8 > 9"},
      {"in=8 out=12", "in=7 out=12", "node 'd': takes 7 channels, and its input has 8"},
      {"depth=4", "depth=5", "node 'e': cuts 12 channels into pieces of 5"},
      {"activation=relu\n", "activation=swish\n", "line 5: activation: 'swish' is not known"},
      {"padding=half bias=1", "padding=half bias=1 dilation=2", "line 6: 'dilation' is not known"},
      {"stride=2 padding", "stride=x padding", "line 3: stride: 'x' is no number"},
      {"output map node=d", "output boxes node=d",
       "output 'boxes' has no name, or one that another"},
      {"cells e from=d depth=4\nconcat f from=e,e", "cells d from=d depth=4\nconcat f from=d,d",
       "node 'd': has no name, or one that another has"},
      {"norm=0.001,0.0003 gamma", "norm=-1,0.0003 gamma", "node 'b': has a batch norm"},
  };
  for (const auto& c : cases) {
    std::string text = kSmall;
    const size_t at = text.find(c.from);
    ASSERT_NE(at, text.npos) << c.from;
    text.replace(at, std::string(c.from).size(), c.to);
    const auto graph = parse_graph(text);
    ASSERT_FALSE(graph) << c.to;
    EXPECT_EQ(graph.error().code(), Errc::malformed);
    EXPECT_THAT(graph.error().message(), HasSubstr(c.error));
  }
}

TEST(Shapes, FollowTfSameAndCells) {
  const auto maps = shapes(small(), 301, 19);
  ASSERT_TRUE(maps);
  EXPECT_EQ((*maps)[1], (Shape{1, 8, 10, 151}));
  EXPECT_EQ((*maps)[5], (Shape{1, 10 * 151 * 3, 4}));
  EXPECT_EQ((*maps)[6], (Shape{1, 2 * 10 * 151 * 3, 4}));
}

TEST(Shapes, NameTheNodeThatDoesNotFit) {
  const auto maps = shapes(pasu_person(), 320, 180);
  ASSERT_FALSE(maps);
  EXPECT_EQ(maps.error().code(), Errc::invalid_argument);
  EXPECT_THAT(maps.error().message(), HasSubstr("node 'sum.s8' adds maps of 40x23"));
}

TEST(Parameters, AreNamedAsSlimNamesThem) {
  std::vector<std::string> names;
  for (const Parameter& parameter : parameters(small())) names.push_back(parameter.name);
  EXPECT_THAT(names, testing::ElementsAre("a/weights", "a/BatchNorm/gamma", "a/BatchNorm/beta",
                                          "a/BatchNorm/moving_mean", "a/BatchNorm/moving_variance",
                                          "b/depthwise_weights", "b/BatchNorm/beta",
                                          "b/BatchNorm/moving_mean", "b/BatchNorm/moving_variance",
                                          "d/weights", "d/biases"));
}

// The bootstrap model's card: 1.04 million parameters, 192 and 766 MMAC.
TEST(PasuPerson, IsAsItsCardSays) {
  const Graph graph = pasu_person();
  const auto at_320 = cost(graph, 320, 192), at_640 = cost(graph, 640, 384);
  ASSERT_TRUE(at_320 && at_640);
  EXPECT_NEAR(static_cast<double>(at_320->parameters), 1.04e6, 0.005e6);
  EXPECT_NEAR(static_cast<double>(at_320->macs), 192e6, 0.5e6);
  EXPECT_NEAR(static_cast<double>(at_640->macs), 766e6, 1e6);
  const auto maps = shapes(graph, 320, 192);
  ASSERT_TRUE(maps);
  ASSERT_EQ(graph.outputs.size(), 3u);
  for (const Output& output : graph.outputs) {
    const Shape expected{1, 5, 192 / output.stride, 320 / output.stride};
    EXPECT_EQ((*maps)[static_cast<size_t>(output.node)], expected) << output.name;
  }
}

TEST(PasuPerson, VariantsRoundTrip) {
  const Graph graph = pasu_person({.classes = 3,
                                   .stem = {24, 32},
                                   .widths = {64, 64, 64},
                                   .blocks = {0, 2, 3},
                                   .neck = 32,
                                   .head = 64,
                                   .head_convs = 2,
                                   .smooth = true,
                                   .identity_blocks = true});
  const auto again = parse_graph(write_graph(graph));
  ASSERT_TRUE(again) << again.error().message();
  EXPECT_EQ(*again, graph);
  EXPECT_GE(graph.find("smooth.s8"), 0);
  EXPECT_GE(graph.find("head.s32.1"), 0);
}

}  // namespace
}  // namespace pasu::train
