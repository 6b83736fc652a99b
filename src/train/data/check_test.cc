#include "train/data/check.h"

#include <gmock/gmock.h>

#include "av/encoder.h"
#include "base/read_file.h"
#include "media/new_frame.h"
#include "train/data/coco.h"
#include "train/data/convert.h"
#include "train/data/stats.h"
#include "train/data/test_pictures.h"

namespace pasu::data {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

/// A whole JPEG, of its own for each `shade`.
std::string jpeg(int width, int height, uint8_t shade) {
  media::NewFrame made = media::new_frame(media::PixelFormat::gray8, width, height);
  for (int y = 0; y < height; ++y)
    for (int x = 0; x < width; ++x)
      made.planes[0][y * made.frame.planes[0].stride + x] = static_cast<uint8_t>(shade + x + 3 * y);
  return std::string(as_text(av::encode_jpeg(made.frame, 90).value()));
}

class Check : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = fresh_folder("check");
    put_file(at("images/a.jpg"), jpeg(100, 80, 1));
  }
  void TearDown() override { fs::remove_all(folder_); }
  std::string at(const std::string& name) const { return (folder_ / name).string(); }

  /// Pictures and annotations as COCO writes them, one class.
  void write(const std::string& pictures, const std::string& annotations,
             const std::string& name = "instances.json") const {
    put_file(
        at(name),
        fmt::format(
            R"({{"images":[{}],"annotations":[{}],"categories":[{{"id":1,"name":"person"}}]}})",
            pictures, annotations));
  }
  static constexpr const char* kA = R"({"id":1,"file_name":"a.jpg","width":100,"height":80})";
  static std::string box(int id, const std::string& box) {
    return fmt::format(R"({{"id":{},"image_id":1,"category_id":1,"bbox":[{}]}})", id, box);
  }

  std::vector<Split> open(const std::string& name = "instances.json") {
    return open_source(at(name), {.read = {.findings = &read_}}).value();
  }
  /// All findings of reading and checking, with the folder's name taken off.
  std::vector<std::string> findings(const CheckOptions& options = {}) {
    read_.clear();
    const auto splits = open();
    auto report = check(splits, options).value();
    std::vector<std::string> out;
    for (const auto* list : {&read_, &report.findings})
      for (const Finding& finding : *list) {
        std::string text = fmt::format("{}: {}", to_string(finding.flaw), finding.text());
        for (size_t p; (p = text.find(folder_.string() + "/")) != text.npos;)
          text.erase(p, folder_.string().size() + 1);
        out.push_back(text);
      }
    return out;
  }

  fs::path folder_;
  std::vector<Finding> read_;
};

TEST_F(Check, AGoodSetHasNoFindings) {
  write(kA, box(1, "0,0,100,80") + "," + box(2, "10,10,20,20") + "," + box(3, "99,79,1.4,1"));
  EXPECT_THAT(findings(), testing::IsEmpty());
}

TEST_F(Check, Boxes) {
  write(kA, box(1, "30,10,-20,5") + "," + box(2, "10,10,0,20") + "," + box(3, "90,10,20,20") + "," +
                box(4, "200,10,20,20") + "," + box(5, "10,10,20,20") + "," +
                box(6, "10,10,20,20.5") + "," + box(7, "NaN,0,1,1"));
  EXPECT_THAT(
      findings(),
      testing::ElementsAre(
          HasSubstr("box_not_finite: instances.json: byte"),
          "box_inverted: instances.json: annotation 1 has width -20 and height 5 (swap its "
          "corners)",
          "box_empty: instances.json: annotation 2 is 0 wide and 20 high (draw it again or take it "
          "out)",
          "box_outside: instances.json: annotation 3 reaches 10 pixels out of the picture of "
          "100x80 "
          "(clip it to the picture)",
          "box_outside: instances.json: annotation 4 lies wholly outside the picture of 100x80 "
          "(clip it to the picture)",
          "box_repeated: instances.json: boxes 5 and 6 of one class overlap by 98 % "
          "(take one of them out)"));
  auto splits = open();
  const CheckOptions options;
  const auto report = check(splits, options).value();
  const Mended mended = mend(splits, report, options);
  EXPECT_EQ(mended.boxes_turned, 1u);
  EXPECT_EQ(mended.boxes_clipped, 1u);
  EXPECT_EQ(mended.boxes_dropped, 2u);
  EXPECT_EQ(mended.boxes_merged, 1u);
  std::vector<Box> boxes;
  for (const Object& object : splits[0].set.pictures[0].objects) boxes.push_back(object.box);
  EXPECT_THAT(boxes,
              testing::ElementsAre(Box{10, 10, 20, 5}, Box{90, 10, 10, 20}, Box{10, 10, 20, 20}));
  EXPECT_EQ(splits[0].set.pictures[0].objects[0].area, 100);
}

TEST_F(Check, Pictures) {
  const std::string whole = jpeg(64, 48, 90);
  put_file(at("images/cut.jpg"), whole.substr(0, whole.size() * 2 / 3));
  put_file(at("images/empty.jpg"), "");
  put_file(at("images/text.jpg"), "hello");
  put_file(at("images/b.png"), jpeg(64, 48, 50));
  put_file(at("images/size.jpg"), jpeg(64, 48, 60));
  put_file(at("images/again.jpg"), jpeg(100, 80, 1));
  put_file(at("images/huge.png"), png_header(20000, 20000) + std::string(40, 'x') + "IEND");
  put_file(at("images/more.jpg"), jpeg(10, 10, 7));
  std::string pictures = kA;
  int id = 1;
  for (const char* name : {"cut.jpg", "empty.jpg", "text.jpg", "b.png", "size.jpg", "again.jpg",
                           "huge.png", "gone.jpg", "../x.jpg"})
    pictures +=
        fmt::format(R"(,{{"id":{},"file_name":"{}"{}}})", ++id, name,
                    std::string_view(name) == "size.jpg" ? R"(,"width":48,"height":64)" : "");
  write(pictures, "");
  const auto found = findings();
  EXPECT_THAT(
      found,
      testing::UnorderedElementsAre(
          HasSubstr("picture_unreadable: instances.json: 'cut.jpg': "),
          HasSubstr("picture_unreadable: instances.json: 'empty.jpg': a picture of 0 bytes"),
          HasSubstr("picture_unreadable: instances.json: 'text.jpg': "),
          HasSubstr(
              "picture_mislabelled: instances.json: 'b.png' is in truth a jpeg (name it .jpg)"),
          HasSubstr("picture_size: instances.json: says 48x64, the picture 'size.jpg' is 64x48"),
          HasSubstr("picture_repeated: instances.json: 'again.jpg' is the same picture as 'a.jpg'"),
          HasSubstr("picture_unreadable: instances.json: 'huge.png': "),
          HasSubstr("picture_missing: instances.json: images/gone.jpg: no such file"),
          HasSubstr("picture_missing: instances.json: images: '../x.jpg' leads out of this folder"),
          HasSubstr(
              "picture_unlisted: images: 1 picture in it is not annotated, the first 'more.jpg'")))
      << testing::PrintToString(found);
  auto splits = open();
  const auto report = check(splits, {}).value();
  EXPECT_EQ(mend(splits, report, {}).pictures_dropped, 6u);
  EXPECT_EQ(splits[0].set.pictures.size(), 4u);
  ASSERT_TRUE(convert(splits, at("mended"), {.format = Format::coco}));
  read_.clear();
  EXPECT_EQ(open("mended")[0].set.pictures[3].file, "again.jpg");
}

TEST_F(Check, LeaksBetweenSplits) {
  put_file(at("images/b.jpg"), jpeg(100, 80, 1));
  write(kA, "", "instances_train.json");
  write(R"({"id":1,"file_name":"b.jpg","width":100,"height":80})", "", "instances_val.json");
  const auto splits = open("");
  ASSERT_EQ(splits.size(), 2u);
  const auto report = check(splits, {}).value();
  ASSERT_EQ(report.findings.size(), 1u);
  EXPECT_EQ(report.findings[0].flaw, Flaw::split_leak);
  EXPECT_THAT(report.findings[0].what, HasSubstr("'b.jpg' of val is in train as well, as 'a.jpg'"));
}

TEST_F(Check, ClassesAgainstTheLabelMap) {
  write(kA, box(1, "0,0,10,10"));
  const LabelMap swapped{.path = "m", .labels = {{1, "dog", ""}, {2, "person", ""}}};
  EXPECT_THAT(findings({.labels = &swapped}),
              testing::ElementsAre(
                  "label_map_mismatch: instances.json: class 1 is 'person'; in m that "
                  "name has id 2 (pasu data convert --label-map numbers classes by name)"));
  const LabelMap right{.path = "m", .labels = {{1, "/m/01g317", "person"}}};
  EXPECT_THAT(findings({.labels = &right}), testing::IsEmpty());
}

TEST_F(Check, AHundredThousandBoxesInOnePicture) {
  std::string boxes = box(1, "1,1,20,20");
  for (int i = 1; i < 100'000; ++i)
    boxes.append(",").append(
        box(i + 1, i % 2 == 0 ? "1,1,20,20" : fmt::format("{},1,20,20", i * 0.0007)));
  write(kA, boxes);
  const auto report = check(open(), {}).value();
  EXPECT_EQ(report.objects, 100'000u);
  EXPECT_GT(report.findings.size(), 49'000u);
}

TEST_F(Check, RecordsAreLookedAtToo) {
  write(kA, box(1, "90,10,20,20"));
  auto splits = open();
  ASSERT_TRUE(convert(splits, at("x.record"), {}));
  const auto report = check(open("x.record"), {.threads = 3}).value();
  ASSERT_EQ(report.findings.size(), 1u);
  EXPECT_EQ(report.findings[0].place, "record 0 at byte 0");
  EXPECT_THAT(report.findings[0].what, HasSubstr("box 1 reaches 10 pixels out"));
}

/// Stripes that `seed` decides: pictures of different seeds look different.
std::string stripes(int width, int height, uint32_t seed, int noise) {
  media::NewFrame made = media::new_frame(media::PixelFormat::gray8, width, height);
  for (int y = 0; y < height; ++y)
    for (int x = 0; x < width; ++x) {
      const uint32_t cell = (x * 17 / width) * 7919u + (y * 16 / height) * 104729u + seed;
      made.planes[0][y * made.frame.planes[0].stride + x] =
          static_cast<uint8_t>(20 + (cell * 2654435761u >> 25) + noise * ((x ^ y) & 1));
    }
  return std::string(as_text(av::encode_jpeg(made.frame, 90).value()));
}

TEST_F(Check, PicturesThatLookAlike) {
  put_file(at("images/b.jpg"), stripes(340, 320, 1, 0));
  put_file(at("images/c.jpg"), stripes(340, 320, 2, 0));
  put_file(at("images/d.jpg"), stripes(170, 240, 1, 9));  // b scaled, stretched, with noise.
  write(R"({"id":1,"file_name":"b.jpg"},{"id":2,"file_name":"c.jpg"})", "", "instances_train.json");
  write(R"({"id":1,"file_name":"d.jpg"},{"id":2,"file_name":"a.jpg"})", "", "instances_val.json");
  const auto report = check(open(""), {}).value();
  ASSERT_EQ(report.findings.size(), 1u);
  EXPECT_EQ(report.findings[0].flaw, Flaw::split_leak);
  EXPECT_EQ(report.findings[0].what,
            "1 pictures of val look nearly like pictures of train, the first 'd.jpg' like 'b.jpg'");
  EXPECT_THAT(report.notes, testing::IsEmpty());
  write(R"({"id":1,"file_name":"b.jpg"},{"id":2,"file_name":"d.jpg"})", "");
  const auto within = check(open(), {}).value();
  EXPECT_EQ(within.notes.size(), 1u);
  EXPECT_EQ(within.findings.size(), 1u);  // a.jpg and c.jpg are unlisted.
}

TEST_F(Check, StopEndsIt) {
  write(kA, "");
  const std::atomic<bool> stop = true;
  EXPECT_EQ(check(open(), {.stop = &stop}).error().code(), Errc::cancelled);
}

TEST_F(Check, Stats) {
  write(std::string(kA) + R"(,{"id":2,"file_name":"<b>.jpg","width":100,"height":80})",
        box(1, "0,0,10,20") + "," + box(2, "10,10,40,40") + "," + box(3, "0,0,0,9"));
  const DataStats stats = stats_of(open());
  EXPECT_EQ(stats.pictures, 2u);
  EXPECT_EQ(stats.empty_pictures, 1u);
  EXPECT_EQ(stats.objects, 3u);
  EXPECT_EQ(stats.small, 1u);
  EXPECT_EQ(stats.medium, 1u);
  EXPECT_EQ(stats.boxes_in_picture[3], 1u);
  EXPECT_EQ(stats.height_percentiles[0], 20);
  EXPECT_EQ(stats.height_percentiles[4], 40);
  EXPECT_EQ(stats.classes[0].aspects.counts()[6], 1u);  // 1 : 1
  EXPECT_EQ(stats.classes[0].aspects.counts()[4], 1u);  // 1 : 2
  EXPECT_THAT(stats_text(stats), HasSubstr("boxes      3, 1.50 a picture, 3 at most ('a.jpg')"));
  const std::string html = stats_html(stats, "a <set>");
  EXPECT_THAT(html, HasSubstr("<title>a &lt;set&gt;</title>"));
  EXPECT_THAT(html, testing::EndsWith("</html>\n"));
  EXPECT_EQ(html.find("src="), html.npos);
  EXPECT_EQ(html.find("http"), html.npos);
  EXPECT_FALSE(stats_html(stats_of({}), "").empty());
}

}  // namespace
}  // namespace pasu::data
