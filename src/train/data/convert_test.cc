#include "train/data/convert.h"

#include <gmock/gmock.h>

#include "base/read_file.h"
#include "train/data/coco.h"
#include "train/data/test_pictures.h"
#include "train/data/yolo.h"

namespace pasu::data {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class Convert : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = fresh_folder(testing::UnitTest::GetInstance()->current_test_info()->name());
  }
  void TearDown() override { fs::remove_all(folder_); }

  std::string at(const std::string& name) const { return (folder_ / name).string(); }

  /// Opens `from`, which must be recognised as `format`, and writes `to`.
  Result<Converted> convert_to(const std::string& from, Format format, const std::string& to,
                               ConvertOptions options, OpenOptions open = {}) {
    EXPECT_EQ(TRY(recognise(at(from))), format);
    auto splits = TRY(open_source(at(from), open));
    return convert(splits, at(to), options);
  }

  /// A VOC folder of two splits, with every mark and edge that the format knows.
  void make_voc() const {
    const auto write = [&](const std::string& name, int width, int height,
                           const std::string& objects) {
      put_file(at("voc/JPEGImages/" + name + ".png"), png_header(width, height) + name);
      put_file(
          at("voc/Annotations/" + name + ".xml"),
          fmt::format("<annotation><filename>{}.png</filename><size><width>{}</width><height>{}"
                      "</height><depth>3</depth></size>{}</annotation>",
                      name, width, height, objects));
    };
    const auto object = [](const char* name, int x1, int y1, int x2, int y2) {
      return fmt::format(
          "<object><name>{}</name><bndbox><xmin>{}</xmin><ymin>{}</ymin><xmax>{}</xmax>"
          "<ymax>{}</ymax></bndbox></object>",
          name, x1, y1, x2, y2);
    };
    write("a", 641, 479, object("person", 1, 1, 641, 479) + object("dog", 33, 47, 33, 47));
    write("b", 1920, 1080, object("person", 17, 19, 1913, 1079));
    write("c", 333, 777, "");
    write("d", 353, 240, object("aeroplane", 1, 239, 353, 240));
    put_file(at("voc/ImageSets/Main/train.txt"), "a\nb\n");
    put_file(at("voc/ImageSets/Main/val.txt"), "c\nd\n");
  }

  fs::path folder_;
};

TEST_F(Convert, VocToCocoToRecordsToYoloToVocGivesTheSameBoxes) {
  make_voc();
  ASSERT_TRUE(convert_to("voc", Format::voc, "coco", {.format = Format::coco}));
  ASSERT_TRUE(
      convert_to("coco", Format::coco, "records", {.format = Format::tfrecord, .shards = 2}));
  ASSERT_TRUE(convert_to("records", Format::tfrecord, "yolo", {.format = Format::yolo}));
  ASSERT_TRUE(convert_to("yolo", Format::yolo, "voc2", {.format = Format::voc}));
  ASSERT_TRUE(convert_to("voc2", Format::voc, "kitti", {.format = Format::kitti}));
  const auto first = open_source(at("voc")).value();
  const auto last = open_source(at("voc2")).value();
  ASSERT_EQ(first.size(), 2u);
  ASSERT_EQ(last.size(), 2u);
  for (size_t s = 0; s < 2; ++s) {
    EXPECT_EQ(last[s].name, first[s].name);
    EXPECT_EQ(last[s].set.categories, first[s].set.categories);
    ASSERT_EQ(last[s].set.pictures.size(), first[s].set.pictures.size());
    for (size_t i = 0; i < first[s].set.pictures.size(); ++i) {
      const Picture &a = first[s].set.pictures[i], &b = last[s].set.pictures[i];
      EXPECT_EQ(a.size, b.size);
      EXPECT_EQ(a.objects, b.objects) << a.file;
      EXPECT_EQ(first[s].pictures->load(i).value(), last[s].pictures->load(i).value());
    }
  }
  EXPECT_TRUE(fs::exists(at("records/train.record-00001-of-00002")));
  EXPECT_TRUE(fs::exists(at("records/label_map.pbtxt")));
  const auto kitti = open_source(at("kitti")).value();
  ASSERT_EQ(kitti.size(), 2u);
  EXPECT_EQ(kitti[1].set.pictures[1].objects[0].box, (Box{0, 238, 353, 2}));
}

TEST_F(Convert, OneFileOfEach) {
  put_file(at("in/images/x/a.png"), png_header(64, 48));
  put_file(at("in/instances.json"),
           R"({"images":[{"id":4,"file_name":"x/a.png","width":64,"height":48}],"annotations":[)"
           R"({"id":9,"image_id":4,"category_id":7,"bbox":[1.5,2,3,4],"area":10,"iscrowd":1}],)"
           R"("categories":[{"id":7,"name":"person"},{"id":9,"name":"unseen"}]})");
  const auto done = convert_to("in", Format::coco, "a.record", {});
  ASSERT_TRUE(done) << done.error().message();
  EXPECT_EQ(done->format, Format::tfrecord);
  EXPECT_EQ(done->objects, 1u);
  ASSERT_TRUE(convert_to("a.record", Format::tfrecord, "out.json", {}));
  const DataSet set = read_coco(at("out.json")).value();
  EXPECT_EQ(set.pictures[0].id, 4);
  EXPECT_EQ(set.pictures[0].file, "x/a.png");
  EXPECT_TRUE(set.pictures[0].objects[0].crowd);
  EXPECT_EQ(set.pictures[0].objects[0].area, 10);
  EXPECT_EQ(convert_to("in", Format::coco, "a.record", {}).error().code(), Errc::exists);
  EXPECT_EQ(convert_to("in", Format::coco, "b", {}).error().code(), Errc::invalid_argument);
  EXPECT_EQ(convert_to("in", Format::coco, "b.json", {.format = Format::yolo}).error().code(),
            Errc::invalid_argument);
}

TEST_F(Convert, NamesStayInsideAndApart) {
  put_file(at("in/images/a.png"), png_header(8, 8));
  auto splits = std::vector<Split>(1);
  splits[0].set.categories = {{1, "person"}};
  for (const char* name :
       {"../../etc/passwd", "/abs/a.png", "a.png", "sub/a.png", "sub\\a.png", "", "a.jpg"})
    splits[0].set.pictures.push_back({.id = static_cast<int64_t>(splits[0].set.pictures.size()),
                                      .file = name,
                                      .size = {8, 8},
                                      .objects = {}});
  splits[0].pictures = pictures_in_folder(at("in/images"), std::vector<std::string>(7, "a.png"));
  ASSERT_TRUE(convert(splits, at("coco"), {.format = Format::coco}));
  std::vector<std::string> names;
  const DataSet read = read_coco(at("coco/instances.json")).value();
  for (const Picture& p : read.pictures) names.push_back(p.file);
  EXPECT_THAT(names, testing::ElementsAre("etc/passwd.png", "abs/a.png", "a.png", "sub/a.png",
                                          "sub/a_2.png", "picture_5.png", "a.jpg"));
  ASSERT_TRUE(convert(splits, at("voc"), {.format = Format::voc}));
  EXPECT_TRUE(fs::exists(at("voc/Annotations/sub_a_2.xml")));
  EXPECT_TRUE(fs::exists(at("voc/JPEGImages/a_2.jpg")));
}

TEST_F(Convert, WhatFailsLeavesNothing) {
  put_file(at("in/images/a.png"), png_header(8, 8));
  put_file(at("in/instances.json"),
           R"({"images":[{"id":1,"file_name":"a.png"},{"id":2,"file_name":"gone.png"}]})");
  const auto failed = convert_to("in", Format::coco, "out", {.format = Format::yolo});
  ASSERT_FALSE(failed);
  EXPECT_THAT(failed.error().message(), HasSubstr("gone.png: no such file"));
  EXPECT_FALSE(fs::exists(at("out")));
  EXPECT_FALSE(fs::exists(at("out.part")));
  const std::atomic<bool> stop = true;
  EXPECT_EQ(
      convert_to("in", Format::coco, "out", {.format = Format::yolo, .stop = &stop}).error().code(),
      Errc::cancelled);
  EXPECT_FALSE(fs::exists(at("out.part")));
  std::vector<Finding> findings;
  const auto done = convert_to("in", Format::coco, "out",
                               {.format = Format::coco, .read = {.findings = &findings}});
  ASSERT_TRUE(done) << done.error().message();
  EXPECT_EQ(done->pictures, 1u);
  ASSERT_EQ(findings.size(), 1u);
  EXPECT_EQ(findings[0].picture, "gone.png");

  // An interrupted run's folder is made anew; one of somebody else's is not touched.
  put_file(at("new.part/.pasu-data-convert"), "");
  put_file(at("new.part/images/old.png"), "");
  EXPECT_TRUE(convert_to("out", Format::coco, "new", {.format = Format::yolo}));
  EXPECT_FALSE(fs::exists(at("new/images/old.png")));
  EXPECT_FALSE(fs::exists(at("new/.pasu-data-convert")));
  put_file(at("other.part/mine"), "");
  EXPECT_EQ(convert_to("out", Format::coco, "other", {.format = Format::yolo}).error().code(),
            Errc::exists);
  EXPECT_TRUE(fs::exists(at("other.part/mine")));
}

TEST_F(Convert, SplitsWithDifferentClassesShareOneList) {
  for (const char* split : {"train", "valid"}) {
    const std::string root = std::string("in/") + split + "/";
    put_file(at(root + "a.png"), png_header(10, 10));
    put_file(
        at(root + "_annotations.coco.json"),
        fmt::format(R"({{"images":[{{"id":1,"file_name":"a.png","width":10,"height":10}}],)"
                    R"("annotations":[{{"id":1,"image_id":1,"category_id":1,"bbox":[1,1,2,2]}}],)"
                    R"("categories":[{{"id":1,"name":"{}"}}]}})",
                    split));
  }
  ASSERT_TRUE(convert_to("in", Format::coco, "out", {.format = Format::yolo}));
  const auto splits = open_source(at("out")).value();
  ASSERT_EQ(splits.size(), 2u);
  EXPECT_EQ(splits[0].set.categories, (std::vector<Category>{{1, "train"}, {2, "valid"}}));
  EXPECT_EQ(splits[0].set.pictures[0].objects[0].category, 1);
  EXPECT_EQ(splits[1].name, "val");
  EXPECT_EQ(splits[1].set.pictures[0].objects[0].category, 2);
}

TEST_F(Convert, TheWaysYoloLies) {
  put_file(at("r/data.yaml"), "train: ../train/images\nval: list.txt\nnames: [a]\n");
  put_file(at("r/train/images/p.png"), png_header(100, 100));
  put_file(at("r/train/labels/p.txt"), "0 .5 .5 .2 .2\n");
  put_file(at("r/other/q.png"), png_header(100, 100));
  put_file(at("r/other/q.txt"), "0 .5 .5 1 1\n");
  put_file(at("r/list.txt"), "./other/q.png\n../../x.png\n");
  EXPECT_THAT(open_source(at("r")).error().message(),
              HasSubstr("line 2: '../../x.png' leads out of"));
  std::vector<Finding> findings;
  const auto splits = open_source(at("r"), {.read = {.findings = &findings}}).value();
  ASSERT_EQ(splits.size(), 2u);
  EXPECT_EQ(splits[0].set.pictures[0].objects[0].box, (Box{40, 40, 20, 20}));
  EXPECT_EQ(splits[1].set.pictures[0].objects[0].box, (Box{0, 0, 100, 100}));
  EXPECT_EQ(findings.size(), 1u);

  put_file(at("flat/p.png"), png_header(100, 100));
  put_file(at("flat/p.txt"), "1 .5 .5 .2 .2\n");
  put_file(at("flat/classes.txt"), "a\nb\n");
  EXPECT_EQ(recognise(at("flat")).value(), Format::yolo);
  EXPECT_EQ(open_source(at("flat")).value()[0].set.pictures[0].objects[0].category, 2);
}

TEST_F(Convert, WhatIsNoDataSetIsSaidSo) {
  fs::create_directories(at("empty"));
  EXPECT_THAT(recognise(at("empty")).error().message(), HasSubstr("no data set was recognised"));
  EXPECT_EQ(recognise(at("gone")).error().code(), Errc::not_found);
  put_file(at("x.bin"), "hello, this is no record at all");
  EXPECT_EQ(recognise(at("x.bin")).error().code(), Errc::unsupported);
  EXPECT_THAT(format_from("cocoo").error().message(), HasSubstr("coco, voc, yolo"));
}

}  // namespace
}  // namespace pasu::data
