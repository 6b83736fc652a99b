// What pasu train --check says of a pasu_person configuration.
#include <filesystem>
#include <fstream>
#include <unistd.h>

#include <gmock/gmock.h>

#include "train/pipeline/check.h"

namespace pasu::pipeline {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

constexpr const char* kGood = R"(model { pasu_person {
  num_classes: 1
  input_size { width: 320 height: 192 batch_size: 8 }
} }
train_config {
  num_steps: 50
  optimizer { adamw_optimizer { learning_rate { constant_learning_rate { learning_rate: 0.001 } } } }
}
train_input_reader { pasu_input_reader { set { path: "street" } hold_out: "street/b*" } }
eval_input_reader { pasu_input_reader { set { path: "street" } only: "street/b*" } }
)";

class CheckPerson : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::temp_directory_path() / fmt::format("pasu_check_person_{}", ::getpid());
    fs::create_directories(folder_ / "street/images");
    std::ofstream(folder_ / "street/instances.json") << R"({"images":[
      {"id":1,"file_name":"a.jpg","width":320,"height":240},
      {"id":2,"file_name":"b.jpg","width":320,"height":240}],
      "annotations":[{"id":1,"image_id":1,"category_id":1,"bbox":[1,2,30,40],"area":1200,"iscrowd":0}],
      "categories":[{"id":1,"name":"person"}]})";
    for (const char* name : {"a.jpg", "b.jpg"})
      std::ofstream(folder_ / "street/images" / name) << "x";
  }
  void TearDown() override { fs::remove_all(folder_); }

  std::string remarks(const std::string& from = "", const std::string& to = "") {
    std::string text = kGood;
    if (const size_t at = text.find(from); !from.empty()) text.replace(at, from.size(), to);
    const auto config = parse_config(text, (folder_ / "p.config").string());
    EXPECT_TRUE(config) << config.error().message();
    if (!config) return "";
    report_ = check(*config, {}, stop_);
    std::string out;
    for (const Remark& remark : report_.remarks) out += remark.text("p.config") + "\n";
    return out;
  }

  fs::path folder_;
  Report report_;
  std::atomic<bool> stop_ = false;
};

TEST_F(CheckPerson, AGoodOne) {
  EXPECT_EQ(remarks(), "");
  EXPECT_THAT(report_.classes, testing::ElementsAre("person"));
  ASSERT_EQ(report_.inputs.size(), 2U);
  EXPECT_EQ(report_.inputs[0].records, 2U);
  EXPECT_EQ(report_.inputs[0].boxes, 1U);
}

TEST_F(CheckPerson, Sizes) {
  EXPECT_THAT(remarks("height: 192", "height: 180"),
              HasSubstr("p.config:3:3: error: model.pasu_person.input_size.height: is 180; it is a "
                        "multiple of 32, the coarsest stride"));
  EXPECT_THAT(remarks("input_size { width: 320 height: 192 batch_size: 8 }", ""),
              HasSubstr("error: model.pasu_person.input_size: is not set"));
  EXPECT_THAT(remarks("batch_size: 8", "batch_size: 8 weight: 0"), HasSubstr("no weight above 0"));
  EXPECT_THAT(remarks(" batch_size: 8", ""), HasSubstr("nor is train_config.batch_size"));
}

TEST_F(CheckPerson, Widths) {
  EXPECT_THAT(remarks("num_classes: 1", "num_classes: 1 widths: [8, 8]"),
              HasSubstr("error: model.pasu_person.widths: has 2 values; it has 3, or none"));
}

TEST_F(CheckPerson, Sets) {
  EXPECT_THAT(remarks("path: \"street\" } hold", "path: \"nothing\" } hold"),
              HasSubstr("error: train_input_reader.pasu_input_reader.set.path"));
  EXPECT_THAT(remarks("set { path: \"street\" } hold_out: \"street/b*\"", ""),
              HasSubstr("is not set: what to read"));
  EXPECT_THAT(remarks("hold_out: \"street/b*\"", "hold_out: \"street/c*\""),
              HasSubstr("warning: eval_input_reader.pasu_input_reader.only: 'street/b*' is no "
                        "hold_out of train_input_reader"));
}

TEST_F(CheckPerson, NoBoxes) {
  std::ofstream(folder_ / "street/instances.json")
      << R"({"images":[{"id":1,"file_name":"a.jpg","width":320,"height":240}],
        "annotations":[],"categories":[{"id":1,"name":"person"}]})";
  EXPECT_THAT(remarks(), HasSubstr("none of the 1 pictures has a box"));
}

}  // namespace
}  // namespace pasu::pipeline
