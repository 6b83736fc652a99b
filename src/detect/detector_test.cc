#include "detect/detector.h"

#include <atomic>
#include <filesystem>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "artifact/package.h"
#include "detect/models.h"
#include "detect/test_support.h"

namespace pasu::detect {
namespace {

using test::plain_frame;
using test::TempFolder;
using ::testing::HasSubstr;

const std::string kPerson = PASU_SOURCE_DIR "/models/person";

std::string refusal(const DetectorOptions& options) {
  const auto opened = Detector::open(options);
  EXPECT_FALSE(opened);
  return opened ? "" : opened.error().message();
}

/// A package whose score is the picture's mean of red, and whose boxes are a cell and more.
class TinyDetector : public ::testing::Test {
 protected:
  void SetUp() override {
    test::write_network(folder_ / "tiny.xml", {});
    save(
        test::tiny_manifest("[input]\nscale = [255, 255, 255]\n"
                            "[decode]\nboxes = \"ltrb\"\nscores = \"probability\"\n"));
    options_.model = folder_.path().string();
    options_.streams = 2;
  }
  void save(const std::string& text) {
    std::string files;
    for (const auto* name : {"tiny.xml", "tiny.bin"})
      files += fmt::format("[[file]]\npath = \"{}\"\nsha256 = \"{}\"\n", name,
                           artifact::sha256_of(folder_ / name).value());
    test::write_file(folder_ / "manifest.toml", text + files);
  }

  const TempFolder folder_;
  DetectorOptions options_;
};

TEST_F(TinyDetector, BoxesAreInTheFramesPixelsAndClipped) {
  const auto detector = Detector::open(options_).value();
  EXPECT_EQ(detector->info().name, "tiny");
  EXPECT_EQ(detector->info().labels, std::vector<std::string>{"person"});
  EXPECT_EQ(detector->info().threshold, 0.5f);
  // 32x32 into 64x32: grey on both sides, red in the middle 2 x 2 cells. Each box reaches from its
  // cell's centre a stride to the right and down.
  const auto found = detector->detect(plain_frame(32, 32, 255, 0, 0)).value();
  ASSERT_EQ(found.size(), 4u);
  const geom::Box expected[] = {{8, 8, 16, 16}, {24, 8, 8, 16}, {8, 24, 16, 8}, {24, 24, 8, 8}};
  for (const geom::Box& box : expected)
    EXPECT_TRUE(std::any_of(found.begin(), found.end(),
                            [&](const geom::Detection& d) {
                              return geom::iou(d.box, box) > 0.98f && d.score > 0.99f &&
                                     d.label == 0;
                            }))
        << box.x << ' ' << box.y;
}

TEST_F(TinyDetector, OnlyWhatReachesTheThreshold) {
  const auto frame = plain_frame(64, 32, 102, 255, 255);  // A score of 0.4.
  EXPECT_TRUE(Detector::open(options_).value()->detect(frame)->empty());
  options_.score_min = 0.39f;
  EXPECT_FALSE(Detector::open(options_).value()->detect(frame)->empty());
}

TEST_F(TinyDetector, OnlyTheLabelsAskedFor) {
  options_.labels = {"persn"};
  EXPECT_EQ(refusal(options_), "model 'tiny' knows no label 'persn'; did you mean 'person'?");
  options_.labels = {"person"};
  EXPECT_TRUE(Detector::open(options_));
}

TEST_F(TinyDetector, ManyCallersAtOnce) {
  options_.batch_max = 4;
  const auto detector = Detector::open(options_).value();
  const auto red = plain_frame(64, 32, 255, 255, 255), black = plain_frame(64, 32, 0, 0, 0);
  std::atomic<int> wrong = 0, done = 0;
  std::vector<std::thread> callers;
  for (int t = 0; t < 3; ++t)
    callers.emplace_back([&] {
      for (int i = 0; i < 40; ++i)
        detector->submit((i % 2 ? red : black).share(), [&, i](auto found) {
          if (!found || found->empty() != (i % 2 == 0)) ++wrong;
          ++done;
        });
    });
  for (auto& caller : callers) caller.join();
  (void)detector->detect(red);
  const_cast<std::shared_ptr<Detector>&>(detector).reset();  // Waits.
  EXPECT_EQ(done, 120);
  EXPECT_EQ(wrong, 0);
}

TEST_F(TinyDetector, AnEmptyFrameIsAnErrorNotACrash) {
  const auto found = Detector::open(options_).value()->detect({});
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code(), Errc::invalid_argument);
}

TEST_F(TinyDetector, OptionsThatMakeNoSense) {
  for (const auto& [change, text] :
       std::initializer_list<std::pair<void (*)(DetectorOptions&), const char*>>{
           {[](DetectorOptions& o) { o.streams = -1; }, "-1 streams: expected 0 to 256"},
           {[](DetectorOptions& o) { o.batch_max = 0; }, "a batch of 0: expected 1 to 64"},
           {[](DetectorOptions& o) { o.score_min = 2; }, "a threshold of 2: expected 0 to 1"},
           {[](DetectorOptions& o) { o.input = {64, 0}; }, "an input of 64x0 makes no sense"}}) {
    auto options = options_;
    change(options);
    EXPECT_EQ(refusal(options), text);
  }
  options_.input = {320, 192};
  EXPECT_THAT(refusal(options_),
              HasSubstr("has no variant with an input of 320x192. It has 64x32 (64x32)"));
}

TEST_F(TinyDetector, AManifestThatDoesNotFitItsNetwork) {
  save(test::tiny_manifest("[input]\nname = \"data\"\n"));
  EXPECT_THAT(refusal(options_), HasSubstr("not 'data' as input.name says"));
  std::string two = test::tiny_manifest();
  two.replace(two.find("[\"person\"]"), 10, "[\"person\", \"bike\"]");
  save(two);
  EXPECT_THAT(refusal(options_),
              HasSubstr("manifest.toml: output 's16' (grid): expected [?, 6, 2, 4], 2 label(s) + 4 "
                        "distances for each cell of stride 16; the network gives [1, 5, 2, 4]"));
  std::string other = test::tiny_manifest();
  other.replace(other.find("\"s16\""), 5, "\"out\"");
  save(other);
  EXPECT_THAT(refusal(options_), HasSubstr("has no tensor 'out'; its outputs are 's16'"));
}

TEST_F(TinyDetector, AFileThatWasChanged) {
  test::write_file(folder_ / "tiny.bin", "changed");
  EXPECT_THAT(refusal(options_), HasSubstr("tiny.bin: is damaged or was changed"));
}

TEST(Models, ByNameByFolderOrNotAtAll) {
  const TempFolder first, second;
  for (const auto& folder : {first / "a", second / "a", second / "person", second / "no_manifest"})
    std::filesystem::create_directories(folder);
  for (const auto& folder : {first / "a", second / "a", second / "person"})
    test::write_file(folder / "manifest.toml", "");
  const std::vector<std::filesystem::path> folders{first.path(), first / "absent", second.path()};
  const auto all = list_models(folders);
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[0].folder, first / "a");  // The first of that name.
  EXPECT_EQ(find_model("person", folders).value(), second / "person");
  EXPECT_EQ(find_model((second / "a").string(), folders).value(), second / "a");
  EXPECT_EQ(find_model((second / "a/manifest.toml").string(), folders).value(),
            second / "a/manifest.toml");
  const auto missing = find_model("perosn", folders);
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code(), Errc::not_found);
  EXPECT_THAT(missing.error().message(),
              HasSubstr("no model 'perosn'; did you mean 'person'? There are: hog, a, person."));
  EXPECT_FALSE(find_model("", folders));
}

TEST(Models, AFolderWithoutAManifestSaysSo) {
  const TempFolder folder;
  DetectorOptions options;
  options.model = folder.path().string();
  EXPECT_EQ(refusal(options), (folder / "manifest.toml").string() + ": no such file");
}

TEST(HogDetector, OpensAndRefusesTooSmallAnInput) {
  DetectorOptions options;
  options.model = "hog";
  options.streams = 1;
  const auto detector = Detector::open(options).value();
  EXPECT_EQ(detector->info().labels, std::vector<std::string>{"person"});
  EXPECT_TRUE(detector->detect(plain_frame(320, 180, 114, 114, 114))->empty());
  options.input = {64, 64};
  EXPECT_THAT(refusal(options), HasSubstr("smaller than its window of 64x128"));
}

// The demo's street, against numbers made by other code: OpenVINO's Python API, OpenCV's area
// filter and NumPy's decoding by the card's rules. Six people; the rest are the model's mistakes.
struct Golden {
  geom::Size input;
  bool exact;
  std::vector<geom::Detection> boxes;
};

class PersonModel : public ::testing::TestWithParam<Golden> {};

TEST_P(PersonModel, FindsThePeopleOnTheStreet) {
  const auto frame = test::street_picture();
  if (!frame) GTEST_SKIP() << "no demo/vtest.avi or no ffmpeg";
  DetectorOptions options;
  options.model = kPerson;
  options.input = GetParam().input;
  options.exact = GetParam().exact;
  options.streams = 1;
  const auto detector = Detector::open(options);
  ASSERT_TRUE(detector) << detector.error().message();
  const auto found = (*detector)->detect(*frame);
  ASSERT_TRUE(found) << found.error().message();
  // f32 differs by the pixels' rounding alone, INT8 also by what the CPU can do.
  const float score_slack = GetParam().exact ? 0.01f : 0.04f;
  size_t matched = 0;
  for (const auto& golden : GetParam().boxes)
    matched += std::any_of(found->begin(), found->end(), [&](const geom::Detection& d) {
      return geom::iou(d.box, golden.box) > 0.9f && std::abs(d.score - golden.score) < score_slack;
    });
  EXPECT_EQ(matched, GetParam().boxes.size());
  EXPECT_LE(found->size(), GetParam().boxes.size() + 4);  // And four near the threshold.
  for (size_t i = 1; i < found->size(); ++i) EXPECT_GE((*found)[i - 1].score, (*found)[i].score);
}

INSTANTIATE_TEST_SUITE_P(
    Street, PersonModel,
    ::testing::Values(Golden{{320, 192},
                             false,
                             {{{182.41f, 155.44f, 34.04f, 80.36f}, 0.5079f, 0},
                              {{240.93f, 155.77f, 22.59f, 58.14f}, 0.4998f, 0},
                              {{576.84f, 151.55f, 33.35f, 85.13f}, 0.4902f, 0},
                              {{311.76f, 196.76f, 38.27f, 108.11f}, 0.4496f, 0},
                              {{620.17f, 159.86f, 26.99f, 73.18f}, 0.4097f, 0}}},
                      Golden{{640, 384},
                             false,
                             {{{584.24f, 161.61f, 24.34f, 73.06f}, 0.6885f, 0},
                              {{184.59f, 161.03f, 33.67f, 73.11f}, 0.6334f, 0},
                              {{619.19f, 171.06f, 23.80f, 62.48f}, 0.6030f, 0},
                              {{241.36f, 162.54f, 21.57f, 58.62f}, 0.5603f, 0},
                              {{315.58f, 205.40f, 28.54f, 89.18f}, 0.4769f, 0},
                              {{297.67f, 158.61f, 23.56f, 67.93f}, 0.4501f, 0}}},
                      Golden{{320, 192},
                             true,
                             {{{241.37f, 156.59f, 21.58f, 57.22f}, 0.5619f, 0},
                              {{182.40f, 154.10f, 34.36f, 81.63f}, 0.5510f, 0},
                              {{577.70f, 152.29f, 31.89f, 84.03f}, 0.5356f, 0},
                              {{311.27f, 199.26f, 38.48f, 106.51f}, 0.4591f, 0},
                              {{620.14f, 158.13f, 27.00f, 75.52f}, 0.4134f, 0},
                              {{296.08f, 154.79f, 37.68f, 114.66f}, 0.3546f, 0}}}),
    [](const auto& entry) {
      const Golden& golden = entry.param;
      return fmt::format("{}x{}{}", golden.input.width, golden.input.height,
                         golden.exact ? "_f32" : "_int8");
    });

}  // namespace
}  // namespace pasu::detect
