#include "train/data/coco.h"

#include <fstream>

#include <gmock/gmock.h>

#include "base/read_file.h"

namespace pasu::data {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

constexpr const char* kSmall = R"({"annotations":[
{"id":12,"image_id":2,"category_id":3,"bbox":[1.5,2,3,4],"iscrowd":1,"segmentation":[[1,2,3]]},
{"id":11,"image_id":1,"category_id":1,"bbox":[0,0,64,48],"area":99.5,"difficult":1},
{"id":10,"image_id":2,"category_id":1,"bbox":[-1,0,-2,0]}],
"images":[{"id":2,"file_name":"b.jpg","width":64,"height":48},{"id":1,"width":640,"height":480}],
"info":{"year":2017},
"categories":[{"id":3,"name":"car","supercategory":"x"},{"id":1,"name":"person"}]})";

TEST(Coco, ReadsInWhateverOrder) {
  const DataSet set = parse_coco(kSmall, "gt.json").value();
  EXPECT_EQ(set.categories, (std::vector<Category>{{1, "person"}, {3, "car"}}));
  ASSERT_EQ(set.pictures.size(), 2u);
  EXPECT_EQ(set.pictures[0].id, 2);
  EXPECT_EQ(set.pictures[0].file, "b.jpg");
  EXPECT_EQ(set.pictures[0].size, (geom::Size{64, 48}));
  ASSERT_EQ(set.pictures[0].objects.size(), 2u);
  const Object& crowd = set.pictures[0].objects[0];
  EXPECT_EQ(crowd.id, 12);
  EXPECT_TRUE(crowd.crowd);
  EXPECT_EQ(crowd.area, 12);
  EXPECT_EQ(set.pictures[0].objects[1].box, (Box{-1, 0, -2, 0}));
  EXPECT_EQ(set.pictures[1].objects[0].area, 99.5);
  EXPECT_TRUE(set.pictures[1].objects[0].difficult);
}

TEST(Coco, WhatIsWrittenComesBack) {
  const fs::path path = fs::path(testing::TempDir()) / "coco_round_trip.json";
  DataSet set = parse_coco(kSmall, "gt.json").value();
  set.pictures[0].file = "caf\xC3\xA9 \"1\"\n.jpg";
  set.pictures[0].objects[0].box.x = 0.1 + 0.2;
  set.pictures[0].objects[1].occluded = 2;
  set.pictures[0].objects[1].score = 0.625;
  set.pictures[1].source = "gate/2026-04-30 \"a\".jpg";
  ASSERT_TRUE(write_coco(set, path));
  const DataSet again = read_coco(path).value();
  EXPECT_EQ(again.pictures, set.pictures);
  EXPECT_EQ(again.categories, set.categories);
  fs::remove(path);
}

TEST(Coco, NewIdsComeAfterTheHighest) {
  const fs::path path = fs::path(testing::TempDir()) / "coco_ids.json";
  DataSet set{.categories = {{1, "person"}}, .pictures = {}};
  for (const int64_t id : {0, 5, 0}) {
    Picture picture{.id = id, .file = "x", .size = {}, .objects = {}};
    picture.objects.push_back({.id = 0, .category = 1, .box = {0, 0, 1, 1}, .area = 1});
    picture.objects.push_back({.id = 9, .category = 1, .box = {0, 0, 1, 1}, .area = 1});
    set.pictures.push_back(picture);
  }
  ASSERT_TRUE(write_coco(set, path));
  const DataSet again = read_coco(path).value();
  fs::remove(path);
  EXPECT_EQ(again.pictures[0].id, 6);
  EXPECT_EQ(again.pictures[1].id, 5);
  EXPECT_EQ(again.pictures[2].id, 7);
  EXPECT_EQ(again.pictures[0].objects[0].id, 10);
  EXPECT_EQ(again.pictures[0].objects[1].id, 9);
  EXPECT_EQ(again.pictures[1].objects[1].id, 12);
}

TEST(Coco, ABoxThatJsonCannotHoldLeavesNoFile) {
  const fs::path path = fs::path(testing::TempDir()) / "coco_nan.json";
  DataSet set{.categories = {{1, "person"}}, .pictures = {}};
  set.pictures.push_back({.id = 1, .file = "x", .size = {}, .objects = {}});
  set.pictures[0].objects.push_back({.category = 1, .box = {0, 0, HUGE_VAL, 1}});
  EXPECT_EQ(write_coco(set, path).error().code(), Errc::invalid_argument);
  EXPECT_FALSE(fs::exists(path));
  EXPECT_FALSE(fs::exists(path.string() + ".part"));
}

struct Bad {
  const char* name;
  const char* text;
  Flaw flaw;
  const char* message;
};

constexpr const char* kHead = R"({"images":[{"id":1,"file_name":"a.jpg"}],)"
                              R"("categories":[{"id":1,"name":"person"}],"annotations":[)";

// The annotation, what it is found to be, and the end of what is said.
const Bad kBadAnnotations[] = {
    {"Nan", R"({"id":7,"image_id":1,"category_id":1,"bbox":[NaN,0,1,1]})", Flaw::box_not_finite,
     "annotations[0]: annotation 7: bbox nan, 0, 1, 1 is not finite (take the annotation out or "
     "draw its box again)"},
    {"Infinite", R"({"id":7,"image_id":1,"category_id":1,"bbox":[0,0,1e999,1]})",
     Flaw::box_not_finite, "annotation 7: bbox 0, 0, inf, 1 is not finite"},
    {"ThreeNumbers", R"({"id":7,"image_id":1,"category_id":1,"bbox":[0,0,1]})",
     Flaw::annotation_unreadable, "bbox has 3 numbers; expected x, y, w, h"},
    {"FiveNumbers", R"({"id":7,"image_id":1,"category_id":1,"bbox":[0,0,1,1,1]})",
     Flaw::annotation_unreadable, "bbox has more than 4 numbers"},
    {"NoBox", R"({"id":7,"image_id":1,"category_id":1})", Flaw::annotation_unreadable,
     "annotation 7 has no bbox"},
    {"NoPicture", R"({"id":7,"category_id":1,"bbox":[0,0,1,1]})", Flaw::annotation_unreadable,
     "annotation 7 has no image_id"},
    {"UnknownPicture", R"({"id":7,"image_id":2,"category_id":1,"bbox":[0,0,1,1]})",
     Flaw::picture_unknown, "annotation 7 is of image 2, which is not in images"},
    {"UnknownCategory", R"({"id":7,"image_id":1,"category_id":2,"bbox":[0,0,1,1]})",
     Flaw::category_unknown, "annotation 7 has category_id 2, which is not in categories"},
    {"HugeId", R"({"id":99999999999999999999,"image_id":1,"category_id":1,"bbox":[0,0,1,1]})",
     Flaw::annotation_unreadable, "id: byte 102: 99999999999999999999 is beyond 64 bits"},
    {"TextId", R"({"id":"7","image_id":1,"category_id":1,"bbox":[0,0,1,1]})",
     Flaw::annotation_unreadable, "id: byte 102: expected a number, found '\"'"},
    {"NoObject", R"(17)", Flaw::annotation_unreadable, "expected '{', found '1'"},
    {"Twice",
     R"({"id":7,"image_id":1,"category_id":1,"bbox":[0,0,1,1]},)"
     R"({"id":7,"image_id":1,"category_id":1,"bbox":[0,0,1,1]})",
     Flaw::annotation_repeated, "annotation id 7 a second time"},
};

TEST(Coco, BadAnnotationsAreNamed) {
  for (const Bad& bad : kBadAnnotations) {
    const std::string text = std::string(kHead) + bad.text + "]}";
    const auto strict = parse_coco(text, "gt.json");
    ASSERT_FALSE(strict) << bad.name;
    EXPECT_THAT(strict.error().message(), testing::StartsWith("gt.json: byte ")) << bad.name;
    EXPECT_THAT(strict.error().message(), HasSubstr(bad.message)) << bad.name;

    std::vector<Finding> findings;
    const auto set = parse_coco(text, "gt.json", {.findings = &findings});
    ASSERT_TRUE(set) << bad.name << ": " << set.error().message();
    ASSERT_EQ(findings.size(), 1u) << bad.name;
    EXPECT_EQ(findings[0].flaw, bad.flaw) << bad.name;
    EXPECT_THAT(findings[0].text(), HasSubstr(bad.message)) << bad.name;
    EXPECT_EQ(set->pictures.size(), 1u);
  }
}

TEST(Coco, BadFilesAreNamed) {
  const std::pair<const char*, const char*> kCases[] = {
      {"", "gt.json: byte 0: the text ends where a value should be"},
      {"[{\"image_id\":1}]", "gt.json: is a list, as results of a detector are; expected"},
      {"{}", "gt.json: has no \"images\": are these COCO instances?"},
      {R"({"images":[]} x)", "gt.json: byte 14: expected the end, found 'x'"},
      {R"({"images":[{"id":1])", "gt.json: images: byte 18: expected '}', found ']'"},
      {R"({"images":[{"id":1},{"id":1}]})",
       "gt.json: byte 20: image id 1 a second time ('') (the first one counts"},
      {R"({"images":[{"id":1,"width":-5}]})", "images[0]: width -5: no picture has that"},
      {R"({"images":[{"file_name":"x"}]})", "images[0]: has no id"},
      {R"({"images":[],"categories":[{"id":1,"name":"a"},{"id":1,"name":"b"}]})",
       "categories[1]: id 1 a second time ('b') (the first one counts)"},
  };
  for (const auto& [text, expected] : kCases) {
    const auto set = parse_coco(text, "gt.json");
    ASSERT_FALSE(set) << text;
    EXPECT_THAT(set.error().message(), HasSubstr(expected)) << text;
  }
}

TEST(Coco, EveryRealFileIsReadAndComesBack) {
  const fs::path data = fs::path(PASU_SOURCE_DIR) / "../shared/data";
  if (!fs::exists(data)) GTEST_SKIP() << "needs ../shared/data";
  size_t files = 0;
  for (const auto& entry : fs::recursive_directory_iterator(data)) {
    const auto name = entry.path().filename();
    if (name != "instances.json" && name != "gt.json") continue;
    const auto set = read_coco(entry.path());
    ASSERT_TRUE(set) << set.error().message();
    const fs::path copy = fs::path(testing::TempDir()) / "coco_real.json";
    ASSERT_TRUE(write_coco(*set, copy));
    const auto again = read_coco(copy);
    ASSERT_TRUE(again) << again.error().message();
    EXPECT_EQ(again->pictures, set->pictures) << entry.path();
    EXPECT_EQ(again->categories, set->categories) << entry.path();
    fs::remove(copy);
    ++files;
  }
  EXPECT_GE(files, 16u);
}

}  // namespace
}  // namespace pasu::data
