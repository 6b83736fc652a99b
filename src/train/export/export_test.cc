#include "train/export/export.h"

#include <cmath>
#include <random>

#include <gmock/gmock.h>

#include "detect/detector.h"
#include "train/export/run.h"
#include "train/model/models.h"
#include "train/model/test_weights.h"

namespace pasu::train {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class Export : public testing::Test {
 protected:
  Export() : folder_(fs::temp_directory_path() / fmt::format("pasu_export_test.{}", getpid())) {
    fs::remove_all(folder_);
    fs::create_directories(folder_);
  }
  ~Export() override { fs::remove_all(folder_); }
  ExportOptions options() const {
    ExportOptions out;
    out.folder = folder_ / "person";
    return out;
  }
  const fs::path folder_;
};

TEST_F(Export, PackageRunsAtEachSize) {
  const Graph graph = pasu_person();
  ExportOptions options = this->options();
  options.sizes = {{320, 192}, {640, 384}};
  options.thresholds = {0.3f, 0.375f};
  const auto package = export_package(graph, random_weights(graph, 1), options);
  ASSERT_TRUE(package) << package.error().message();
  EXPECT_EQ(package->manifest.name, "person");
  ASSERT_EQ(package->manifest.variants.size(), 2u);
  EXPECT_EQ(package->manifest.variants[1].name, "640x384-f32");
  EXPECT_EQ(package->manifest.outputs[2].stride, 32);
  EXPECT_FALSE(fs::exists(folder_ / "person.part"));
  detect::DetectorOptions detect;
  detect.model = package->folder.string();
  const auto detector = detect::Detector::open(detect);
  ASSERT_TRUE(detector) << detector.error().message();
  EXPECT_EQ((*detector)->info().input, (geom::Size{320, 192}));
}

TEST_F(Export, HalfIsHalfTheBytes) {
  const Graph graph = pasu_person();
  ExportOptions options = this->options();
  options.half = true;
  const auto package = export_package(graph, random_weights(graph, 1), options);
  ASSERT_TRUE(package) << package.error().message();
  EXPECT_LT(fs::file_size(package->file("pasu_person.bin")), 2'150'000u);
  EXPECT_EQ(package->manifest.variants[0].precision, "f16");
}

TEST_F(Export, SsdComesWithItsAnchors) {
  const Graph graph = ssd_mobilenet_v1({.classes = 2, .depth_multiplier = 0.25});
  ExportOptions options = this->options();
  options.sizes = {{300, 300}};
  options.labels = {"cat", "dog"};
  options.resize = artifact::Resize::stretch;
  EXPECT_THAT(export_package(graph, random_weights(graph, 1), options).error().message(),
              HasSubstr("need the anchors"));
  options.anchors = AnchorBoxes{.anchors = {{1916, 4}, std::vector<float>(4 * 1916, 0.5f)}};
  EXPECT_THAT(export_package(graph, random_weights(graph, 1), options).error().message(),
              HasSubstr("gives 1917 boxes at 300x300, and the anchors are [1916, 4]"));
  options.anchors = AnchorBoxes{.anchors = {{1917, 4}, std::vector<float>(4 * 1917, 0.5f)}};
  const auto package = export_package(graph, random_weights(graph, 1), options);
  ASSERT_TRUE(package) << package.error().message();
  EXPECT_EQ(package->manifest.family, artifact::Family::tfod_raw);
  EXPECT_EQ(package->manifest.label_first, 1);
  EXPECT_EQ(package->manifest.input.resize, artifact::Resize::stretch);
}

TEST_F(Export, RefusesWhatDoesNotFit) {
  const Graph graph = pasu_person();
  const Weights good = random_weights(graph, 1);
  ExportOptions options = this->options();
  options.labels = {"person", "dog"};
  EXPECT_THAT(export_package(graph, good, options).error().message(),
              HasSubstr("tells 1 labels apart, and 2 are named"));
  options = this->options();
  options.sizes = {{320, 180}};
  EXPECT_THAT(export_package(graph, good, options).error().message(),
              HasSubstr("all strides divide"));
  options = this->options();
  Weights bad = good;
  bad["stem.0/weights"].values[3] = NAN;
  EXPECT_THAT(export_package(graph, bad, options).error().message(),
              HasSubstr("array 'stem.0/weights' holds a NaN"));
  bad.erase("stem.0/weights");
  EXPECT_THAT(export_package(graph, bad, options).error().message(),
              HasSubstr("has no array 'stem.0/weights'"));
  EXPECT_FALSE(fs::exists(folder_ / "person.part"));
  fs::create_directories(options.folder);
  EXPECT_EQ(export_package(graph, good, options).error().code(), Errc::exists);
}

TEST(Exportable, IsWhatTheCheckpointSays) {
  const Graph graph = pasu_person();
  const Weights plain = random_weights(graph, 1);
  Checkpoint checkpoint{.facts = {{kGraphFact, write_graph(graph)},
                                  {kLabelsFact, "man\nwoman"},
                                  {kResizeFact, "stretch"},
                                  {kSizesFact, "320x192,640x384"}},
                        .arrays = plain};
  checkpoint.arrays["adam/stem.0/weights"] = {{1}, {0}};
  ExportOptions options;
  const auto read = read_exportable(checkpoint, options);
  ASSERT_TRUE(read) << read.error().message();
  EXPECT_EQ(read->graph, graph);
  EXPECT_EQ(read->weights, plain);
  EXPECT_THAT(options.labels, testing::ElementsAre("man", "woman"));
  EXPECT_EQ(options.resize, artifact::Resize::stretch);
  EXPECT_THAT(options.sizes, testing::ElementsAre(geom::Size{320, 192}, geom::Size{640, 384}));
  EXPECT_EQ(options.nms, geom::NmsOptions());
  checkpoint.facts[kSuppressionFact] = "1e-08,0.6,50,80";
  ASSERT_TRUE(read_exportable(checkpoint, options));
  EXPECT_EQ(options.nms,
            (geom::NmsOptions{
                .iou = 0.6F, .candidates_max = 100'000, .kept_max = 80, .kept_per_label_max = 50}));
  EXPECT_THAT(options.thresholds, testing::ElementsAre(kThreshold));
  options.thresholds = {};
  checkpoint.facts[kSuppressionFact] = "0.45,0.6,50,80";
  ASSERT_TRUE(read_exportable(checkpoint, options));
  EXPECT_THAT(options.thresholds, testing::ElementsAre(0.45F));
  checkpoint.facts[kSuppressionFact] = "0.45,0.6,50";
  EXPECT_THAT(read_exportable(checkpoint, options).error().message(),
              HasSubstr("its fact 'suppression' holds no four numbers"));
  checkpoint.facts.erase(kGraphFact);
  EXPECT_THAT(read_exportable(checkpoint, options).error().message(), HasSubstr("no fact 'graph'"));
}

// y = 10 codes a tenth of the anchor's height each, sizes grow by e in 5 codes: TF OD API's
// box_coders/faster_rcnn_box_coder.py by hand.
TEST(Anchors, DecodeAsTheBoxCoderSays) {
  auto graph = parse_graph(
      "model tiny\n"
      "input image mean=0,0,0 scale=1\n"
      "conv b from=image in=3 out=4 kernel=1 bias=1\n"
      "cells boxes from=b depth=4\n"
      "conv c from=image in=3 out=2 kernel=1 bias=1\n"
      "cells classes from=c depth=2\n"
      "output box_encodings node=boxes\n"
      "output class_logits node=classes\n");
  ASSERT_TRUE(graph) << graph.error().message();
  Weights weights = random_weights(*graph, 1);
  std::fill(weights["b/weights"].values.begin(), weights["b/weights"].values.end(), 0.f);
  std::fill(weights["c/weights"].values.begin(), weights["c/weights"].values.end(), 0.f);
  weights["b/biases"].values = {1, -2, 5, 0};
  weights["c/biases"].values = {0, std::log(3.f)};
  const AnchorBoxes anchors{.anchors = {{1, 4}, {0.5f, 0.4f, 0.2f, 0.1f}}};
  const auto out = run_graph(*graph, weights, {{1, 3, 1, 1}, {0, 0, 0}}, anchors);
  ASSERT_TRUE(out) << out.error().message();
  const float e = std::exp(1.f);
  const float expected[] = {0.52f - 0.1f * e, 0.38f - 0.05f, 0.52f + 0.1f * e, 0.38f + 0.05f};
  for (size_t i = 0; i < 4; ++i) EXPECT_NEAR((*out)[0].values[i], expected[i], 1e-6) << i;
  EXPECT_NEAR((*out)[1].values[1], 0.75f, 1e-6);
}

}  // namespace
}  // namespace pasu::train
