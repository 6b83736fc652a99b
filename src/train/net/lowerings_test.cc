// Training and serving must be one network: libtorch and OpenVINO on the same weights and pictures.
#include <algorithm>
#include <random>
#include <torch/torch.h>

#include <gtest/gtest.h>

#include "train/export/run.h"
#include "train/model/models.h"
#include "train/model/test_weights.h"
#include "train/net/network.h"

namespace pasu::train {
namespace {

struct Case {
  const char* name;
  Graph graph;
  int64_t width, height;
};

void PrintTo(const Case& tested, std::ostream* out) { *out << tested.name; }

class Lowerings : public testing::TestWithParam<Case> {};

TEST_P(Lowerings, Agree) {
  const auto& [name, graph, width, height] = GetParam();
  const Weights weights = random_weights(graph, 5);
  Array images{{2, 3, height, width}, {}};
  std::mt19937 random(9);
  for (int64_t i = 0; i < 6 * width * height; ++i)
    images.values.push_back(static_cast<float>(random() % 256));

  Network network = Network::create(graph, 1);
  const LoadReport report = network.load(weights);
  EXPECT_TRUE(report.missing.empty() && report.misfits.empty() && report.unused.empty());
  const torch::NoGradGuard no_grad;
  const auto trained = network.forward(torch::from_blob(images.values.data(), images.shape));
  const auto run = run_graph(graph, weights, images);
  ASSERT_TRUE(run) << run.error().message();
  ASSERT_EQ(run->size(), trained.size());
  for (size_t i = 0; i < trained.size(); ++i) {
    ASSERT_EQ((*run)[i].shape, trained[i].sizes().vec());
    const at::Tensor flat = trained[i].contiguous();
    const float* expected = flat.data_ptr<float>();
    float worst = 0, reach = 0;
    for (size_t k = 0; k < (*run)[i].values.size(); ++k) {
      worst = std::max(worst, std::abs((*run)[i].values[k] - expected[k]));
      reach = std::max(reach, std::abs(expected[k]));
    }
    EXPECT_GT(reach, 0.1f) << "too flat to tell anything";
    EXPECT_LT(worst, 1e-4f * std::max(1.f, reach)) << graph.outputs[i].name;
  }
}

INSTANTIATE_TEST_SUITE_P(
    Models, Lowerings,
    testing::Values(Case{"pasu_person", pasu_person(), 320, 192},
                    Case{"pasu_person_wide",
                         pasu_person({.classes = 2, .neck = 32, .head_convs = 2, .smooth = true}),
                         96, 64},
                    Case{"ssd_mobilenet_v1", ssd_mobilenet_v1({.depth_multiplier = 0.5}), 300, 300},
                    Case{"ssd_mobilenet_v2", ssd_mobilenet_v2({.classes = 4}), 300, 300},
                    Case{"ssdlite_mobilenet_v1",
                         ssd_mobilenet_v1({.lite = true, .predictor_kernel = 3}), 300, 300},
                    Case{"ssdlite_mobilenet_v2",
                         ssd_mobilenet_v2({.lite = true, .predictor_kernel = 3}), 300, 300}),
    [](const auto& tested) { return std::string(tested.param.name); });

}  // namespace
}  // namespace pasu::train
