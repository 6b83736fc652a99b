#include "job/inputs.h"

#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>

namespace pasu::job {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;

class Plan : public testing::Test {
 protected:
  void SetUp() override {
    fs::remove_all(root_);
    fs::create_directories(root_ / "in");
    for (const char* name : {"b.mp4", "a.jpg", "a.PNG", "notes.txt", "c.264"})
      std::ofstream(root_ / "in" / name) << "x";
  }
  void TearDown() override { fs::remove_all(root_); }

  std::string at(const std::string& path) const { return (root_ / path).string(); }
  Result<std::vector<Task>> make(std::vector<std::string> inputs, const std::string& output = "",
                                 const std::string& json = "") const {
    return plan({.inputs = std::move(inputs), .output = output, .json = json});
  }
  static std::vector<std::string> outputs(const std::vector<Task>& tasks) {
    std::vector<std::string> out;
    for (const Task& task : tasks) out.push_back(fs::path(task.output).filename());
    return out;
  }

  const fs::path root_ = fs::path(testing::TempDir()) / ("pasu_plan_" + std::to_string(getpid()));
};

TEST_F(Plan, AFolderStandsForItsVideosAndPictures) {
  const auto tasks = make({at("in")});
  ASSERT_TRUE(tasks);
  ASSERT_EQ(tasks->size(), 4u);
  EXPECT_EQ((*tasks)[0].input, at("in/a.PNG"));
  EXPECT_EQ((*tasks)[0].kind, Task::Kind::picture);
  EXPECT_EQ((*tasks)[3].kind, Task::Kind::video);
  EXPECT_EQ((*tasks)[3].output, "");
}

TEST_F(Plan, OutputsOfOneNameDoNotMeet) {
  const auto tasks = make({at("in"), at("in/b.mp4")}, at("out/deep"));
  ASSERT_TRUE(tasks) << tasks.error().message();
  EXPECT_THAT(outputs(*tasks), ElementsAre("a.jpg", "a-2.jpg", "b.mp4", "c.mp4", "b-2.mp4"));
  EXPECT_TRUE(fs::is_directory(at("out/deep")));
}

TEST_F(Plan, OneInputOneFile) {
  const auto tasks = make({at("in/b.mp4")}, at("boxed.mkv"));
  ASSERT_TRUE(tasks);
  EXPECT_EQ(tasks->front().output, at("boxed.mkv"));
}

TEST_F(Plan, AUrlsNameKeepsNoPassword) {
  const auto tasks = make({"rtsp://admin:secret@10.0.0.5:554/h264/ch1?x=1"}, at("out"));
  ASSERT_TRUE(tasks);
  EXPECT_THAT(outputs(*tasks), ElementsAre("10.0.0.5_554_h264_ch1.mp4"));
}

TEST_F(Plan, RefusesWithASentence) {
  const struct {
    const char* name;
    std::vector<std::string> inputs;
    std::string output, json, sentence;
  } cases[] = {
      {"output is the input", {at("in/b.mp4")}, at("in/b.mp4"), "", "is an input"},
      {"by another path", {at("in/b.mp4")}, at("in/../in/b.mp4"), "", "is an input"},
      {"another input", {at("in/b.mp4"), at("in/a.jpg")}, at("in"), "", "is an input"},
      {"json is the input", {at("in/b.mp4")}, "", at("in/b.mp4"), "is an input"},
      {"json is the output", {at("in/b.mp4")}, at("x.mp4"), at("x.mp4"), "both -o and --json"},
      {"one file for two", {at("in/b.mp4"), at("in/c.264")}, at("x.mp4"), "", "name a folder"},
      {"one file for a folder", {at("in")}, at("x.mp4"), "", "name a folder"},
      {"a PNG", {at("in/a.jpg")}, at("x.png"), "", "x.jpg"},
      {"a folder of nothing", {at("empty")}, "", "", "no video and no picture"},
      {"a folder that is a file", {at("in/b.mp4")}, at("in/notes.txt/"), "", "cannot be made"},
  };
  fs::create_directories(at("empty"));
  for (const auto& c : cases) {
    const auto tasks = make(c.inputs, c.output, c.json);
    ASSERT_FALSE(tasks) << c.name;
    EXPECT_THAT(tasks.error().message(), HasSubstr(c.sentence)) << c.name;
  }
}

}  // namespace
}  // namespace pasu::job
