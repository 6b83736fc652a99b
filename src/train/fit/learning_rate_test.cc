// Schedules. The numbers are those of the TF Object Detection API's own functions (float32), as
// ../shared/data/tf_od/numerics/odapi_numerics.json has them.
#include "train/fit/learning_rate.h"

#include <gtest/gtest.h>

namespace pasu::train {
namespace {

LearningRate parsed(const std::string& text) {
  const auto config = pipeline::parse_config(
      "train_config { optimizer { momentum_optimizer { learning_rate { " + text + " } } } }", "t");
  EXPECT_TRUE(config) << config.error().message();
  const auto rate =
      learning_rate_from(*config->block("train_config.optimizer.momentum_optimizer.learning_rate"));
  EXPECT_TRUE(rate) << rate.error().message();
  return *rate;
}

struct Case {
  const char* text;
  std::vector<int64_t> steps;
  std::vector<double> rates;
};

const Case kCases[] = {
    {"exponential_decay_learning_rate { initial_learning_rate: 0.004 decay_steps: 1000 "
     "decay_factor: 0.95 }",
     {0, 1, 999, 1000, 1001, 5000},
     {0.004, 0.004, 0.004, 0.0038, 0.0038, 0.0030951236840337515}},
    {"exponential_decay_learning_rate { initial_learning_rate: 0.004 decay_steps: 1000 "
     "decay_factor: 0.95 staircase: false burnin_learning_rate: 0.001 burnin_steps: 100 "
     "min_learning_rate: 0.0035 }",
     {0, 50, 100, 500, 1000, 5000},
     {0.0035, 0.0035, 0.004, 0.003918766975402832, 0.0038195415399968624, 0.0035}},
    {"manual_step_learning_rate { initial_learning_rate: 0.0003 schedule { step: 900 "
     "learning_rate: 0.00003 } schedule { step: 1200 learning_rate: 0.000003 } }",
     {0, 899, 900, 901, 1199, 1200, 5000},
     {0.0003, 0.0003, 3e-5, 3e-5, 3e-5, 3e-6, 3e-6}},
    {"manual_step_learning_rate { initial_learning_rate: 0.001 warmup: true schedule { step: 100 "
     "learning_rate: 0.01 } schedule { step: 1000 learning_rate: 0.001 } }",
     {0, 50, 99, 100, 999, 1000},
     {0.001, 0.0055, 0.009909999556839466, 0.01, 0.01, 0.001}},
    {"cosine_decay_learning_rate { learning_rate_base: 0.04 total_steps: 2000 "
     "warmup_learning_rate: 0.0133 warmup_steps: 200 hold_base_rate_steps: 100 }",
     {0, 100, 200, 250, 300, 1000, 1999, 2000, 2500},
     {0.0133, 0.026650000363588333, 0.04, 0.04, 0.04, 0.025473259389400482, 3.457e-08, 0, 0}},
    {"constant_learning_rate { learning_rate: 0.01 }", {0, 1000000}, {0.01, 0.01}},
};

TEST(LearningRate, AsTheObjectDetectionApi) {
  for (const Case& one : kCases) {
    const LearningRate rate = parsed(one.text);
    for (size_t i = 0; i < one.steps.size(); ++i)
      EXPECT_NEAR(rate_at(rate, one.steps[i]), one.rates[i], 5e-9)
          << one.text << " at " << one.steps[i];
  }
}

TEST(LearningRate, SaysWhatCannotBe) {
  const auto error = [](const std::string& text) {
    const auto config = pipeline::parse_config(
        "train_config { optimizer { momentum_optimizer { learning_rate { " + text + " } } } }",
        "t");
    const auto rate = learning_rate_from(
        *config->block("train_config.optimizer.momentum_optimizer.learning_rate"));
    return rate ? std::string() : rate.error().message();
  };
  EXPECT_NE(error("").find("none is chosen"), std::string::npos);
  EXPECT_NE(error("manual_step_learning_rate { schedule { step: 5 } schedule { step: 5 } }")
                .find("does not rise"),
            std::string::npos);
  EXPECT_NE(error("cosine_decay_learning_rate { total_steps: 100 warmup_steps: 100 }")
                .find("is not more than"),
            std::string::npos);
}

}  // namespace
}  // namespace pasu::train
