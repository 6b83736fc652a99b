#include "train/ssd/settings.h"

#include <filesystem>

#include <gmock/gmock.h>

namespace pasu::train::ssd {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

Result<Settings> settings(const std::string& text) {
  return settings_from(*pipeline::parse_config(text, "p.config"));
}

TEST(SsdSettings, TheRaccoonConfiguration) {
  const std::string path =
      PASU_SOURCE_DIR "/../shared/data/tf_od/records/raccoon_ssd_mobilenet_v1_pets.config";
  if (!std::filesystem::exists(path)) GTEST_SKIP() << path << " is not here";
  const auto config = pipeline::read_config(path).value();
  const Settings s = settings_from(config).value();
  EXPECT_EQ(s.extractor, "ssd_mobilenet_v1");
  EXPECT_EQ(s.model.classes, 1);
  EXPECT_THAT(s.model.boxes_per_cell, ElementsAre(3, 6, 6, 6, 6, 6));
  EXPECT_NEAR(s.model.norm.momentum, 3e-4, 1e-7);
  EXPECT_EQ(s.input, (geom::Size{300, 300}));
  EXPECT_FLOAT_EQ(static_cast<float>(s.weight_decay), 4e-5f);
  EXPECT_EQ(s.augmentation.ssd_crop, 1);
  EXPECT_EQ(s.augmentation.flip, 0.5f);
  ASSERT_TRUE(s.loss.miner);
  EXPECT_EQ(s.loss.miner->examples_max, 3000);
  EXPECT_EQ(s.loss.mined_by, LossOptions::MinedBy::classes);
  EXPECT_TRUE(s.loss.matcher.force_match);
  EXPECT_TRUE(s.loss.by_matches);

  // As many anchors as the graph predicts boxes.
  const auto made = anchors(s.anchors, grids_of(s), s.input);
  EXPECT_EQ(made.size(), 1917u);
  const Graph graph = graph_of(s);
  const auto all = shapes(graph, 300, 300).value();
  for (const Output& output : graph.outputs)
    EXPECT_EQ(all[static_cast<size_t>(output.node)][1], 1917) << output.name;
  const auto sets = sets_from(*config.block("train_input_reader")).value();
  ASSERT_EQ(sets.size(), 1u);
  EXPECT_THAT(sets[0].label_map, HasSubstr("object-detection.pbtxt"));
}

TEST(SsdSettings, EverySampleIsTakenOrSaysWhyNot) {
  const std::filesystem::path root = PASU_SOURCE_DIR "/../shared/data/tf_od";
  if (!std::filesystem::exists(root)) GTEST_SKIP() << root.string() << " is not here";
  size_t taken = 0;
  for (const char* folder : {"configs_2017", "configs_2020"})
    for (const auto& entry : std::filesystem::directory_iterator(root / folder)) {
      const std::string name = entry.path().filename().string();
      if (!name.starts_with("ssd_mobilenet_v") && !name.starts_with("ssdlite_mobilenet_v"))
        continue;
      const auto config = pipeline::read_config(entry.path().string());
      ASSERT_TRUE(config) << name;
      const auto made = settings_from(*config);
      if (!made) {
        EXPECT_EQ(made.error().code(), Errc::unsupported) << made.error().message();
        EXPECT_THAT(name, testing::AnyOf(HasSubstr("fpn"), HasSubstr("ppn"), HasSubstr("fullyconv"),
                                         HasSubstr("mobilenet_v3")))
            << made.error().message();
        continue;
      }
      ++taken;
      const Graph graph = graph_of(*made);
      const auto all = shapes(graph, made->input.width, made->input.height).value();
      EXPECT_EQ(all[static_cast<size_t>(graph.outputs[0].node)][1],
                static_cast<int64_t>(anchors(made->anchors, grids_of(*made), made->input).size()))
          << name;
    }
  EXPECT_GT(taken, 4u);
}

constexpr const char* kLeast =
    "feature_extractor {{ type: '{}' {} }} image_resizer {{ fixed_shape_resizer {{ width: 320 "
    "height: 192 }} }} {}";
std::string least(const std::string& type, const std::string& extractor = "",
                  const std::string& more = "") {
  return "model { ssd { num_classes: 2 " +
         fmt::format(fmt::runtime(kLeast), type, extractor, more) + " } }";
}

TEST(SsdSettings, OddSizesAndPresets) {
  const Settings s = settings(least("ssd_mobilenet_v2", "use_depthwise: true")).value();
  EXPECT_TRUE(s.model.lite);
  EXPECT_THAT(grids_of(s), ElementsAre(geom::Size{20, 12}, geom::Size{10, 6}, geom::Size{5, 3},
                                       geom::Size{3, 2}, geom::Size{2, 1}, geom::Size{1, 1}));
  EXPECT_FALSE(s.loss.miner);
  EXPECT_FALSE(s.loss.matcher.force_match);
  const Graph graph = graph_of(s);
  const auto all = shapes(graph, 320, 192).value();
  EXPECT_EQ(all[static_cast<size_t>(graph.outputs[0].node)][1],
            static_cast<int64_t>(anchors(s.anchors, grids_of(s), s.input).size()));
}

TEST(SsdSettings, WhatIsNotTrainedIsNamed) {
  const std::pair<std::string, const char*> kCases[] = {
      {least("ssd_inception_v3"), "feature_extractor.type: 'ssd_inception_v3'"},
      {least("ssd_mobilenet_v1", "fpn { }"), "feature_extractor: fpn"},
      {least("ssd_mobilenet_v1", "", "matcher { bipartite_matcher { } }"), "bipartite_matcher"},
      {least("ssd_mobilenet_v1", "", "box_coder { square_box_coder { } }"), "square_box_coder"},
      {least("ssd_mobilenet_v1", "",
             "loss { localization_loss { weighted_l2 { } } classification_loss { weighted_sigmoid "
             "{ } } }"),
       "weighted_l2"},
      {least("ssd_mobilenet_v1", "",
             "box_predictor { convolutional_box_predictor { use_dropout: true } }"),
       "use_dropout: 1 is not trained here; 0 is"},
      {least("ssd_mobilenet_v1", "", "freeze_batchnorm: true"), "freeze_batchnorm"},
      {"model { faster_rcnn { num_classes: 1 } }", "model is no ssd"}};
  for (const auto& [text, message] : kCases) {
    const auto made = settings(text);
    ASSERT_FALSE(made) << text;
    EXPECT_THAT(made.error().message(), HasSubstr(message));
  }
}

TEST(SsdSettings, TruthsBecomeShares) {
  const Truths made = truths_of({{.x1 = 30, .y1 = 60, .x2 = 150, .y2 = 300, .label = 1},
                                 {.x1 = 0, .y1 = 0, .x2 = 3, .y2 = 3, .ignore = true}},
                                {300, 600});
  EXPECT_EQ(made.boxes[0], (Corners{0.1f, 0.1f, 0.5f, 0.5f}));
  EXPECT_THAT(made.labels, ElementsAre(1, 0));
  EXPECT_THAT(made.ignore, ElementsAre(false, true));
}

}  // namespace
}  // namespace pasu::train::ssd
