#include "train/pipeline/config.h"

#include <filesystem>
#include <fstream>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pasu::pipeline {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

fs::path shared() { return fs::path(PASU_SOURCE_DIR) / ".." / "shared/data/tf_od"; }

TEST(Config, EverySampleOfTfOdApiParses) {
  if (!fs::exists(shared())) GTEST_SKIP() << shared() << " is not there";
  size_t count = 0;
  for (const char* folder : {"configs_2017", "configs_2020"}) {
    for (const auto& file : fs::directory_iterator(shared() / folder)) {
      const auto config = read_config(file.path().string());
      EXPECT_TRUE(config) << config.error().message();
      ++count;
    }
  }
  EXPECT_EQ(count, 76u);
}

// config_fields.txt: "path  xN  values", [] behind repeated fields, {} behind empty messages.
TEST(Schema, KnowsEveryFieldOfTheTargetConfigurations) {
  std::ifstream file(shared() / "config_fields.txt");
  if (!file) GTEST_SKIP() << shared() << " is not there";
  for (std::string line; std::getline(file, line);) {
    std::string path = line.substr(0, line.find(' '));
    const MessageType* message = &Schema::get().root();
    while (!path.empty()) {
      const size_t dot = std::min(path.find('.'), path.size());
      std::string name = path.substr(0, dot);
      path.erase(0, dot + 1);
      const bool repeated = name.ends_with("[]"), empty = name.ends_with("{}");
      if (repeated || empty) name.resize(name.size() - 2);
      ASSERT_NE(message, nullptr) << line;
      const Field* field = message->find(name);
      ASSERT_NE(field, nullptr) << line;
      EXPECT_EQ(field->repeated, repeated) << line;
      message = field->message;
    }
  }
}

TEST(Schema, IsWhole) {
  EXPECT_EQ(Schema::get().messages().size(), 169u);
  std::set<const MessageType*> used = {&Schema::get().root()};
  for (const auto& [name, message] : Schema::get().messages()) {
    std::set<std::string_view> names;
    for (const Field& field : message.fields) {
      EXPECT_TRUE(names.insert(field.name).second) << name << "." << field.name;
      if (field.message != nullptr) used.insert(field.message);
      if (field.type == Type::enumerator && !field.preset.empty()) {
        EXPECT_THAT(field.enumeration->names, testing::Contains(field.preset)) << field.name;
      }
    }
  }
  EXPECT_EQ(used.size(), Schema::get().messages().size());
  EXPECT_EQ(Schema::get().place_of("batch_size"), "train_config.batch_size");
}

TEST(Config, WhatIsSetAndWhatIsNot) {
  const auto config = parse_config(R"(
    # A comment.
    model: { ssd < num_classes: 0x10; anchor_generator { ssd_anchor_generator {
      aspect_ratios: [1, 2.5e-1f] aspect_ratios: 3 } } > }
    train_config { fine_tune_checkpoint: 'a' "b\n", optimizer { use_moving_average: False } }
    eval_input_reader: [ { shuffle: true }, {} ]
  )",
                                   "p.config");
  ASSERT_TRUE(config) << config.error().message();
  EXPECT_EQ(config->find("model.ssd.num_classes")->number, 16);
  EXPECT_EQ(config->find("model.ssd.num_classes")->place.line, 3);
  const Block* anchors = config->block("model.ssd.anchor_generator.ssd_anchor_generator");
  ASSERT_NE(anchors, nullptr);
  EXPECT_EQ(anchors->values.size(), 3u);
  EXPECT_EQ(anchors->number("min_scale"), 0.2);  // The preset.
  EXPECT_EQ(config->find("train_config.fine_tune_checkpoint")->text, "ab\n");
  EXPECT_EQ(config->block("train_config")->number("batch_size"), 32);
  EXPECT_EQ(config->block("train_config")->text("fine_tune_checkpoint_version"), "V1");
  EXPECT_EQ(config->block("train_config.optimizer")->number("use_moving_average"), 0);
  EXPECT_EQ(config->root.values.size(), 4u);
  EXPECT_EQ(config->find("model.faster_rcnn"), nullptr);
  EXPECT_EQ(config->root.block("model")->chosen("model")->field->name, "ssd");
}

struct Case {
  const char* name;
  const char* text;
  const char* says;
};

const Case kCases[] = {
    {"Misspelt", "model {\n  ssd {\n    num_clases: 1\n  }\n}",
     "p.config:3:5: model.ssd: Ssd has no field 'num_clases'; did you mean 'num_classes'?"},
    {"TooHigh", "batch_size: 24",
     "p.config:1:1: TrainEvalPipelineConfig has no field 'batch_size'; it belongs elsewhere, for "
     "example train_config.batch_size: is a bracket misplaced?"},
    {"NoField", "model { ssd { similarity_calculator { iou_similarity { x: 1 } } } }",
     "p.config:1:56: model.ssd.similarity_calculator.iou_similarity: IouSimilarity has no field"},
    {"Enumerator", "model { ssd { post_processing { score_converter: SIGMOD } } }",
     "p.config:1:50: model.ssd.post_processing: score_converter is one of IDENTITY, SIGMOID, "
     "SOFTMAX; found 'SIGMOD', did you mean SIGMOID?"},
    {"EnumeratorNumber", "model { ssd { post_processing { score_converter: 7 } } }", "found '7'"},
    {"TextForNumber", "model { ssd { num_classes: \"one\" } }",
     "p.config:1:28: model.ssd: num_classes is a whole number, found '\"one\"'"},
    {"FractionForInteger", "model { ssd { num_classes: 1.5 } }",
     "num_classes is a whole number, found '1.5'"},
    {"NumberForText", "train_config { fine_tune_checkpoint: 7 }",
     "fine_tune_checkpoint is a string in quotes, found '7'"},
    {"NumberForBoolean", "train_config { use_bfloat16: 2 }", "use_bfloat16 is true or false"},
    {"Negative", "train_config { num_steps: -1 }", "num_steps is -1; it lies within 0 and"},
    {"Beyond32Bits", "model { ssd { num_classes: 4294967296 } }", "num_classes is 4294967296"},
    {"Limits", "model { ssd { matcher { argmax_matcher { matched_threshold: 5 } } } }",
     "matched_threshold is 5; it must be 0 to 1"},
    {"NoClasses", "model { ssd { num_classes: 0 } }", "num_classes is 0; it must be 1 to 100000"},
    {"NaN", "train_config { gradient_clipping_by_norm: nan }",
     "gradient_clipping_by_norm is nan, which is no finite number"},
    {"Infinite", "train_config { gradient_clipping_by_norm: 1e39 }", "no finite number"},
    {"Twice", "train_config { batch_size: 1\n batch_size: 2 }",
     "p.config:2:2: train_config: 'batch_size' is set a second time; the first is in line 1"},
    {"TwoModels", "model { ssd {} faster_rcnn {} }",
     "p.config:1:16: model: 'faster_rcnn' is set, and so is 'ssd' in line 1: only one of them"},
    {"NoColon", "train_config { batch_size 24 }", "expected ':' after 'batch_size', found '24'"},
    {"NoBrace", "model { ssd\n}", "p.config:2:1: model: expected '{' after 'ssd', found '}'"},
    {"NotClosed", "model {\n  ssd {\n}\n",
     "p.config:1:7: model: the '{' that begins here has no closing '}'"},
    {"ClosedTwice", "model { } }", "expected a field's name, found '}'"},
    {"ListForOne", "train_config { batch_size: [1, 2] }", "takes one value, not a list"},
    {"Extension", "[my.extension] { x: 1 }", "extensions of the format in [ ] are not known"},
    {"OpenString", "train_config { fine_tune_checkpoint: \"a\n\" }", "p.config:1:38"},
};

class Mistakes : public testing::TestWithParam<Case> {};

TEST_P(Mistakes, AreNamed) {
  const auto config = parse_config(GetParam().text, "p.config");
  ASSERT_FALSE(config);
  EXPECT_THAT(config.error().message(), HasSubstr(GetParam().says));
  EXPECT_THAT(config.error().message(), testing::StartsWith("p.config:"));
}

INSTANTIATE_TEST_SUITE_P(Table, Mistakes, testing::ValuesIn(kCases),
                         [](const auto& one) { return one.param.name; });

}  // namespace
}  // namespace pasu::pipeline
