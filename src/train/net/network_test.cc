#include "train/net/network.h"

#include <torch/torch.h>

#include <gmock/gmock.h>

#include "train/model/models.h"

namespace pasu::train {
namespace {

at::Tensor picture(int64_t n, int64_t width, int64_t height) {
  auto generator = at::make_generator<at::CPUGeneratorImpl>(1);
  return torch::empty({n, 3, height, width}).uniform_(0, 255, generator);
}

TEST(Network, ShapesAreTheGraphs) {
  const Graph graph = pasu_person();
  Network network = Network::create(graph, 1);
  const auto out = network.forward(picture(2, 320, 192));
  const auto maps = shapes(graph, 320, 192);
  ASSERT_EQ(out.size(), 3u);
  for (size_t i = 0; i < 3; ++i) {
    Shape expected = (*maps)[static_cast<size_t>(graph.outputs[i].node)];
    expected[0] = 2;
    EXPECT_EQ(out[i].sizes().vec(), expected);
    EXPECT_EQ(out[i].scalar_type(), at::kFloat);
    EXPECT_TRUE(out[i].isfinite().all().item<bool>());
  }
}

TEST(Network, TheSameSeedGivesTheSameWeights) {
  const Graph graph = pasu_person();
  const Weights a = Network::create(graph, 7).weights();
  EXPECT_EQ(a, Network::create(graph, 7).weights());
  EXPECT_NE(a, Network::create(graph, 8).weights());
  // Another neck leaves the stem's draw as it was.
  const Weights other = Network::create(pasu_person({.neck = 32}), 7).weights();
  EXPECT_EQ(a.at("stem.0/weights"), other.at("stem.0/weights"));
  EXPECT_NE(a.at("stem.0/weights").values[0], a.at("stem.1/weights").values[0]);
}

TEST(Network, WeightsBeginAsTheGraphSays) {
  Network network = Network::create(ssd_mobilenet_v1(), 3);
  for (const NamedTensor& named : network.parameters()) {
    if (named.name != "BoxPredictor_1/BoxEncodingPredictor/weights") continue;
    // A normal cut off at two deviations keeps .88 of its deviation.
    EXPECT_NEAR(named.tensor.std().item<double>(), 0.03 * 0.8796, 0.0005);
    EXPECT_LE(named.tensor.abs().max().item<double>(), 0.06 + 1e-6);
  }
  network = Network::create(pasu_person(), 3);
  for (const NamedTensor& named : network.parameters()) {
    if (named.name != "s32.0.a/weights") continue;
    EXPECT_NEAR(named.tensor.std().item<double>(), std::sqrt(2. / (9 * 128)), 0.001);
  }
}

TEST(Network, LoadSaysWhatItDid) {
  Network network = Network::create(pasu_person(), 1);
  Weights weights = Network::create(pasu_person({.head = 32}), 2).weights();
  weights.erase("stem.0/weights");
  weights["odd"] = {{1}, {0}};
  const LoadReport report = network.load(weights);
  EXPECT_THAT(report.missing, testing::ElementsAre("stem.0/weights"));
  EXPECT_THAT(report.unused, testing::ElementsAre("odd"));
  EXPECT_THAT(report.misfits,
              testing::Contains("head.s8.0/weights: [48, 48, 3, 3] here, [32, 48, 3, 3] there"));
  EXPECT_EQ(network.weights().at("stem.1/weights"), weights.at("stem.1/weights"));
}

TEST(Network, IdentityBlocksChangeNothingAtFirst) {
  Network shallow = Network::create(pasu_person(), 1);
  Network deep = Network::create(pasu_person({.blocks = {2, 2, 3}, .identity_blocks = true}), 2);
  const LoadReport report = deep.load(shallow.weights());
  EXPECT_THAT(report.missing, testing::Contains("s16.1.b/BatchNorm/gamma"));
  EXPECT_TRUE(report.misfits.empty() && report.unused.empty());
  shallow.train(false);
  deep.train(false);
  const at::Tensor images = picture(1, 64, 64);
  const auto expected = shallow.forward(images), got = deep.forward(images);
  for (size_t i = 0; i < expected.size(); ++i) EXPECT_TRUE(torch::equal(expected[i], got[i])) << i;
}

TEST(Network, TrainingReachesEveryParameter) {
  for (const bool bfloat16 : {false, true}) {
    Network network = Network::create(pasu_person(), 1);
    network.train(true);
    network.use_bfloat16(bfloat16);
    const Weights before = network.weights();
    at::Tensor sum = torch::zeros({});
    for (const at::Tensor& out : network.forward(picture(2, 64, 64).to(at::kByte)))
      sum = sum + out.square().mean();
    sum.backward();
    for (const NamedTensor& named : network.parameters()) {
      ASSERT_TRUE(named.tensor.grad().defined()) << named.name;
      EXPECT_EQ(named.tensor.grad().scalar_type(), at::kFloat) << named.name;
      EXPECT_GT(named.tensor.grad().abs().sum().item<float>(), 0) << named.name;
    }
    const Weights after = network.weights();
    for (const NamedTensor& named : network.buffers())
      EXPECT_NE(before.at(named.name), after.at(named.name)) << named.name;
  }
}

TEST(Network, Bfloat16StaysNearFloat) {
  Network network = Network::create(pasu_person(), 1);
  network.train(true);
  const torch::NoGradGuard no_grad;
  const auto images = picture(2, 64, 64);
  const auto exact = network.forward(images);
  network.use_bfloat16(true);
  const auto rough = network.forward(images);
  for (size_t i = 0; i < exact.size(); ++i) {
    const float off = (exact[i] - rough[i]).norm().item<float>() / exact[i].norm().item<float>();
    EXPECT_LT(off, 0.15f) << i;
  }
}

}  // namespace
}  // namespace pasu::train
