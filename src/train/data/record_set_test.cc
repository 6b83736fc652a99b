#include "train/data/record_set.h"

#include <cmath>
#include <fstream>

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include "base/read_file.h"
#include "train/data/detail/content_hash.h"
#include "train/data/example.h"
#include "train/data/image_header.h"

namespace pasu::data {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

TEST(Example, WhatIsWrittenComesBack) {
  ExampleWriter writer;
  writer.add("a", std::vector<int64_t>{1, -1, INT64_MAX, INT64_MIN});
  writer.add("b", std::vector<float>{0.5f, -1e30f});
  writer.add("c", std::vector<std::string_view>{"x", "", std::string_view("\0y", 2)});
  writer.add("d", std::vector<float>{});
  const std::string message = writer.take();
  const Example example = parse_example(as_bytes(message)).value();
  EXPECT_EQ(example.find("a")->ints, (std::vector<int64_t>{1, -1, INT64_MAX, INT64_MIN}));
  EXPECT_EQ(example.find("b")->floats, (std::vector<float>{0.5f, -1e30f}));
  ASSERT_EQ(example.find("c")->bytes.size(), 3u);
  EXPECT_EQ(as_text(example.find("c")->bytes[2]), std::string_view("\0y", 2));
  EXPECT_EQ(example.find("d")->kind, Feature::Kind::floats);
  EXPECT_EQ(example.find("d")->size(), 0u);
  EXPECT_EQ(example.find("e"), nullptr);
}

TEST(Example, ReadsUnpackedListsAndNamesBreakage) {
  // features { feature { key: "k" value { int64_list { value: 7 value: 300 } } } }, unpacked.
  const std::string message("\x0A\x10\x0A\x0E\x0A\x01k\x12\x09\x1A\x07\x08\x07\x08\xAC\x02\x10\x00",
                            18);
  EXPECT_EQ(parse_example(as_bytes(message)).value().find("k")->ints,
            (std::vector<int64_t>{7, 300}));
  EXPECT_EQ(parse_example(as_bytes(message.substr(0, 10))).error().message(),
            "byte 0: field 1 is 16 bytes long, 8 are left");
  EXPECT_THAT(parse_example(as_bytes("\x0B\x01")).error().message(), HasSubstr("wire type 3"));
  EXPECT_TRUE(parse_example({}).value().features.empty());
}

/// A PNG's first bytes, which is all that headers are read from.
std::string png(int width, int height) {
  std::string out("\x89PNG\r\n\x1A\n\0\0\0\x0DIHDR", 16);
  for (const int side : {width, height})
    for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>(side >> shift);
  return out;
}

Record record_of(const std::string& message) { return {.data = as_bytes(message)}; }

std::string message_of(std::initializer_list<const char*> left_out = {}) {
  ExampleWriter writer;
  static const std::string kPng = png(200, 100);
  const auto wanted = [&](std::string_view name) {
    return std::ranges::find(left_out, name) == left_out.end();
  };
  if (wanted("image/encoded")) writer.add("image/encoded", kPng);
  for (const auto& [name, value] :
       {std::pair("xmin", 0.1f), {"ymin", 0.2f}, {"xmax", 0.5f}, {"ymax", 0.6f}})
    if (wanted(name))
      writer.add(std::string("image/object/bbox/") + name, std::vector<float>{value});
  if (wanted("label")) writer.add("image/object/class/label", std::vector<int64_t>{3});
  if (wanted("text")) writer.add("image/object/class/text", std::vector<std::string_view>{"dog"});
  return writer.take();
}

TEST(PictureRecord, NeedsOnlyThePicture) {
  ClassNumbers classes;
  const std::string all = message_of();
  const auto out = parse_picture_record(record_of(all), classes, "x", {}).value();
  EXPECT_EQ(out.picture.size, (geom::Size{200, 100}));
  ASSERT_EQ(out.picture.objects.size(), 1u);
  EXPECT_EQ(out.picture.objects[0].box, (Box{20, 20, 80, 40}));
  EXPECT_EQ(out.picture.objects[0].area, 3200);
  EXPECT_EQ(classes.categories(), (std::vector<Category>{{3, "dog"}}));

  ClassNumbers by_text;
  const std::string text = message_of({"label"});
  EXPECT_EQ(
      parse_picture_record(record_of(text), by_text, "x", {}).value().picture.objects[0].category,
      1);
  const std::string bare = message_of({"xmin", "ymin", "xmax", "ymax", "label", "text"});
  EXPECT_TRUE(
      parse_picture_record(record_of(bare), classes, "x", {}).value().picture.objects.empty());
}

TEST(PictureRecord, WhatIsMissingIsNamed) {
  const std::pair<std::string, const char*> kCases[] = {
      {message_of({"image/encoded"}), "has no image/encoded"},
      {message_of({"ymax"}), "has boxes without image/object/bbox/ymax"},
      {message_of({"label", "text"}), "box 1: has neither class/label nor class/text"},
  };
  for (const auto& [message, expected] : kCases) {
    ClassNumbers classes;
    EXPECT_THAT(parse_picture_record(record_of(message), classes, "x", {}).error().message(),
                HasSubstr(expected));
  }
  LabelMap map{.path = "m", .labels = {{1, "dog", ""}}};
  ClassNumbers classes(map);
  const std::string message = message_of();
  EXPECT_EQ(parse_picture_record(record_of(message), classes, "x", {}).error().message(),
            "box 1: class/label 3 is not in the label map");
}

TEST(PictureRecord, BoxesThatAreNotFiniteAreFindings) {
  ExampleWriter writer;
  const std::string image = png(10, 10);
  writer.add("image/encoded", image);
  for (const char* name : {"xmin", "ymin", "xmax", "ymax"})
    writer.add(std::string("image/object/bbox/") + name, std::vector<float>{NAN, 0.5f});
  writer.add("image/object/class/label", std::vector<int64_t>{1, 1});
  const std::string message = writer.take();
  ClassNumbers classes;
  EXPECT_THAT(parse_picture_record(record_of(message), classes, "x", {}).error().message(),
              HasSubstr("x: record 0 at byte 0: box 1: nan, nan, nan, nan is not finite"));
  std::vector<Finding> findings;
  EXPECT_EQ(parse_picture_record(record_of(message), classes, "x", {.findings = &findings})
                .value()
                .picture.objects.size(),
            1u);
  EXPECT_EQ(findings.size(), 1u);
}

TEST(PictureRecord, WholePixelsComeBackWhole) {
  DataSet set{.categories = {{1, "person"}}, .pictures = {}};
  Picture picture{.id = 5, .file = "a/b.png", .size = {1919, 1081}, .objects = {}};
  for (int i = 0; i < 900; ++i)
    picture.objects.push_back({.category = 1,
                               .box = {double(i), double(i % 77), double(i + 1), double(1000 - i)},
                               .area = double(i + 1) * (1000 - i),
                               .crowd = i % 2 == 0,
                               .difficult = i % 3 == 0,
                               .truncated = i % 5 == 0});
  const std::string image = png(1919, 1081);
  const std::string message = picture_example(picture, set, as_bytes(image));
  ClassNumbers classes;
  const auto out = parse_picture_record(record_of(message), classes, "x", {}).value();
  EXPECT_EQ(out.picture, picture);
  EXPECT_EQ(out.format, "png");
  EXPECT_EQ(as_text(out.encoded), image);
}

TEST(RecordSet, TensorFlowsReferenceIsReadAsItSays) {
  const fs::path ref = fs::path(PASU_SOURCE_DIR) / "../shared/data/tf_od/ref";
  if (!fs::exists(ref)) GTEST_SKIP() << "needs ../shared/data";
  const auto expected = nlohmann::json::parse(std::ifstream(ref / "ref_record.json"));
  const LabelMap map = read_label_map(ref / "ref_label_map.pbtxt").value();
  for (const char* name :
       {"ref.record", "ref.record.gz", "ref.record.zlib", "ref_sharded.record"}) {
    const auto files = record_files((ref / name).string()).value();
    const auto read = read_record_set(files, &map);
    ASSERT_TRUE(read) << read.error().message();
    ASSERT_EQ(read->set.pictures.size(), expected.size());
    if (std::string_view(name) == "ref_sharded.record") continue;  // Another order.
    for (size_t i = 0; i < expected.size(); ++i) {
      const Picture& picture = read->set.pictures[i];
      const auto& want = expected[i];
      EXPECT_EQ(picture.size, (geom::Size{want["w"], want["h"]}));
      ASSERT_EQ(picture.objects.size(), want["n"].get<size_t>());
      for (size_t k = 0; k < picture.objects.size(); ++k) {
        const Object& object = picture.objects[k];
        const auto& box = want["boxes_xminyminxmaxymax"][k];
        EXPECT_NEAR(object.box.x, box[0].get<double>() * picture.size.width, 1e-4);
        EXPECT_NEAR(object.box.y + object.box.h, box[3].get<double>() * picture.size.height, 1e-4);
        EXPECT_EQ(object.category, want["label"][k].get<int64_t>());
        EXPECT_EQ(object.difficult, want["difficult"][k] == 1);
        EXPECT_EQ(object.truncated, want["truncated"][k] == 1);
      }
    }
  }
}

TEST(RecordSet, RealRecordsAreRead) {
  const fs::path folder = fs::path(PASU_SOURCE_DIR) / "../shared/data/tf_od/records";
  if (!fs::exists(folder)) GTEST_SKIP() << "needs ../shared/data";
  size_t files = 0;
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (entry.path().string().find("record") == std::string::npos ||
        (entry.path().extension() != ".record" && entry.path().extension() != ".tfrecord"))
      continue;
    const auto read = read_record_set({entry.path()}, nullptr);
    ASSERT_TRUE(read) << read.error().message();
    EXPECT_FALSE(read->set.pictures.empty());
    size_t boxes = 0;
    for (const Picture& picture : read->set.pictures) boxes += picture.objects.size();
    std::printf("%s: %zu pictures, %zu boxes, %zu classes, first '%s'\n",
                entry.path().filename().c_str(), read->set.pictures.size(), boxes,
                read->set.categories.size(), read->set.pictures[0].file.c_str());
    ++files;
  }
  EXPECT_EQ(files, 4u);
}

}  // namespace
}  // namespace pasu::data
