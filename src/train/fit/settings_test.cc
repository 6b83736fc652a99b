// A configuration's fields as a run's settings.
#include "train/fit/settings.h"

#include <filesystem>

#include <gmock/gmock.h>

#include "train/fit/evaluate.h"
#include "train/fit/head.h"
#include "train/fit/plan.h"
#include "train/load/test_pictures.h"
#include "train/model/graph.h"
#include "train/pipeline/test_fields.h"

namespace pasu::train {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr const char* kText = R"(
model { pasu_person {
  num_classes: 1 widths: [8, 12, 16]
  input_size { width: 320 height: 192 batch_size: 40 weight: 3 late_weight: 1 }
  input_size { width: 640 height: 384 weight: 1 }
  loss { iou_power: 6 target_iou_power: 0.5 }
} }
train_config {
  batch_size: 10 num_steps: 1000 late_share: 0.25 use_bfloat16: true gradient_clipping_by_norm: 5 seed: 9 clones: 2
  optimizer {
    adamw_optimizer { learning_rate { constant_learning_rate { learning_rate: 0.001 } } beta2: 0.98 weight_decay: 0.03 }
    moving_average_decay: 0.998
  }
  data_augmentation_options { pasu_augmentation { mosaic: 0.4 late_mosaic: 0.1 grey: 0.5 } }
}
train_input_reader { pasu_input_reader { set { path: "a" weight: 2 } set { path: "b" stretch_max: 1.5 } hold_out: "a/x*" } }
eval_input_reader { name: "street" pasu_input_reader { set { path: "a" } only: "a/x*" } }
eval_config { eval_every_steps: 70 }
)";

Result<Settings> settings(const std::string& from = "", const std::string& to = "") {
  std::string text = kText;
  if (!from.empty()) text.replace(text.find(from), from.size(), to);
  const auto config = pipeline::parse_config(text, "p.config");
  EXPECT_TRUE(config) << config.error().message();
  return settings_from(*config);
}

TEST(Settings, AreWhatTheConfigurationSays) {
  const auto s = settings();
  ASSERT_TRUE(s) << s.error().message();
  EXPECT_THAT(s->model.widths, ElementsAre(8, 12, 16));
  EXPECT_THAT(s->model.stem, ElementsAre(16, 24));
  EXPECT_EQ(s->loss.assign.iou_power, 6);
  EXPECT_EQ(s->loss.assign.target_iou_power, 0.5F);
  EXPECT_EQ(s->loss.score_weight, 1.5F);
  ASSERT_EQ(s->sizes.size(), 2U);
  EXPECT_EQ(s->sizes[0].late_share, 1);
  EXPECT_EQ(s->sizes[1].late_share, 1);
  EXPECT_EQ(s->sizes[1].batch, 10);
  EXPECT_EQ(s->steps, 1000);
  EXPECT_FALSE(s->is_late(749));
  EXPECT_TRUE(s->is_late(750));
  EXPECT_TRUE(s->optimizer.decoupled_decay);
  EXPECT_EQ(s->optimizer.beta2, 0.98);
  EXPECT_EQ(s->weight_decay, 0.03);
  EXPECT_EQ(s->average_decay, 0.998);
  EXPECT_TRUE(s->bfloat16);
  EXPECT_EQ(s->threads, 1);
  EXPECT_EQ(s->clones, 2);
  EXPECT_EQ(s->augmentation.mosaic, 0.4F);
  EXPECT_EQ(s->late_augmentation.mosaic, 0.1F);
  EXPECT_EQ(s->late_augmentation.grey, 0.5F);
  EXPECT_EQ(s->pictures.sets[0].weight, 2);
  EXPECT_EQ(s->pictures.part, PictureSetOptions::Part::kept);
  ASSERT_EQ(s->evaluations.size(), 1U);
  EXPECT_EQ(s->evaluations[0].name, "street");
  EXPECT_EQ(s->evaluations[0].pictures.part, PictureSetOptions::Part::held_out);
  EXPECT_EQ(s->evaluate_every, 70);
}

TEST(Settings, WithoutAugmentationPicturesAreLetterboxed) {
  const auto s = settings(
      "data_augmentation_options { pasu_augmentation { mosaic: 0.4 late_mosaic: 0.1 grey: 0.5 } }",
      "");
  ASSERT_TRUE(s);
  EXPECT_EQ(s->augmentation.plain, 1);
  EXPECT_EQ(s->augmentation.mosaic, 0);
}

TEST(Settings, SayWhatIsMissing) {
  EXPECT_THAT(settings("num_steps: 1000", "").error().message(), HasSubstr("num_steps is not set"));
  EXPECT_THAT(settings("only: \"a/x*\"", "only: \"a/x*\" hold_out: \"b\"").error().message(),
              HasSubstr("both only and hold_out"));
  EXPECT_THAT(settings("{ learning_rate { constant_learning_rate { learning_rate: 0.001 } }", "{")
                  .error()
                  .message(),
              HasSubstr("learning_rate is not set"));
  const auto other = pipeline::parse_config("model { faster_rcnn { num_classes: 1 } }", "p.config");
  EXPECT_THAT(settings_from(*other).error().message(), HasSubstr("only model { pasu_person { } }"));
}

TEST(Settings, ThePersonConfigurationIsOne) {
  const auto config = pipeline::read_config(PASU_SOURCE_DIR "/models/person/pipeline.config");
  ASSERT_TRUE(config) << config.error().message();
  const auto s = settings_from(*config);
  ASSERT_TRUE(s) << s.error().message();
  EXPECT_EQ(s->sizes.front().size, (geom::Size{320, 192}));
  const auto spent = cost(pasu_person(s->model), 320, 192);
  ASSERT_TRUE(spent);
  EXPECT_LT(spent->macs, 200'000'000);
}

TEST(Plan, SizesComeByTheirSharesAndNeverChange) {
  const auto s = settings();
  ASSERT_TRUE(s);
  const PlanRule rule = plan_rule(*s);
  int wide = 0, late_wide = 0;
  for (uint64_t n = 0; n < 1000; ++n) {
    const BatchPlan plan = rule(n);
    EXPECT_EQ(plan.size, rule(n).size);
    EXPECT_EQ(plan.count, plan.size.width == 320 ? 40 : 10);
    const bool late = n >= 750;
    EXPECT_EQ(plan.augmentation, late ? &s->late_augmentation : &s->augmentation);
    (late ? late_wide : wide) += plan.size.width == 640 ? 1 : 0;
  }
  EXPECT_NEAR(wide, 750 / 4, 50);
  EXPECT_NEAR(late_wide, 250 / 2, 35);
}

// What is measured, what the checkpoint says for export: the configuration's own numbers.
TEST(Settings, AnSsdIsMeasuredByItsPostProcessing) {
  const auto made = [](const std::string& post_processing) {
    const auto config = pipeline::parse_config(
        fmt::format(
            "model {{ ssd {{ num_classes: 1 image_resizer {{ fixed_shape_resizer {{ height: 300 "
            "width: 300 }} }} feature_extractor {{ type: 'ssd_mobilenet_v1' depth_multiplier: 0.25 "
            "}} loss {{ classification_loss {{ weighted_sigmoid {{ }} }} }} {} }} }} train_config "
            "{{ num_steps: 1 optimizer {{ adam_optimizer {{ learning_rate {{ "
            "constant_learning_rate {{ }} }} }} }} }} train_input_reader {{ "
            "tf_record_input_reader {{ input_path: 'a' }} }}",
            post_processing),
        "p.config");
    return settings_from(*config).value();
  };
  const Settings own = made(
      "post_processing { score_converter: SOFTMAX batch_non_max_suppression { "
      "score_threshold: 0.2 iou_threshold: 0.45 max_detections_per_class: 20 "
      "max_total_detections: 50 } }");
  const DetectOptions options = detect_options(own, {300, 300});
  EXPECT_EQ(options.size, (geom::Size{300, 300}));
  EXPECT_EQ(options.score_min, 0.2F);
  EXPECT_EQ(
      options.nms,
      (geom::NmsOptions{
          .iou = 0.45F, .candidates_max = 100'000, .kept_max = 50, .kept_per_label_max = 20}));
  Checkpoint checkpoint;
  head_of(own)->describe(checkpoint);
  EXPECT_EQ(checkpoint.facts.at(kSuppressionFact), "0.2,0.45,20,50");
  EXPECT_EQ(checkpoint.facts.at(kScoresFact), "softmax");

  // Without one the format's presets, and scores as the loss trains them.
  const Settings preset = made("");
  EXPECT_EQ(detect_options(preset, {300, 300}).nms.iou, 0.6F);
  checkpoint = {};
  head_of(preset)->describe(checkpoint);
  EXPECT_EQ(checkpoint.facts.at(kSuppressionFact), "0,0.6,100,100");
  EXPECT_EQ(checkpoint.facts.at(kScoresFact), "sigmoid");
}

// What `pasu train --check` says of the fields of a run is what the run goes by: each field is set
// to another value in turn.
TEST(Settings, EveryFieldIsHeededOrSaidNotToBe) {
  const pipeline::MessageType& root = pipeline::Schema::get().root();
  std::vector<std::string> paths;
  for (const char* name :
       {"train_config", "eval_config", "train_input_reader", "eval_input_reader"})
    leaves(*root.find(name)->message, name, paths);
  leaves(*root.find("model")->message->find("pasu_person")->message, "model.pasu_person", paths);
  const std::string adamw = "adamw_optimizer", more = "beta2: 0.98 weight_decay: 0.03";
  std::string found;
  for (const char* optimizer :
       {"adamw_optimizer", "adam_optimizer", "momentum_optimizer", "rms_prop_optimizer"}) {
    std::string text = kText;
    text.replace(text.find("seed: 9"), 7,
                 "seed: 9 fine_tune_checkpoint: 'x' from_detection_checkpoint: true "
                 "load_all_detection_checkpoint_vars: true");
    if (optimizer != adamw) {
      text.replace(text.find(more), more.size(), "");
      text.replace(text.find(adamw), adamw.size(), optimizer);
    }
    for (const std::string& path : paths) {
      const bool of_optimizer = path.starts_with("train_config.optimizer.");
      // The steps of augmentation are an SSD's (train/ssd/honoured_test.cc).
      const bool of_ssd = path.starts_with("train_config.data_augmentation_options.") &&
                          path.find("pasu_augmentation") == path.npos;
      const bool other = of_optimizer
                             ? !path.starts_with(std::string("train_config.optimizer.") + optimizer)
                             : optimizer != adamw;
      // Of record files, which pasu_person does not read.
      if (of_ssd || other || path.ends_with("_reader.label_map_path")) continue;
      const std::string what = pipeline::wrong_remark(
          text, path, [](const auto& config) { return settings_from(config); });
      if (!what.empty()) found += path + " " + what + "\n";
    }
  }
  EXPECT_EQ(found, "");
}

class Fingerprint : public testing::Test {
 protected:
  static std::string of(const std::vector<data::Box>& boxes, const char* name = "street") {
    PictureSetOptions options;
    SetOptions set;
    set.path = red_set("fingerprint", {160, 120}, boxes);
    set.name = name;
    options.sets = {set};
    const auto pictures = PictureSet::open(options);
    EXPECT_TRUE(pictures);
    return fingerprint_of(**pictures, "set");
  }
};

TEST_F(Fingerprint, SaysBySetWhatIsNotAsItWas) {
  const std::vector<data::Box> boxes = {{40, 30, 40, 60}, {10, 5, 30, 90}};
  const std::string before = of(boxes);
  EXPECT_THAT(changes(before, of(boxes)), ElementsAre());
  EXPECT_THAT(changes(before, of({{40, 30, 40, 61}, {10, 5, 30, 90}})),
              ElementsAre("the boxes of set 'street'"));
  EXPECT_THAT(changes(before, of({{40, 30, 40, 60}, {0, 0, 0, 0}})),
              ElementsAre("the boxes of set 'street'"));
  EXPECT_THAT(changes(before, of({boxes[0], boxes[1], {0, 0, 0, 0}})),
              ElementsAre("the boxes of set 'street'", "the pictures of set 'street'"));
  EXPECT_THAT(changes(before, of(boxes, "yard")),
              ElementsAre("the boxes of set 'yard'", "the pictures of set 'yard'",
                          "the boxes of set 'street', which are gone",
                          "the pictures of set 'street', which are gone"));
  auto s = settings();
  ASSERT_TRUE(s);
  const std::string plan = fingerprint_of(*s);
  s->seed = 10;
  EXPECT_THAT(changes(plan, fingerprint_of(*s)), ElementsAre("the seed"));
  s->sizes[0].batch = 41;
  EXPECT_THAT(changes(plan, fingerprint_of(*s)), ElementsAre("the input sizes", "the seed"));
}

}  // namespace
}  // namespace pasu::train
