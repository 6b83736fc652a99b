// What a check says of typical mistakes, to the letter.
#include "train/pipeline/check.h"

#include <filesystem>
#include <fstream>
#include <unistd.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "train/data/example.h"
#include "train/data/tfrecord.h"

namespace pasu::pipeline {
namespace {

namespace fs = std::filesystem;

constexpr const char* kGood = R"(model {
  ssd {
    num_classes: 2
    image_resizer { fixed_shape_resizer { height: 300 width: 300 } }
    feature_extractor { type: 'ssd_mobilenet_v1' depth_multiplier: 1.0 }
    matcher { argmax_matcher { matched_threshold: 0.5 unmatched_threshold: 0.5 } }
    anchor_generator { ssd_anchor_generator { num_layers: 6 min_scale: 0.2 max_scale: 0.95 } }
  }
}
train_config {
  batch_size: 24
  num_steps: 200
  fine_tune_checkpoint: "model.ckpt"
  optimizer { rms_prop_optimizer { learning_rate { exponential_decay_learning_rate {
    initial_learning_rate: 0.004 } } } }
}
train_input_reader {
  label_map_path: "labels.pbtxt"
  tf_record_input_reader { input_path: "train.record" }
}
eval_input_reader {
  label_map_path: "labels.pbtxt"
  tf_record_input_reader { input_path: "eval.record" }
}
)";

std::string example(int64_t label, float xmax) {
  data::ExampleWriter writer;
  writer.add("image/encoded", "not looked at");
  writer.add("image/width", int64_t{640});
  writer.add("image/height", int64_t{480});
  if (label > 0) {
    writer.add("image/object/bbox/xmin", std::vector<float>{0.1f});
    writer.add("image/object/bbox/ymin", std::vector<float>{0.1f});
    writer.add("image/object/bbox/xmax", std::vector<float>{xmax});
    writer.add("image/object/bbox/ymax", std::vector<float>{0.5f});
    writer.add("image/object/class/label", label);
  }
  return writer.take();
}

class Check : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::temp_directory_path() / fmt::format("pasu_check_{}", ::getpid());
    fs::create_directories(folder_);
    write("labels.pbtxt", "item { id: 1 name: 'person' } item { id: 2 name: 'car' }");
    record("train.record", {example(1, 0.4f), example(2, 0.4f), example(0, 0)});
    record("eval.record", {example(1, 0.4f)});
    write("model.ckpt.index", std::string("index\x57\xfb\x80\x8b\x24\x75\x47\xdb"));
    write("model.ckpt.data-00000-of-00001", "weights");
  }
  void TearDown() override { fs::remove_all(folder_); }

  void write(const std::string& name, const std::string& text) const {
    std::ofstream(folder_ / name, std::ios::binary) << text;
  }
  void record(const std::string& name, const std::vector<std::string>& examples) const {
    auto writer = data::RecordWriter::create(folder_ / name);
    for (const std::string& one : examples) ASSERT_TRUE(writer->write(as_bytes(one)));
    ASSERT_TRUE(writer->commit());
  }

  /// The remarks on the good configuration with `from` replaced by `to`; the folder is left out.
  std::string remarks(const std::string& from = "", const std::string& to = "",
                      const CheckOptions& options = {}) {
    std::string text = kGood;
    if (!from.empty()) {
      const size_t at = text.find(from);
      EXPECT_NE(at, text.npos) << from;
      text.replace(at, from.size(), to);
    }
    const auto config = parse_config(text, (folder_ / "p.config").string());
    if (!config) return shown(config.error().message());
    report_ = check(*config, options, stop_);
    std::string out;
    for (const Remark& remark : report_.remarks) out += remark.text(config->path) + "\n";
    if (!out.empty()) out.pop_back();
    return shown(out);
  }

  std::string shown(std::string text) const {
    const std::string prefix = folder_.string() + "/";
    for (size_t at = 0; (at = text.find(prefix, at)) != text.npos;) text.erase(at, prefix.size());
    return text;
  }

  fs::path folder_;
  Report report_;
  std::atomic<bool> stop_ = false;
};

TEST_F(Check, AGoodOne) {
  EXPECT_EQ(remarks(),
            "p.config:12:3: note: train_config.num_steps: 200 steps of 24 pictures go "
            "1600 times through the 3 records");
  EXPECT_THAT(report_.classes, testing::ElementsAre("person", "car"));
  ASSERT_EQ(report_.inputs.size(), 2u);
  EXPECT_EQ(report_.inputs[0].records, 3u);
  EXPECT_EQ(report_.inputs[0].boxes, 2u);
  EXPECT_EQ(report_.inputs[0].without_boxes, 1u);
  EXPECT_EQ(report_.inputs[0].boxes_by_class.at(2), 1u);
  ASSERT_TRUE(report_.memory_bytes);
  EXPECT_GT(*report_.memory_bytes, 1u << 30);
}

TEST_F(Check, WithoutReadingRecords) {
  EXPECT_EQ(remarks("", "", {.read_records = false}), "");
  EXPECT_EQ(report_.inputs[0].records, 0u);
}

// 1: a slip of the fingers.
TEST_F(Check, MisspeltField) {
  EXPECT_EQ(remarks("batch_size", "bach_size"),
            "p.config:11:3: train_config: TrainConfig has no field 'bach_size'; did you mean "
            "'batch_size'?");
}

// 2: another detector's label map.
TEST_F(Check, MoreClassesInTheLabelMap) {
  EXPECT_THAT(remarks("num_classes: 2", "num_classes: 1"),
              testing::StartsWith(
                  "p.config:3:5: error: model.ssd.num_classes: is 1, and labels.pbtxt numbers "
                  "classes up to 2 (person, car): set it to 2, or training ends in NaN\n"));
}

// 3: the sample's class count left as it was.
TEST_F(Check, FewerClassesInTheLabelMap) {
  EXPECT_THAT(remarks("num_classes: 2", "num_classes: 90"),
              testing::HasSubstr(
                  "p.config:3:5: warning: model.ssd.num_classes: is 90, and labels.pbtxt numbers "
                  "classes up to 2 (person, car): the network would learn 88 classes that nothing "
                  "belongs to; set it to 2"));
}

// 4: the sample's path left as it was.
TEST_F(Check, Placeholder) {
  EXPECT_THAT(remarks("\"train.record\"", "\"PATH_TO_BE_CONFIGURED/train.record\""),
              testing::StartsWith(
                  "p.config:19:28: error: train_input_reader.tf_record_input_reader.input_path: "
                  "'PATH_TO_BE_CONFIGURED/train.record' is still the sample's placeholder; put "
                  "your own path there"));
}

// 5: a record that was made from nothing.
TEST_F(Check, EmptyRecord) {
  write("train.record", "");
  EXPECT_EQ(remarks(),
            "p.config:19:3: error: train_input_reader.tf_record_input_reader: train.record holds "
            "no records: training would wait for ever");
}

// 6: a smaller batch at the sample's rate.
TEST_F(Check, LearningRateAgainstBatch) {
  EXPECT_THAT(remarks("batch_size: 24", "batch_size: 2"),
              testing::StartsWith(
                  "p.config:15:5: warning: "
                  "train_config.optimizer.rms_prop_optimizer.learning_rate."
                  "exponential_decay_learning_rate.initial_learning_rate: is 0.004 at batch_size "
                  "2: 12.0 times the highest of the sample configurations for that batch, and "
                  "likely to end in NaN; try 0.00033"));
}

// 7: a checkpoint that is not there, one of its files, one without its weights.
TEST_F(Check, Checkpoint) {
  EXPECT_THAT(
      remarks("\"model.ckpt\"", "\"modl.ckpt\""),
      testing::StartsWith("p.config:13:3: error: train_config.fine_tune_checkpoint: there is no "
                          "modl.ckpt.index, and no file or folder of that name; without "
                          "fine_tune_checkpoint training begins with random weights"));
  EXPECT_THAT(remarks("\"model.ckpt\"", "\"gs://${BUCKET}/model.ckpt\""),
              testing::StartsWith("p.config:13:3: error: train_config.fine_tune_checkpoint: "
                                  "'gs://${BUCKET}/model.ckpt' is still the sample's placeholder; "
                                  "put your own path there, or leave the field out to begin with "
                                  "random weights"));
  EXPECT_EQ(remarks("\"model.ckpt\"", "\"gs://${BUCKET}/model.ckpt\"",
                    {.read_records = false, .checkpoint = false}),
            "");
  EXPECT_EQ(remarks("\"model.ckpt\"", "\"model.ckpt.index\"", {.read_records = false}), "");
  write("checkpoint", "model_checkpoint_path: 'model.ckpt'");
  EXPECT_EQ(
      remarks("\"model.ckpt\"", fmt::format("\"{}\"", folder_.string()), {.read_records = false}),
      "");
  EXPECT_THAT(remarks("\"model.ckpt\"", "\"labels.pbtxt\""),
              testing::StartsWith("p.config:13:3: error: train_config.fine_tune_checkpoint: "
                                  "'labels.pbtxt' is no checkpoint: pasu's begin with PASUCKP1"));
  write("own.ckpt", "PASUCKP1 and so on");
  EXPECT_EQ(remarks("\"model.ckpt\"", "\"own.ckpt\"", {.read_records = false}), "");
  fs::rename(folder_ / "model.ckpt.data-00000-of-00001",
             folder_ / "model.ckpt.data-00000-of-00003");
  EXPECT_THAT(remarks(),
              testing::StartsWith("p.config:13:3: error: train_config.fine_tune_checkpoint: 1 of "
                                  "its 3 data files are there: copy all model.ckpt.data-*"));
  write("model.ckpt.index", "cut off");
  EXPECT_THAT(
      remarks(),
      testing::StartsWith("p.config:13:3: error: train_config.fine_tune_checkpoint: "
                          "model.ckpt.index is no checkpoint index, or is cut off: copy it again"));
}

// 8: pictures of different sizes in one batch.
TEST_F(Check, BatchOfDifferentSizes) {
  EXPECT_THAT(
      remarks("fixed_shape_resizer { height: 300 width: 300 }",
              "keep_aspect_ratio_resizer { min_dimension: 600 max_dimension: 1024 }"),
      testing::HasSubstr(
          "p.config:11:3: error: train_config.batch_size: is 24, and keep_aspect_ratio_resizer "
          "gives pictures of different sizes, which make no batch; set batch_size: 1 or "
          "pad_to_max_dimension: true"));
}

// 9: labels that start from 0 or were numbered by another map.
TEST_F(Check, ClassOutsideTheMap) {
  write("labels.pbtxt", "item { id: 1 name: 'person' } item { id: 2 name: 'car' }");
  record("train.record", {example(1, 0.4f), example(3, 0.4f)});
  EXPECT_THAT(remarks(),
              testing::StartsWith("p.config:19:3: error: "
                                  "train_input_reader.tf_record_input_reader: train.record: record "
                                  "1 at byte 281: box 1: class/label 3 is not in the label map"));
}

// 10: the extractor of another library, and one misspelt.
TEST_F(Check, FeatureExtractor) {
  EXPECT_THAT(remarks("'ssd_mobilenet_v1'", "'ssd_mobilnet_v1'"),
              testing::StartsWith(
                  "p.config:5:25: error: model.ssd.feature_extractor.type: 'ssd_mobilnet_v1' is "
                  "none that pasu trains; did you mean 'ssd_mobilenet_v1'?"));
  EXPECT_THAT(
      remarks("'ssd_mobilenet_v1'", "'ssd_efficientnet-b0_bifpn_keras'"),
      testing::StartsWith("p.config:5:25: error: model.ssd.feature_extractor.type: "
                          "'ssd_efficientnet-b0_bifpn_keras' is none that pasu trains; it trains "
                          "ssd_mobilenet_v1, ssd_mobilenet_v1_keras, ssd_mobilenet_v2, "
                          "ssd_mobilenet_v2_keras"));
}

// 11: what the format has and training does not heed.
TEST_F(Check, NotHonoured) {
  EXPECT_THAT(remarks("num_classes: 2", "num_classes: 2 implicit_example_weight: 2"),
              testing::StartsWith("p.config:3:20: warning: model.ssd.implicit_example_weight: is "
                                  "not honoured yet: training goes on as if it were not there"));
  EXPECT_THAT(remarks("batch_size: 24",
                      "batch_size: 24 data_augmentation_options { random_vertical_flip { } }"),
              testing::StartsWith(
                  "p.config:11:46: error: "
                  "train_config.data_augmentation_options.random_vertical_flip: is not honoured "
                  "yet, and training does not begin with it; it knows random_horizontal_flip, "));
  EXPECT_THAT(remarks("train_input_reader", "eval_config { num_examples: 40 } train_input_reader"),
              testing::HasSubstr("note: eval_config.num_examples: changes nothing here: every "
                                 "picture of the set is measured"));
  EXPECT_THAT(remarks("ssd_anchor_generator { num_layers: 6 min_scale: 0.2 max_scale: 0.95 }",
                      "multiscale_anchor_generator { }"),
              testing::StartsWith("p.config:7:24: error: "
                                  "model.ssd.anchor_generator.multiscale_anchor_generator: is not "
                                  "honoured yet, and something must be in its place: "
                                  "ssd_anchor_generator"));
  EXPECT_THAT(remarks("batch_size: 24", "batch_size: 24 startup_delay_steps: 0"),
              testing::HasSubstr("p.config:11:18: note: train_config.startup_delay_steps: is about "
                                 "how TensorFlow runs; it changes nothing here"));
}

// 12: boxes outside, trained on what is measured, damage.
TEST_F(Check, Records) {
  record("train.record", {example(1, 1.4f)});
  EXPECT_THAT(remarks(),
              testing::StartsWith(
                  "p.config:19:3: warning: train_input_reader.tf_record_input_reader: 1 boxes are "
                  "empty, inverted or outside their picture, the first: train.record: record 0, "
                  "box x 64 y 48 w 832 h 192 in 640x480; `pasu data check` lists them"));
  EXPECT_THAT(remarks("\"eval.record\"", "\"train.record\""),
              testing::HasSubstr("warning: eval_input_reader: train.record is trained on as well"));
  std::ofstream(folder_ / "train.record", std::ios::app) << "x";
  EXPECT_THAT(remarks(), testing::StartsWith("p.config:19:3: error: "
                                             "train_input_reader.tf_record_input_reader: "
                                             "train.record: "));
}

TEST_F(Check, Memory) {
  EXPECT_THAT(remarks("", "", {.memory_available = 500'000'000}),
              testing::HasSubstr("warning: train_config.batch_size: is 24: training takes about "
                                 "2.2 GB, and 0.5 GB are free; a batch of "));
}

TEST_F(Check, NothingInIt) {
  const auto config = parse_config("", "p.config");
  ASSERT_TRUE(config);
  const Report report = check(*config, {}, stop_);
  EXPECT_EQ(report.count(Level::error), 3u);  // model, train_config, train_input_reader.
  EXPECT_EQ(report.count(Level::warning), 1u);
}

}  // namespace
}  // namespace pasu::pipeline
