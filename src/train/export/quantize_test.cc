#include "train/export/quantize.h"

#include <algorithm>
#include <cmath>
#include <random>

#include <gmock/gmock.h>

#include "train/export/run.h"
#include "train/model/models.h"
#include "train/model/test_weights.h"

namespace pasu::train {
namespace {

using testing::HasSubstr;
using Rule = QuantizeOptions::Rule;

/// Soft stripes: noise alone would leave every map the same.
CalibrationPicture picture(geom::Size size, unsigned seed) {
  std::mt19937 random(seed);
  const double step = 0.02 + 0.1 * (random() % 100) / 100., slope = (random() % 100) / 50. - 1;
  CalibrationPicture out{size, {}};
  for (int y = 0; y < size.height; ++y)
    for (int x = 0; x < size.width; ++x)
      for (int c = 0; c < 3; ++c)
        out.rgb.push_back(static_cast<uint8_t>(127 + 100 * std::sin(step * (x + slope * y) + c) +
                                               static_cast<int>(random() % 20)));
  return out;
}

Array as_array(const CalibrationPicture& from) {
  Array out{{1, 3, from.size.height, from.size.width}, {}};
  for (size_t c = 0; c < 3; ++c)
    for (size_t i = c; i < from.rgb.size(); i += 3) out.values.push_back(from.rgb[i]);
  return out;
}

/// Root of the mean squared difference over that of the reference's spread.
double off(const std::vector<Array>& reference, const std::vector<Array>& tried) {
  double error = 0, spread = 0;
  for (size_t i = 0; i < reference.size(); ++i) {
    double mean = 0;
    for (const float v : reference[i].values) mean += v;
    mean /= static_cast<double>(reference[i].values.size());
    for (size_t k = 0; k < reference[i].values.size(); ++k) {
      error += std::pow(tried[i].values[k] - reference[i].values[k], 2);
      spread += std::pow(reference[i].values[k] - mean, 2);
    }
  }
  return std::sqrt(error / spread);
}

Result<Quantized> quantized(const Graph& graph, const std::vector<FoldedConv>& convs,
                            std::span<const CalibrationPicture> pictures,
                            const QuantizeOptions& options) {
  const auto calibration = TRY(Calibration::run(graph, convs, pictures));
  return calibration.quantize(options);
}

class Quantize : public testing::TestWithParam<Rule> {};

TEST_P(Quantize, StaysNearFloat) {
  const geom::Size size{160, 96};
  const Graph graphs[] = {pasu_person(), ssd_mobilenet_v1({.depth_multiplier = 0.5})};
  for (const Graph& graph : graphs) {
    const Weights weights = random_weights(graph, 3);
    const auto convs = fold(graph, weights);
    ASSERT_TRUE(convs);
    std::vector<CalibrationPicture> pictures;
    for (unsigned seed = 1; seed <= 8; ++seed) pictures.push_back(picture(size, seed));
    QuantizeOptions options;
    options.rule = GetParam();
    const auto int8 = quantized(graph, *convs, pictures, options);
    ASSERT_TRUE(int8) << int8.error().message();
    const Array shown = as_array(picture(size, 99));
    const auto reference = run_graph(graph, weights, shown);
    const auto tried = run_graph(graph, weights, shown, std::nullopt, &*int8);
    ASSERT_TRUE(reference && tried) << tried.error().message();
    const double error = off(*reference, *tried);
    EXPECT_GT(error, 0) << graph.model << ": not quantized at all";
    EXPECT_LT(error, 0.25) << graph.model;
  }
}

INSTANTIATE_TEST_SUITE_P(Rules, Quantize,
                         testing::Values(Rule::min_max, Rule::percentile, Rule::mse),
                         [](const auto& tested) { return to_string(tested.param); });

TEST(Quantize, ZeroIsALevelAndWeightsReachTheirScale) {
  const Graph graph = pasu_person();
  const auto convs = fold(graph, random_weights(graph, 3));
  const CalibrationPicture shown = picture({64, 64}, 1);
  QuantizeOptions options;
  options.keep_float = {"stem.1"};
  const auto int8 = quantized(graph, *convs, {&shown, 1}, options);
  ASSERT_TRUE(int8) << int8.error().message();
  for (size_t i = 0; i < graph.nodes.size(); ++i) {
    if (const auto& range = int8->ranges[i]) {
      const float level = -range->low / (range->high - range->low) * 255;
      EXPECT_NEAR(level, std::round(level), 1e-3) << graph.nodes[i].name;
    }
    const QuantizedConv& conv = int8->convs[i];
    if (graph.nodes[i].op != Op::conv) continue;
    EXPECT_EQ(conv.weights.empty(), graph.nodes[i].name == "stem.1");
    const size_t each = conv.weights.size() / std::max<size_t>(conv.scales.size(), 1);
    for (size_t k = 0; k < conv.scales.size(); ++k) {
      int reach = 0;
      for (size_t j = 0; j < each; ++j)
        reach = std::max(reach, std::abs(int{conv.weights[k * each + j]}));
      EXPECT_EQ(reach, 127) << graph.nodes[i].name;
    }
  }
  // Maps that only outputs take stay float; what stem.1 alone takes does too.
  EXPECT_FALSE(int8->ranges[static_cast<size_t>(graph.find("head.s8.out"))]);
  EXPECT_FALSE(int8->ranges[static_cast<size_t>(graph.find("stem.0"))]);
  EXPECT_TRUE(int8->ranges[static_cast<size_t>(graph.find("stem.1"))]);
}

TEST(Quantize, SaysWhatItCannotDo) {
  const Graph graph = pasu_person();
  const auto convs = fold(graph, random_weights(graph, 3));
  EXPECT_THAT(quantized(graph, *convs, {}, {}).error().message(), HasSubstr("no pictures"));
  const CalibrationPicture shown = picture({64, 64}, 1);
  QuantizeOptions options;
  options.keep_float = {"stem"};
  EXPECT_THAT(quantized(graph, *convs, {&shown, 1}, options).error().message(),
              HasSubstr("'stem' is no convolution"));
}

TEST(Quantize, GainsNameEachConvolutionOnce) {
  const Graph graph = pasu_person();
  const auto convs = fold(graph, random_weights(graph, 3));
  const CalibrationPicture shown = picture({64, 64}, 1);
  const auto calibration = Calibration::run(graph, *convs, {&shown, 1});
  ASSERT_TRUE(calibration);
  QuantizeOptions options;
  options.keep_float = {"stem.1"};
  const auto gains = calibration->gains(options);
  ASSERT_TRUE(gains) << gains.error().message();
  ASSERT_EQ(gains->size(), 21u);  // 22 convolutions less the one that stays float anyway.
  for (size_t i = 1; i < gains->size(); ++i) EXPECT_LE((*gains)[i].part, (*gains)[i - 1].part);
  EXPECT_GT((*gains)[0].part, 0);
  EXPECT_LT((*gains)[0].part, 1);
}

}  // namespace
}  // namespace pasu::train
