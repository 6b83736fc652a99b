#include "job/label.h"

#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>

#include "av/encoder.h"
#include "base/part_file.h"
#include "base/read_file.h"
#include "job/detail/teacher_notes.h"
#include "media/new_frame.h"
#include "train/data/coco.h"

namespace pasu::job {
namespace {

namespace fs = std::filesystem;
using geom::Detection;
using testing::HasSubstr;

TEST(FuseTeachers, TheMeanOfWhoSawAndTheScoreOfAll) {
  const std::vector<std::vector<Detection>> found = {
      {{.box = {10, 10, 20, 40}, .score = 0.8f}, {.box = {11, 10, 20, 40}, .score = 0.3f}},
      {{.box = {12, 10, 20, 40}, .score = 0.4f}, {.box = {100, 10, 20, 40}, .score = 0.6f}},
      {}};
  const std::vector<float> weights = {1, 1, 2};
  const auto fused = fuse(found, weights, 0.55f);
  ASSERT_EQ(fused.size(), 2u);
  EXPECT_FLOAT_EQ(fused[0].score, (0.8f + 0.4f) / 4);
  EXPECT_EQ(fused[0].votes, 2);
  EXPECT_NEAR(fused[0].box.x, (0.8 * 10 + 0.4 * 12) / 1.2, 1e-4);
  EXPECT_NEAR(fused[0].box.w, 20, 1e-4);
  EXPECT_FLOAT_EQ(fused[1].score, 0.15f);
  EXPECT_EQ(fused[1].votes, 1);
  EXPECT_TRUE(fuse({}, {}, 0.5f).empty());
}

std::vector<data::Object> drawn_boxes() {
  return {{.id = 7, .category = 1, .box = {10, 10, 20, 40}, .area = 800},
          {.id = 8, .category = 1, .box = {60, 10, 20, 40}, .area = 800},
          {.id = 9, .category = 1, .box = {200, 0, 80, 80}, .area = 6400, .crowd = true}};
}

TEST(LabelRules, KeepHandDrawnBoxesAndSortOutTheRest) {
  const std::vector<Fused> fused = {
      {.box = {11, 10, 20, 40}, .score = 0.9f, .votes = 3},    // The first drawn one.
      {.box = {120, 10, 20, 40}, .score = 0.7f, .votes = 2},   // Not drawn: added.
      {.box = {150, 10, 20, 40}, .score = 0.65f, .votes = 1},  // One teacher alone: ignored.
      {.box = {210, 10, 20, 40}, .score = 0.6f, .votes = 3},   // In the crowd: known.
      {.box = {62, 12, 18, 20}, .score = 0.6f, .votes = 3},    // A part of the second drawn one.
      {.box = {180, 10, 20, 40}, .score = 0.2f, .votes = 2},   // In doubt.
      {.box = {300, 10, 20, 40}, .score = 0.1f, .votes = 2}};  // Background.
  const auto out = label_objects(drawn_boxes(), fused, 1, {});
  ASSERT_EQ(out.size(), 7u);
  EXPECT_EQ(out[0].id, 7);
  EXPECT_FLOAT_EQ(static_cast<float>(out[0].score), 0.9f);
  EXPECT_EQ(out[0].box, (data::Box{10, 10, 20, 40}));
  EXPECT_EQ(out[1].score, 0.5);
  EXPECT_TRUE(out[2].crowd);
  EXPECT_EQ(out[3].box.x, 120);
  EXPECT_FALSE(out[3].crowd);
  EXPECT_FLOAT_EQ(static_cast<float>(out[3].score), 0.7f);
  EXPECT_EQ(out[4].box.x, 150);
  EXPECT_EQ(out[5].box.x, 62);
  EXPECT_EQ(out[6].box.x, 180);
  for (size_t i = 4; i < 7; ++i) EXPECT_TRUE(out[i].crowd) << i;
  const auto certain = label_objects(drawn_boxes(), {}, 1, {.trust = 1});
  EXPECT_EQ(certain[0].score, 1);
}

TEST(Calibration, FindsWhatScoresMean) {
  const Calibration is{.mid = 0.2f, .slope = 1.5f};
  EXPECT_FLOAT_EQ(is.of(0.2f), 0.5f);
  EXPECT_LT(is.of(0.05f), 0.2f);
  EXPECT_FLOAT_EQ(Calibration().of(0.3f), 0.3f);
  std::vector<Judged> judged;
  for (int i = 1; i < 100; ++i) {
    const float score = static_cast<float>(i) / 100;
    const int right = static_cast<int>(std::lround(100 * is.of(score)));
    for (int n = 0; n < 100; ++n) judged.push_back({score, n < right});
  }
  const auto measured = calibrate(judged);
  ASSERT_TRUE(measured);
  EXPECT_NEAR(measured->mid, 0.2, 0.005);
  EXPECT_NEAR(measured->slope, 1.5, 0.03);
  judged.resize(60);
  EXPECT_FALSE(calibrate(judged));
}

TEST(Calibration, JudgesABoxOnce) {
  std::vector<Judged> judged;
  judge({{.box = {10, 10, 20, 40}, .score = 0.5f},
         {.box = {11, 10, 20, 40}, .score = 0.9f},
         {.box = {210, 10, 20, 40}, .score = 0.8f},  // In the crowd.
         {.box = {400, 10, 20, 40}, .score = 0.3f}},
        drawn_boxes(), 0.5f, judged);
  ASSERT_EQ(judged.size(), 3u);
  EXPECT_EQ(judged[0].score, 0.9f);
  EXPECT_TRUE(judged[0].right);
  EXPECT_FALSE(judged[1].right);
  EXPECT_FALSE(judged[2].right);
}

TEST(TeacherNotes, WhatIsWrittenComesBack) {
  const std::vector<std::string> teachers = {"a.xml", "b \"2\".onnx"};
  const detail::TeacherNote note{.size = {352, 240},
                                 .found = {{{.box = {1.5f, 2, 3, 4.25f}, .score = 0.5f}}, {}}};
  const std::string text = detail::teacher_notes_head(teachers, 0.05f) +
                           detail::teacher_note_line("x/1.jpg", note) +
                           detail::teacher_note_line("2.jpg", note) + "{\"picture\":\"3.jp";
  const auto notes = detail::parse_teacher_notes(text, "t.jsonl", teachers, 0.05f).value();
  ASSERT_EQ(notes.size(), 2u);
  EXPECT_EQ(notes.at("x/1.jpg").size, (geom::Size{352, 240}));
  EXPECT_EQ(notes.at("x/1.jpg").found, note.found);

  EXPECT_THAT(detail::parse_teacher_notes(text, "t.jsonl", {"a.xml"}, 0.05f).error().message(),
              HasSubstr("t.jsonl: line 1: notes of another run"));
  EXPECT_THAT(
      detail::parse_teacher_notes(text + "\n", "t.jsonl", teachers, 0.05f).error().message(),
      HasSubstr("t.jsonl: line 4: "));
  for (const char* broken : {"{\"picture\":\"1\",\"size\":[1,2],\"found\":[[]]}\n", "[]\n", "\n",
                             "{\"picture\":\"1\",\"size\":[1],\"found\":[[],[]]}\n",
                             "{\"picture\":\"1\",\"size\":[1,2],\"found\":[[[1,2,3,4]],[]]}\n",
                             "{\"picture\":\"1\",\"size\":[1,2],\"found\":[[[1,2,3,4,NaN]],[]]}\n"})
    EXPECT_FALSE(detail::parse_teacher_notes(detail::teacher_notes_head(teachers, 0.05f) + broken,
                                             "t.jsonl", teachers, 0.05f))
        << broken;
}

class Label : public testing::Test {
 protected:
  void SetUp() override {
    root_ = fs::path(testing::TempDir()) / "pasu_label";
    fs::remove_all(root_);
    fs::create_directories(root_ / "in");
    const media::NewFrame grey = media::new_frame(media::PixelFormat::rgb24, 160, 200);
    std::fill_n(grey.planes[0], grey.frame.planes[0].stride * 200, uint8_t{120});
    for (const char* name : {"a.jpg", "b.jpg"})
      ASSERT_TRUE(write_file((root_ / "in" / name).string(), av::encode_jpeg(grey.frame).value()));
    std::ofstream(root_ / "in" / "c.jpg") << "no picture";
    options_.input = (root_ / "in").string();
    options_.output = (root_ / "out").string();
    options_.teachers = {{.model = "hog"}};
    options_.threads = 2;
  }
  fs::path root_;
  LabelOptions options_;
};

TEST_F(Label, AFolderOfPicturesBecomesADataSet) {
  const LabelReport report = label(options_).value();
  EXPECT_EQ(report.pictures, 3u);
  ASSERT_EQ(report.failures.size(), 1u);
  EXPECT_THAT(report.failures[0], HasSubstr("c.jpg"));
  const auto set = data::read_coco(root_ / "out" / "instances.json").value();
  ASSERT_EQ(set.pictures.size(), 2u);
  EXPECT_EQ(set.pictures[0].size, (geom::Size{160, 200}));
  EXPECT_TRUE(fs::exists(root_ / "out" / "images" / "a.jpg"));

  const LabelReport again = label(options_).value();
  EXPECT_EQ(again.noted_before, 2u);
}

TEST_F(Label, GoesOnAfterACutLine) {
  ASSERT_TRUE(label(options_));
  const fs::path notes = root_ / "out" / "teachers.jsonl";
  const std::string text = read_file(notes, 1 << 20).value();
  fs::resize_file(notes, text.size() - 5);
  EXPECT_EQ(label(options_).value().noted_before, 1u);
  EXPECT_EQ(read_file(notes, 1 << 20).value().size(), text.size());
}

TEST_F(Label, WhatCannotBeLabelledIsSaidSo) {
  LabelOptions options = options_;
  options.teachers.clear();
  EXPECT_EQ(label(options).error().code(), Errc::invalid_argument);
  options = options_;
  options.teachers[0].model = "none.xml";
  EXPECT_THAT(label(options).error().message(), HasSubstr("none.xml"));
  options = options_;
  options.input = (root_ / "nowhere").string();
  EXPECT_FALSE(label(options));
  ASSERT_TRUE(label(options_));
  options = options_;
  options.score_min = 0.2f;
  EXPECT_THAT(label(options).error().message(), HasSubstr("notes of another run"));
  const std::atomic<bool> stop = true;
  options = options_;
  options.output = (root_ / "stopped").string();
  options.stop = &stop;
  EXPECT_EQ(label(options).error().code(), Errc::cancelled);
  EXPECT_FALSE(fs::exists(root_ / "stopped" / "instances.json"));
}

}  // namespace
}  // namespace pasu::job
