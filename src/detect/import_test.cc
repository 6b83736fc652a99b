#include "detect/import.h"

#include <filesystem>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "detect/detail/recognise.h"
#include "detect/test_support.h"

namespace pasu::detect {
namespace {

using artifact::Family;
using ::testing::HasSubstr;

NetworkInfo network(std::vector<int64_t> input, std::vector<TensorInfo> outputs) {
  NetworkInfo out;
  out.file = "net.onnx";
  out.inputs = {{"images", std::move(input), artifact::ElementType::f32}};
  out.outputs = std::move(outputs);
  out.precision = "f32";
  return out;
}

struct Case {
  const char* name;
  NetworkInfo network;
  Family family;
  geom::Size input;
  size_t labels;
};

NetworkInfo ssd(int classes, int background) {
  auto out = network({1, 3, 320, 544}, {{"detection_out", {1, 1, 200, 7}}});
  out.ssd_classes = classes;
  out.ssd_background = background;
  return out;
}

class Recognise : public ::testing::TestWithParam<Case> {};

TEST_P(Recognise, FamilySizeAndLabels) {
  const auto manifest = detail::recognise(GetParam().network, {});
  ASSERT_TRUE(manifest) << manifest.error().message();
  EXPECT_EQ(manifest->family, GetParam().family);
  EXPECT_EQ(manifest->variants.at(0).input, GetParam().input);
  EXPECT_EQ(manifest->labels.size(), GetParam().labels);
}

INSTANTIATE_TEST_SUITE_P(
    Outputs, Recognise,
    ::testing::Values(
        Case{"yolox",
             network({1, 3, 416, 416}, {{"output", {1, 3549, 85}}}),
             Family::yolox,
             {416, 416},
             80},
        Case{"yolox_free",
             network({-1, 3, -1, -1}, {{"output", {-1, -1, 6}}}),
             Family::yolox,
             {640, 640},
             1},
        Case{"fastestdet",
             network({1, 3, 352, 352}, {{"758", {1, 85, 22, 22}}}),
             Family::fastestdet,
             {352, 352},
             80},
        Case{"ssd", ssd(2, 0), Family::ssd_detection_output, {544, 320}, 1},
        Case{"grids",
             network({1, 3, 192, 320}, {{"a", {1, 5, 24, 40}}, {"b", {1, 5, 12, 20}}}),
             Family::anchor_free_grid,
             {320, 192},
             1},
        Case{"grids_free",
             network({-1, 3, -1, -1}, {{"a", {-1, 5, -1, -1}}, {"b", {-1, 5, -1, -1}}}),
             Family::anchor_free_grid,
             {640, 640},
             1},
        Case{"boxes_labels",
             network({1, 3, 720, 1280}, {{"boxes", {-1, 5}}, {"labels", {-1}}}),
             Family::boxes_labels,
             {1280, 720},
             1},
        Case{"tfod",
             network({-1, -1, -1, 3}, {{"detection_boxes", {-1, 100, 4}},
                                       {"raw_detection_boxes", {-1, -1, 4}},
                                       {"raw_detection_scores", {-1, -1, 81}}}),
             Family::tfod_raw,
             {300, 300},
             80}),
    [](const auto& entry) { return entry.param.name; });

std::string refusal(const NetworkInfo& info, const detail::Hints& hints = {}) {
  const auto manifest = detail::recognise(info, hints);
  EXPECT_FALSE(manifest);
  return manifest ? "" : manifest.error().message();
}

TEST(RecogniseErrors, NameTheOutputsAndTheWayOut) {
  EXPECT_THAT(refusal(network({1, 3, 32, 32}, {{"prob", {1, 1000}}})),
              HasSubstr("net.onnx: its outputs (prob [1, 1000]) are of no family this program "
                        "recognises. Import it with 'pasu model import FILE -o FOLDER --family F"));
  detail::Hints hints;
  hints.family = Family::yolox;
  EXPECT_THAT(refusal(network({1, 3, 192, 320}, {{"a", {1, 5, 24, 40}}}), hints),
              HasSubstr("are not those of family yolox"));
  EXPECT_THAT(refusal(network({1, 3, 416, 416}, {{"o", {1, 3549, 8}}})),
              HasSubstr("family yolox with 3 labels, but no names for them"));
  EXPECT_THAT(refusal(network({1, 1, 28, 28}, {{"o", {1, 10}}})),
              HasSubstr("its input 'images' [1, 1, 28, 28] is no picture of three channels"));
  EXPECT_THAT(refusal(network({1, 3, 28, 28}, {})), HasSubstr("a network without outputs"));
}

TEST(RecogniseHints, AGraphThatEndsInItsNmsNeedsLabels) {
  const auto info = network({-1, -1, -1, 3}, {{"detection_boxes", {-1, 100, 4}},
                                              {"detection_scores", {-1, 100}},
                                              {"detection_classes", {-1, 100}},
                                              {"num_detections", {-1}}});
  EXPECT_THAT(refusal(info), HasSubstr("tfod_nms with an unknown number of labels"));
  detail::Hints hints;
  hints.labels = {"person"};
  EXPECT_EQ(detail::recognise(info, hints).value().family, Family::tfod_nms);
}

TEST(RecogniseHints, WinOverWhatIsRecognised) {
  detail::Hints hints;
  hints.labels = {"a", "b", "c"};
  hints.input = {640, 384};
  hints.color = artifact::ColorOrder::rgb;
  hints.mean = {1, 2, 3};
  const auto manifest = detail::recognise(network({1, 3, 416, 416}, {{"o", {1, 3549, 8}}}), hints);
  ASSERT_TRUE(manifest) << manifest.error().message();
  EXPECT_EQ(manifest->labels, hints.labels);
  EXPECT_EQ(manifest->variants[0].input, hints.input);
  EXPECT_EQ(manifest->input.color, artifact::ColorOrder::rgb);
  EXPECT_EQ(manifest->input.mean, hints.mean);
  hints.labels = {"a"};
  EXPECT_THAT(refusal(network({1, 3, 416, 416}, {{"o", {1, 3549, 8}}}), hints),
              HasSubstr("has 3 labels, but 1 name was given"));
}

class Import : public ::testing::Test {
 protected:
  void SetUp() override {
    test::write_network(folder_ / "tiny.xml", {});
    options_.file = (folder_ / "tiny.xml").string();
    options_.folder = folder_ / "models/tiny";
  }
  std::string refusal() {
    const auto package = import_model(options_);
    EXPECT_FALSE(package);
    // Neither the package nor a draft of it is left.
    std::error_code error;
    EXPECT_TRUE(std::filesystem::is_empty(folder_ / "models", error) || error);
    return package ? "" : package.error().message();
  }
  const test::TempFolder folder_;
  ImportOptions options_;
};

TEST_F(Import, MakesAPackageThatLoads) {
  options_.source = "made by hand";
  options_.license = "Apache-2.0";
  options_.threshold = 0.25f;
  const auto package = import_model(options_);
  ASSERT_TRUE(package) << package.error().message();
  const auto loaded = artifact::load_package(options_.folder);
  ASSERT_TRUE(loaded) << loaded.error().message();
  EXPECT_EQ(loaded->manifest.name, "tiny");
  EXPECT_EQ(loaded->manifest.family, Family::anchor_free_grid);
  EXPECT_EQ(loaded->manifest.outputs.at(0).stride, 16);
  EXPECT_EQ(loaded->manifest.variants.at(0).input, (geom::Size{64, 32}));
  EXPECT_EQ(loaded->manifest.variants.at(0).threshold, 0.25f);
  EXPECT_EQ(loaded->manifest.provenance.source, "made by hand");
  EXPECT_EQ(loaded->manifest.files.size(), 2u);
  EXPECT_FALSE(std::filesystem::exists(options_.folder.string() + ".part"));
}

TEST_F(Import, AFreeSizeIsChosen) {
  test::write_network(folder_ / "tiny.xml", {.free_size = true});
  options_.input = {96, 64};
  options_.family = Family::anchor_free_grid;
  test::write_file(folder_ / "labels.txt", "someone\n");
  options_.labels_file = (folder_ / "labels.txt").string();
  // A free network's strides are taken to be 8, 16, 32...; this one's only grid is of stride 16,
  // which trying it out brings to light.
  EXPECT_THAT(refusal(), HasSubstr("does not run: "));
}

TEST_F(Import, LeavesNothingBehind) {
  options_.labels_file = (folder_ / "absent.txt").string();
  EXPECT_THAT(refusal(), HasSubstr("absent.txt: no such file"));
  test::write_file(folder_ / "two.txt", "a\nb\n");
  options_.labels_file = (folder_ / "two.txt").string();
  EXPECT_THAT(refusal(), HasSubstr("has 1 labels, but 2 names were given"));
  options_.labels_file.clear();
  options_.input = {40, 24};  // Not whole strides.
  EXPECT_THAT(refusal(), HasSubstr("no multiple of stride 16"));
  options_.input = {};
  options_.family = Family::yolox;
  EXPECT_THAT(refusal(), HasSubstr("are not those of family yolox"));
  std::filesystem::remove(folder_ / "tiny.bin");
  EXPECT_THAT(refusal(), HasSubstr("tiny.bin: no such file"));
}

TEST_F(Import, DoesNotTouchWhatIsThere) {
  std::filesystem::create_directories(options_.folder);
  test::write_file(options_.folder / "mine", "mine");
  const auto package = import_model(options_);
  ASSERT_FALSE(package);
  EXPECT_EQ(package.error().code(), Errc::exists);
  EXPECT_EQ(test::read_file(options_.folder / "mine"), "mine");
}

TEST_F(Import, AFolderMayEndInASlash) {
  options_.folder = folder_.path().string() + "/tiny/";
  EXPECT_EQ(import_model(options_).value().folder, folder_ / "tiny");
}

TEST_F(Import, InspectTellsWhatAModelIs) {
  ASSERT_TRUE(import_model(options_));
  auto report = inspect_model(options_.folder.string());
  ASSERT_TRUE(report) << report.error().message();
  EXPECT_TRUE(report->is_package);
  ASSERT_EQ(report->networks.size(), 1u);
  EXPECT_EQ(report->networks[0].problem, "");
  EXPECT_EQ(report->networks[0].info.inputs.at(0).shape, (std::vector<int64_t>{1, 3, 32, 64}));

  report = inspect_model(options_.file);
  ASSERT_TRUE(report) << report.error().message();
  EXPECT_FALSE(report->is_package);
  EXPECT_EQ(report->manifest.family, Family::anchor_free_grid);

  test::write_file(options_.folder / "tiny.bin", "");
  report = inspect_model(options_.folder.string());
  ASSERT_FALSE(report);
  EXPECT_THAT(report.error().message(), HasSubstr("is damaged or was changed"));
}

}  // namespace
}  // namespace pasu::detect
