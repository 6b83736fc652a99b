#include "train/data/yolo.h"

#include <gmock/gmock.h>

#include "train/data/kitti.h"

namespace pasu::data {
namespace {

using testing::HasSubstr;

TEST(Yolo, BoxesScoresAndPolygons) {
  const auto objects =
      parse_yolo(
          "0 0.5 0.5 1 1\r\n\n  1 0.25 0.5 0.1 0.2 0.87\n2 0.1 0.2 0.3 0.2 0.3 0.6\n1.0 0 0 0 0",
          "a.txt", {200, 100}, 3)
          .value();
  ASSERT_EQ(objects.size(), 4u);
  EXPECT_EQ(objects[0].category, 1);
  EXPECT_EQ(objects[0].box, (Box{0, 0, 200, 100}));
  EXPECT_EQ(objects[1].box, (Box{40, 40, 20, 20}));
  EXPECT_EQ(objects[2].box, (Box{20, 20, 40, 40}));
  EXPECT_EQ(objects[2].category, 3);
  EXPECT_EQ(objects[3].box, (Box{0, 0, 0, 0}));
}

TEST(Yolo, BrokenLinesAreNamed) {
  const std::pair<const char*, const char*> kCases[] = {
      {"0 1 2 3", "a.txt: line 1: 4 columns; expected class, x, y, width, height"},
      {"0 .5 .5 .1 .1\n0 x 0 0 0", "a.txt: line 2: 'x' is no number"},
      {"0 nan 0 0 0", "a.txt: line 1: 'nan' is not finite"},
      {"3 0 0 0 0", "a.txt: line 1: class 3 is not in 0..2"},
      {"-1 0 0 0 0", "class -1 is not in 0..2"},
      {"0.5 0 0 0 0", "class 0.5 is not in 0..2"},
      {"0 1 2 3 4 5 6 7", "8 columns"},
      {"0 1 2 3 4,5", "'4,5' is no number"},
  };
  for (const auto& [text, expected] : kCases) {
    const auto strict = parse_yolo(text, "a.txt", {10, 10}, 3);
    ASSERT_FALSE(strict) << text;
    EXPECT_THAT(strict.error().message(), HasSubstr(expected));
    std::vector<Finding> findings;
    EXPECT_TRUE(parse_yolo(text, "a.txt", {10, 10}, 3, {.findings = &findings}));
    EXPECT_EQ(findings.size(), 1u);
  }
}

TEST(Yolo, WhatIsWrittenComesBack) {
  DataSet set{.categories = {{3, "a"}, {7, "b"}}, .pictures = {}};
  Picture picture{.id = 1, .file = "x", .size = {1919, 1081}, .objects = {}};
  for (int i = 0; i < 1000; ++i)
    picture.objects.push_back({.category = i % 2 == 0 ? 3 : 7,
                               .box = {i * 1.37, i * 0.5, 17 + i * 0.001, 1081.0 - i},
                               .area = 0});
  const auto again = parse_yolo(yolo_text(picture, set), "x", picture.size, 2).value();
  ASSERT_EQ(again.size(), picture.objects.size());
  for (size_t i = 0; i < again.size(); ++i) {
    EXPECT_EQ(again[i].category, i % 2 == 0 ? 1 : 2);
    const Box &a = again[i].box, &b = picture.objects[i].box;
    EXPECT_NEAR(a.x, b.x, 1e-6);
    EXPECT_NEAR(a.y, b.y, 1e-6);
    EXPECT_NEAR(a.w, b.w, 1e-6);
    EXPECT_NEAR(a.h, b.h, 1e-6);
  }
}

TEST(YoloConfig, Dialects) {
  using Names = std::vector<std::string>;
  const std::pair<const char*, Names> kCases[] = {
      {"names: ['a b', \"c\", d] # x", {"a b", "c", "d"}},
      {"names: [a,\n  b,\n  c]\n", {"a", "b", "c"}},
      {"names:\n- a\n- 'it''s'\nnc: 2\n", {"a", "it's"}},
      {"names:\n  - a\n  - b#c\n", {"a", "b#c"}},
      {"names:\n  1: b\n  0: 'a: x'\ntrain: x\n", {"a: x", "b"}},
      {"names: {0: a, 1: \"b, c\"}", {"a", "b, c"}},
      {"names: []", {}},
      {"---\nroboflow:\n  workspace: x\n  names: y\nnames: [a]\n", {"a"}},
  };
  for (const auto& [text, names] : kCases) {
    const auto config = parse_yolo_config(text, "data.yaml");
    ASSERT_TRUE(config) << config.error().message();
    EXPECT_EQ(config->names, names) << text;
  }
  const auto config = parse_yolo_config(
                          "path: ../coco  # root\ntrain: images/train2017\nval:\n  - a\n  - "
                          "b\ntest: # none\nnc: 1\n"
                          "names: [x]\n",
                          "data.yaml")
                          .value();
  EXPECT_EQ(config.root, "../coco");
  ASSERT_EQ(config.splits.size(), 2u);
  EXPECT_EQ(config.splits[0].paths, (Names{"images/train2017"}));
  EXPECT_EQ(config.splits[1].name, "val");
  EXPECT_EQ(config.splits[1].paths, (Names{"a", "b"}));
  const auto again = parse_yolo_config(yolo_config_text(config), "again").value();
  EXPECT_EQ(again.root, config.root);
  EXPECT_EQ(again.names, config.names);
  EXPECT_EQ(again.splits[1].paths, config.splits[1].paths);
}

TEST(YoloConfig, BrokenOnesAreNamed) {
  const std::pair<const char*, const char*> kCases[] = {
      {"names: [a, b\n", "data.yaml:1: this list has no closing ']'"},
      {"names: a\n", "data.yaml:1: expected a list of names"},
      {"names:\n  0: a\n  2: b\n", "class 1 has no name, class 2 has"},
      {"names:\n  0: a\n  0: b\n", "data.yaml:3: class 0 is named twice"},
      {"names:\n  x: a\n", "data.yaml:2: expected 'number: name', found 'x: a'"},
      {"hello\n", "data.yaml:1: expected 'key: value', found 'hello'"},
  };
  for (const auto& [text, expected] : kCases) {
    const auto config = parse_yolo_config(text, "data.yaml");
    ASSERT_FALSE(config) << text;
    EXPECT_THAT(config.error().message(), HasSubstr(expected));
  }
  EXPECT_EQ(parse_class_names("a\r\n b c \n\n\n", "c").value(),
            (std::vector<std::string>{"a", "b c"}));
  EXPECT_EQ(parse_class_names("a\n\nb\n", "c").error().message(),
            "c:2: a class without name; classes are numbered by line");
}

TEST(Kitti, ReadsAndWrites) {
  const char* text =
      "Car 0.25 1 -1.57 614.24 181.78 727.31 284.77 1.57 1.73 4.15 1.00 1.75 13.22 -1.62\n"
      "DontCare -1 -1 -10 5.00 229.89 214.12 367.61 -1 -1 -1 -1000 -1000 -1000 -10 0.9\n";
  const auto objects = parse_kitti(text, "0.txt").value();
  ASSERT_EQ(objects.size(), 2u);
  EXPECT_EQ(objects[0].type, "Car");
  EXPECT_TRUE(objects[0].object.truncated);
  EXPECT_EQ(objects[0].object.occluded, 1);
  EXPECT_EQ(objects[0].object.box.x, 614.24);
  EXPECT_NEAR(objects[0].object.box.w, 113.07, 1e-9);
  EXPECT_FALSE(objects[1].object.truncated);
  EXPECT_EQ(objects[1].object.occluded, 0);

  DataSet set{.categories = {{1, "big car"}}, .pictures = {}};
  Picture picture{.id = 1, .file = "x", .size = {1242, 375}, .objects = {}};
  picture.objects.push_back(
      {.category = 1, .box = {10, 20.123456, 30.5, 40}, .area = 0, .occluded = 2});
  const std::string written = kitti_text(picture, set);
  EXPECT_EQ(written,
            "big_car 0.00 2 -10 10.00 20.123456 40.50 60.123456 -1 -1 -1 -1000 -1000 -1000 -10\n");
  EXPECT_NEAR(parse_kitti(written, "x").value()[0].object.box.h, 40, 1e-9);
  EXPECT_EQ(parse_kitti("Car 0 0 0 1 2 3", "x").error().message(),
            "x: line 1: 7 columns; expected 15 (correct the line or take it out)");
  EXPECT_THAT(parse_kitti("Car 0 0 0 1 2 inf 4 0 0 0 0 0 0 0", "x").error().message(),
              HasSubstr("column 7: 'inf' is not finite"));
}

}  // namespace
}  // namespace pasu::data
