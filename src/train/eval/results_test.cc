#include "train/eval/results.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "train/eval/made_up.h"

namespace pasu::eval {
namespace {

using testing::HasSubstr;

GroundTruth truth() {
  return {.categories = {{3, "person"}, {8, "car"}}, .pictures = {42, 73}, .truths = {}};
}

TEST(Results, AreRead) {
  const auto results = parse_results(
      R"( [{"image_id":73,"category_id":8,"bbox":[1,2.5,-3,4e1],"score":0.236,"id":[{"x":null}]},
           {"score":1,"bbox":[0,0,0,0],"category_id":3.0,"image_id":42}]
        )",
      "dt.json", truth());
  ASSERT_TRUE(results) << results.error().message();
  ASSERT_EQ(results->detections.size(), 2u);
  const Detection& first = results->detections[0];
  EXPECT_EQ(first.picture, 1u);
  EXPECT_EQ(first.category, 1u);
  EXPECT_EQ(first.box, (data::Box{1, 2.5, -3, 40}));
  EXPECT_EQ(first.score, 0.236);
  EXPECT_EQ(results->detections[1].picture, 0u);
}

TEST(Results, EmptyIsNoError) {
  const auto results = parse_results("[]", "dt.json", truth());
  ASSERT_TRUE(results);
  EXPECT_TRUE(results->detections.empty());
}

struct Case {
  const char* name;
  const char* text;
  const char* says;
};

const Case kCases[] = {
    {"Nothing", "", "byte 0"},
    {"Object", R"({"images":[]})", "is no list of results"},
    {"Truncated", R"([{"image_id":42)", "entry 0 at byte 1"},
    {"NoComma", R"([{"image_id":42,"category_id":3,"bbox":[0,0,1,1],"score":1} {}])", "entry 1"},
    {"After", "[] []", "byte 3"},
    {"NaNScore", R"([{"image_id":42,"category_id":3,"bbox":[0,0,1,1],"score":NaN}])",
     "entry 0 at byte 1: score is nan"},
    {"InfiniteBox", R"([{"image_id":42,"category_id":3,"bbox":[0,0,Infinity,1],"score":1}])",
     "bbox is inf"},
    {"Overflow", R"([{"image_id":42,"category_id":3,"bbox":[0,0,1,1],"score":1e999}])",
     "score is inf"},
    {"ThreeNumbers", R"([{"image_id":42,"category_id":3,"bbox":[0,0,1],"score":1}])",
     "bbox has 3 numbers; expected x, y, width, height"},
    {"FiveNumbers", R"([{"image_id":42,"category_id":3,"bbox":[0,0,1,1,1],"score":1}])",
     "bbox has 5 numbers"},
    {"NoScore", R"([{"image_id":42,"category_id":3,"bbox":[0,0,1,1]}])", "has no score"},
    {"Keypoints", R"([{"image_id":42,"category_id":3,"keypoints":[1,2,3],"score":1}])",
     "has no bbox"},
    {"IdText", R"([{"image_id":"42","category_id":3,"bbox":[0,0,1,1],"score":1}])", "image_id"},
    {"IdFraction", R"([{"image_id":42.5,"category_id":3,"bbox":[0,0,1,1],"score":1}])",
     "image_id: byte"},
    {"OtherPicture", R"([{"image_id":41,"category_id":3,"bbox":[0,0,1,1],"score":1}])",
     "image_id 41 is none of the annotations' 2 pictures"},
    {"OtherCategory",
     R"([{"image_id":42,"category_id":3,"bbox":[0,0,1,1],"score":1},)"
     R"({"image_id":42,"category_id":4,"bbox":[0,0,1,1],"score":1}])",
     "entry 1 at byte 60: category_id 4 is none of the annotations' 2 categories, ids 3 to 8"},
};

class Errors : public testing::TestWithParam<Case> {};

TEST_P(Errors, NameThePlace) {
  const auto results = parse_results(GetParam().text, "dt.json", truth());
  ASSERT_FALSE(results);
  EXPECT_THAT(results.error().message(), HasSubstr(GetParam().says));
  EXPECT_THAT(results.error().message(), testing::StartsWith("dt.json: "));
}

INSTANTIATE_TEST_SUITE_P(Table, Errors, testing::ValuesIn(kCases),
                         [](const auto& one) { return one.param.name; });

TEST(Results, UnknownOnesCanBeLeftOut) {
  const auto results = parse_results(
      R"([{"image_id":41,"category_id":3,"bbox":[0,0,1,1],"score":1},
          {"image_id":42,"category_id":4,"bbox":[0,0,1,1],"score":1},
          {"image_id":42,"category_id":3,"bbox":[0,0,1,1],"score":1}])",
      "dt.json", truth(), {.skip_unknown = true});
  ASSERT_TRUE(results);
  EXPECT_EQ(results->detections.size(), 1u);
  EXPECT_EQ(results->skipped_pictures, 1u);
  EXPECT_EQ(results->skipped_categories, 1u);
}

// As Python's float() reads them: the quick way for few digits, the long way for many.
TEST(Results, NumbersAreTheNearestDoubles) {
  const std::pair<const char*, double> kNumbers[] = {
      {"0.1", 0.1},
      {"-0.0", -0.0},
      {"123.456", 123.456},
      {"0.44476741171690715", 0.44476741171690715},
      {"9007199254740993", 9007199254740993.0},
      {"0.1234567890123456789012345678901234567890", 0.1234567890123456789012345678901234567890},
      {"179769313486231570000000000000000000000", 179769313486231570000000000000000000000.0},
      {"1e-7", 1e-7},
      {"2.5E+3", 2500},
      {"5e-324", 5e-324}};
  for (const auto& [text, number] : kNumbers) {
    const auto results = parse_results(
        fmt::format(R"([{{"image_id":42,"category_id":3,"bbox":[{0},1,1,{0}],"score":{0}}}])",
                    text),
        "dt.json", truth());
    ASSERT_TRUE(results) << results.error().message();
    EXPECT_EQ(results->detections[0].score, number) << text;
    EXPECT_EQ(results->detections[0].box.h, number) << text;
  }
  for (const char* text : {"01", "1.", ".5", "-", "+1", "1e", "0x1", "1.e5", "--1", "1_0"}) {
    const auto results = parse_results(
        fmt::format(R"([{{"image_id":42,"category_id":3,"bbox":[0,1,1,1],"score":{}}}])", text),
        "dt.json", truth());
    EXPECT_FALSE(results) << text;
  }
}

TEST(Results, WhatIsWrittenIsReadBack) {
  const MadeUp made = make_up({.pictures = 20, .categories = 4, .truths = 50, .detections = 500});
  const auto results = parse_results(results_json(made.detections, made.truth), "x", made.truth);
  ASSERT_TRUE(results) << results.error().message();
  ASSERT_EQ(results->detections.size(), made.detections.size());
  for (size_t i = 0; i < made.detections.size(); ++i) {
    EXPECT_EQ(results->detections[i].box, made.detections[i].box);
    EXPECT_EQ(results->detections[i].score, made.detections[i].score);
    EXPECT_EQ(results->detections[i].picture, made.detections[i].picture);
    EXPECT_EQ(results->detections[i].category, made.detections[i].category);
  }
}

}  // namespace
}  // namespace pasu::eval
