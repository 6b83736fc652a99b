// Beginning with another checkpoint's weights.
#include "train/fit/start.h"

#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>

#include "train/fit/run.h"
#include "train/fit/test_settings.h"
#include "train/fit/trainer.h"
#include "train/load/test_pictures.h"
#include "train/tf/checkpoint.h"

namespace pasu::train {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;

const fs::path kTfOd = PASU_SOURCE_DIR "/../shared/data/tf_od";
const fs::path kPerson = kTfOd / "ssd_mobilenet_v1_person_random";
const std::atomic<bool> kGoOn = false;

#define NEEDS_SHARED() \
  if (!fs::exists(kTfOd)) GTEST_SKIP() << "no ../shared"

/// The value that TensorFlow has at [h, w, in, out] where ours is at [out, in, h, w]; depthwise
/// kernels are [h, w, in, 1] and [in, 1, h, w].
float tf_value(const Array& tf, Role role, const Shape& ours, size_t at) {
  if (role != Role::weights && role != Role::depthwise_weights) return tf.values[at];
  const auto side = [&](size_t i) { return static_cast<size_t>(ours[i]); };
  const size_t w = at % side(3), h = at / side(3) % side(2), b = at / side(3) / side(2) % side(1),
               a = at / side(3) / side(2) / side(1);
  const bool depthwise = role == Role::depthwise_weights;
  const size_t in = depthwise ? a : b, out = depthwise ? b : a;
  const size_t ins = depthwise ? side(0) : side(1), outs = depthwise ? side(1) : side(0);
  return tf.values[((h * side(3) + w) * ins + in) * outs + out];
}

Settings person_settings() {
  const auto config = pipeline::read_config(kPerson / "pipeline.config");
  EXPECT_TRUE(config) << config.error().message();
  auto settings = settings_from(*config, 1);
  EXPECT_TRUE(settings) << settings.error().message();
  return settings ? *settings : Settings();
}

// However the checkpoint is named, each weight of the network is what TensorFlow has, and so is its
// moving average.
TEST(Start, TensorFlowsWeightsAreAllTaken) {
  NEEDS_SHARED();
  const Settings settings = person_settings();
  const auto checkpoint = TfCheckpoint::open(kPerson / "model.ckpt");
  ASSERT_TRUE(checkpoint);
  for (const fs::path& path : {kPerson / "model.ckpt", kPerson / "model.ckpt.index", kPerson}) {
    Trainer trainer(settings);
    const auto start = read_start({.path = path}, trainer.network().graph());
    ASSERT_TRUE(start) << start.error().message();
    const LoadReport report = trainer.start_from(start->weights);
    EXPECT_THAT(report.missing, ElementsAre());
    EXPECT_THAT(report.misfits, ElementsAre());
    EXPECT_THAT(start->unused, ElementsAre());
    EXPECT_EQ(report.loaded.size(), parameters(trainer.network().graph()).size());
    EXPECT_TRUE(log_start({.path = path}, *start, report));
    const Weights averaged = trainer.averages().arrays;
    for (const Parameter& parameter : parameters(trainer.network().graph())) {
      const auto tf = checkpoint->read(*checkpoint->find(parameter.name));
      ASSERT_TRUE(tf) << tf.error().message();
      const Array& ours = averaged.at(parameter.name);
      ASSERT_EQ(ours.values.size(), tf->values.size()) << parameter.name;
      for (size_t i = 0; i < ours.values.size(); ++i)
        ASSERT_EQ(ours.values[i], tf_value(*tf, parameter.role, ours.shape, i)) << parameter.name;
    }
  }
}

TEST(Start, FieldsOfTheConfigurationSayHowMuch) {
  NEEDS_SHARED();
  const Graph graph = graph_of(person_settings());
  const auto start = read_start({kPerson.string(), StartFrom::Part::extractor}, graph);
  ASSERT_TRUE(start) << start.error().message();
  EXPECT_EQ(start->left.size(),
            6 * 4U);  // Weights and biases of 6 predictors of boxes and classes.
  for (const auto& [name, array] : start->weights)
    EXPECT_TRUE(name.starts_with("FeatureExtractor/")) << name;
  EXPECT_EQ(start->weights.size() + start->left.size(), parameters(graph).size());

  struct Case {
    const char* fields;
    StartFrom::Part part;
  };
  using enum StartFrom::Part;
  for (const auto& [fields, part] :
       {Case{"", extractor}, Case{"from_detection_checkpoint: true", extractor},
        Case{"from_detection_checkpoint: true load_all_detection_checkpoint_vars: true", all},
        Case{"fine_tune_checkpoint_type: 'detection' load_all_detection_checkpoint_vars: true",
             all},
        Case{"fine_tune_checkpoint_type: 'classification' load_all_detection_checkpoint_vars: true",
             extractor},
        Case{"fine_tune_checkpoint_type: 'fine_tune'", all}}) {
    std::ifstream file(kPerson / "pipeline.config");
    std::string text{std::istreambuf_iterator<char>(file), {}};
    const auto config = pipeline::parse_config(
        text.substr(0, text.find("train_config")) +
            fmt::format("train_config {{ optimizer {{ adam_optimizer {{ learning_rate {{ "
                        "constant_learning_rate {{ }} }} }} }} fine_tune_checkpoint: 'model.ckpt' "
                        "{} }} train_input_reader {{ tf_record_input_reader {{ input_path: 'a' }} "
                        "}}",
                        fields),
        kPerson / "p.config");
    ASSERT_TRUE(config) << config.error().message();
    const auto settings = settings_from(*config, 1);
    ASSERT_TRUE(settings) << settings.error().message();
    EXPECT_EQ(settings->from.path, kPerson / "model.ckpt") << fields;
    EXPECT_EQ(settings->from.part, part) << fields;
  }
}

// ref/model.ckpt has four variables of such a network, one of them for 5 classes, and many more.
TEST(Start, WhatDoesNotFitIsNamed) {
  NEEDS_SHARED();
  const Graph graph = ssd_mobilenet_v1({.classes = 2});
  const auto start = read_start({.path = kTfOd / "ref"}, graph);
  ASSERT_TRUE(start) << start.error().message();
  EXPECT_EQ(start->weights.size(), 4U);
  EXPECT_EQ(start->unused.size(), 73U - 4 - 1);  // global_step is no weight.
  Network network = Network::create(graph, 1);
  const LoadReport report = network.load(start->weights);
  EXPECT_EQ(report.loaded.size(), 3U);
  ASSERT_EQ(report.misfits.size(), 1U);
  EXPECT_THAT(report.misfits[0], HasSubstr("BoxPredictor_0/ClassPredictor/biases"));
  EXPECT_EQ(report.missing.size(), parameters(graph).size() - 4);
  EXPECT_TRUE(log_start({}, *start, report));
}

TEST(Start, OneOfAnotherModelIsRefused) {
  NEEDS_SHARED();
  Settings settings = small_settings(red_set("start", {160, 120}, {{40, 30, 40, 60}}), 1);
  const std::string folder = (fs::temp_directory_path() / "pasu_start").string();
  fs::remove_all(folder);
  const auto other = run(settings, {.folder = folder, .from = kPerson}, kGoOn);
  ASSERT_FALSE(other);
  EXPECT_THAT(other.error().message(), HasSubstr("none of its weights is this network's"));
  settings.from.path = folder + "/model.ckpt";
  const auto absent = run(settings, {.folder = folder}, kGoOn);
  ASSERT_FALSE(absent);
  EXPECT_THAT(
      absent.error().message(),
      HasSubstr("train_config.fine_tune_checkpoint: there is no " + folder + "/model.ckpt.index"));
  EXPECT_THAT(absent.error().message(),
              HasSubstr("without that field training begins with random weights"));
}

}  // namespace
}  // namespace pasu::train
