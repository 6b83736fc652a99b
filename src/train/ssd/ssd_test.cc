// Against the TF Object Detection API's own numbers (../shared/data/tf_od/numerics: written by its
// code), and laws.
#include <cmath>
#include <filesystem>
#include <random>

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include "train/ssd/anchors.h"
#include "train/ssd/loss.h"
#include "train/ssd/test_npz.h"

namespace pasu::train::ssd {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

class Numerics : public testing::Test {
 protected:
  void SetUp() override {
    if (!fs::exists(folder_)) GTEST_SKIP() << folder_.string() << " is not here";
  }
  [[nodiscard]] std::string bytes(const std::string& name) const {
    return read_file(folder_ / name, 64 << 20).value();
  }
  [[nodiscard]] json numbers() const { return json::parse(bytes("odapi_numerics.json")); }

  fs::path folder_ = PASU_SOURCE_DIR "/../shared/data/tf_od/numerics";
};

Corners corners(const json& box) { return {box[0], box[1], box[2], box[3]}; }
std::vector<Corners> all_corners(const json& boxes) {
  std::vector<Corners> out;
  for (const json& box : boxes) out.push_back(corners(box));
  return out;
}
void expect_near(const Corners& a, const Corners& b, double within) {
  EXPECT_NEAR(a.y1, b.y1, within);
  EXPECT_NEAR(a.x1, b.x1, within);
  EXPECT_NEAR(a.y2, b.y2, within);
  EXPECT_NEAR(a.x2, b.x2, within);
}

const std::vector<geom::Size> kGrids = {{19, 19}, {10, 10}, {5, 5}, {3, 3}, {2, 2}, {1, 1}};
AnchorOptions coco_anchors() {
  AnchorOptions out;
  out.aspect_ratios = {1, 2, 0.5f, 3, 0.3333f};  // As the sample configurations write it.
  return out;
}

TEST_F(Numerics, Anchors) {
  const std::vector<float> golden = npy_floats(bytes("anchors_ssd_mobilenet_v1_coco_300.npy"));
  const auto made = anchors(coco_anchors(), kGrids, {300, 300});
  ASSERT_EQ(made.size(), 1917u);
  ASSERT_EQ(golden.size(), made.size() * 4);
  for (size_t i = 0; i < made.size(); ++i)
    expect_near(made[i], {golden[i * 4], golden[i * 4 + 1], golden[i * 4 + 2], golden[i * 4 + 3]},
                1e-6);
  EXPECT_EQ(anchors_per_cell(coco_anchors()),
            numbers()["anchors_ssd_mobilenet_v1_coco"]["num_per_loc"].get<std::vector<int>>());
}

TEST_F(Numerics, BoxCoder) {
  const json golden = numbers()["box_coder"];
  for (size_t i = 0; i < golden["boxes"].size(); ++i) {
    const Corners box = corners(golden["boxes"][i]), anchor = corners(golden["anchors"][i]);
    const Code code = encode(box, anchor);
    Code expected{};
    for (size_t k = 0; k < 4; ++k) {
      expected[k] = golden["encoded"][i][k];
      EXPECT_NEAR(code[k], expected[k], 1e-5 * std::max(1.f, std::abs(expected[k])));
    }
    expect_near(decode(expected, anchor), corners(golden["decoded"][i]), 1e-5);
  }
}

TEST_F(Numerics, Matcher) {
  const json golden = numbers()["matcher_force_match"];
  const auto truths = all_corners(golden["gt"]), anchors = all_corners(golden["anchors"]);
  for (size_t t = 0; t < truths.size(); ++t)
    for (size_t a = 0; a < anchors.size(); ++a)
      EXPECT_NEAR(iou(truths[t], anchors[a]), golden["iou"][t][a].get<float>(), 1e-6);
  EXPECT_EQ(match(truths, anchors), golden["match"].get<std::vector<int>>());
}

TEST_F(Numerics, Losses) {
  for (const json& one : json::parse(bytes("ssd_loss.json"))) {
    const std::string zip = bytes(fmt::format(
        "ssd_loss_{}_nc{}.npz", one["config"].get<std::string>(), one["num_classes"].get<int>()));
    const auto codes = npy_floats(unzipped(zip, "box_encodings.npy"));
    const auto logits = npy_floats(unzipped(zip, "class_predictions_with_background.npy"));
    const std::vector<float> golden = npy_floats(bytes(one["anchors"]));
    std::vector<Corners> anchors;
    for (size_t i = 0; i < golden.size(); i += 4)
      anchors.push_back({golden[i], golden[i + 1], golden[i + 2], golden[i + 3]});
    std::vector<Truths> truths;
    for (size_t i = 0; i < one["gt_boxes_yxyx"].size(); ++i)
      truths.push_back({.boxes = all_corners(one["gt_boxes_yxyx"][i]),
                        .labels = one["gt_labels_zero_based"][i].get<std::vector<int>>(),
                        .ignore = {}});
    const Loss made = loss({.codes = codes, .logits = logits}, anchors, truths);
    const json& losses = one["losses"];
    const double box = losses["Loss/localization_loss"],
                 classes = losses["Loss/classification_loss"];
    EXPECT_NEAR(made.box, box, 1e-5 * box);
    EXPECT_NEAR(made.classes, classes, 1e-5 * classes);
  }
}

TEST(Anchors, CountInTheShorterSide) {
  AnchorOptions one;
  one.layers = 1;
  one.scales = {0.5f};
  one.aspect_ratios = {1};
  one.interpolated_ratio = 0;
  one.reduce_lowest = false;
  const auto made = anchors(one, {{2, 1}}, {400, 200});
  ASSERT_EQ(made.size(), 2u);
  expect_near(made[0], {0.25f, 0.125f, 0.75f, 0.375f}, 1e-6);
  expect_near(made[1], {0.25f, 0.625f, 0.75f, 0.875f}, 1e-6);
}

TEST(Matcher, OfTwoThresholdsWhatLiesBetweenDoesNotCount) {
  const std::vector<Corners> truths = {{0, 0, 1, 1}};
  const std::vector<Corners> anchors = {{0, 0, 1, 0.9f}, {0, 0, 1, 0.45f}, {0, 0, 1, 0.2f}};
  EXPECT_THAT(match(truths, anchors, {.matched = 0.6f, .unmatched = 0.4f}),
              testing::ElementsAre(0, kNotCounted, kBackground));
  EXPECT_THAT(
      match(truths, anchors, {.matched = 0.6f, .unmatched = 0.4f, .negatives_lower = false}),
      testing::ElementsAre(0, kBackground, kNotCounted));
  EXPECT_THAT(match({}, anchors), testing::Each(kBackground));
}

TEST(Matcher, ForcedTruthsGetTheirBestAnchorTheFirstOneAContestedOne) {
  const std::vector<Corners> truths = {{0, 0, 0.2f, 0.2f}, {0, 0, 0.21f, 0.2f}};
  const std::vector<Corners> anchors = {{0, 0, 1, 1}, {0.5f, 0.5f, 1, 1}};
  EXPECT_THAT(match(truths, anchors), testing::ElementsAre(0, kBackground));
  EXPECT_THAT(match(truths, anchors, {.force_match = false}), testing::Each(kBackground));
}

TEST(HardMiner, KeepsThreeBackgroundsAPositive) {
  std::vector<Corners> boxes;
  std::vector<float> losses;
  std::vector<int> matches;
  for (int i = 0; i < 10; ++i) {
    const float at = static_cast<float>(i) / 10;
    boxes.push_back({at, at, at + 0.1f, at + 0.1f});
    losses.push_back(static_cast<float>(i));
    matches.push_back(i == 2 ? 0 : kBackground);
  }
  EXPECT_THAT(mine(boxes, losses, matches, {}), testing::ElementsAre(9, 8, 7, 2));
  EXPECT_THAT(mine(boxes, losses, matches, {.examples_max = 2}), testing::IsEmpty());
  EXPECT_THAT(mine(boxes, losses, matches, {.examples_max = 2, .negatives_min = 1}),
              testing::ElementsAre(9));
  boxes[8] = boxes[9];  // The same prediction twice counts once.
  EXPECT_THAT(mine(boxes, losses, matches, {}), testing::ElementsAre(9, 7, 6, 2));
}

class Gradients : public testing::TestWithParam<LossOptions::Classes> {};
INSTANTIATE_TEST_SUITE_P(Each, Gradients,
                         testing::Values(LossOptions::Classes::sigmoid,
                                         LossOptions::Classes::softmax,
                                         LossOptions::Classes::focal));

TEST_P(Gradients, AreTheSlopesOfTheLoss) {
  AnchorOptions few;
  few.layers = 2;
  const auto boxes = anchors(few, {{3, 3}, {1, 1}}, {96, 96});
  std::mt19937 random(3);
  const auto draw = [&] { return static_cast<float>(random()) / 4294967296.f * 4 - 2; };
  std::vector<float> codes(2 * boxes.size() * 4), logits(2 * boxes.size() * 3);
  for (float& v : codes) v = draw();
  for (float& v : logits) v = draw();
  const std::vector<Truths> truths = {
      {.boxes = {{0.1f, 0.1f, 0.6f, 0.4f}, {0.5f, 0.5f, 0.9f, 0.9f}},
       .labels = {0, 1},
       .ignore = {}},
      {.boxes = {{0.2f, 0.2f, 0.8f, 0.8f}, {0, 0, 0.3f, 0.3f}},
       .labels = {1, 0},
       .ignore = {false, true}}};
  LossOptions options;
  options.classes = GetParam();
  options.miner.reset();  // Which anchors count may change under a step.
  options.class_weight = 0.7f;
  options.box_weight = 1.3f;
  const auto value = [&] {
    const Loss one = loss({.codes = codes, .logits = logits}, boxes, truths, options);
    return double{one.box} + one.classes;
  };
  const Loss at = loss({.codes = codes, .logits = logits}, boxes, truths, options);
  const auto check = [&](std::vector<float>& values, const std::vector<float>& gradient) {
    for (size_t i = 0; i < values.size(); i += 7) {
      constexpr float kStep = 1e-2f;
      const float before = values[i];
      values[i] = before + kStep;
      const double up = value();
      values[i] = before - kStep;
      const double down = value();
      values[i] = before;
      EXPECT_NEAR((up - down) / (2 * kStep), gradient[i], 2e-3) << i;
    }
  };
  check(codes, at.codes_gradient);
  check(logits, at.logits_gradient);
}

TEST(Loss, WhatIsNoNumberDoesNotHideFromTheMiner) {
  const std::vector<Corners> anchors(50, {0, 0, 0.5f, 0.5f});
  std::vector<float> codes(200), logits(100);
  logits[77] = std::nanf("");
  const std::vector<Truths> truths = {{.boxes = {{0, 0, 1, 1}}, .labels = {0}, .ignore = {}}};
  EXPECT_TRUE(std::isnan(loss({.codes = codes, .logits = logits}, anchors, truths).classes));
}

TEST(Loss, BackgroundMayBeZeros) {
  const std::vector<Corners> anchors = {{0, 0, 0.5f, 0.5f}};
  const std::vector<float> codes(4), logits = {1, -2};
  LossOptions options;
  options.miner.reset();
  options.background_as_zeros = true;
  const std::vector<Truths> none(1);
  const Loss made = loss({.codes = codes, .logits = logits}, anchors, none, options);
  EXPECT_NEAR(made.classes, std::log1p(std::exp(1.0)) + std::log1p(std::exp(-2.0)), 1e-6);
}

TEST(Loss, IgnoredTruthsAreNeitherForNorAgainst) {
  const std::vector<Corners> anchors = {{0, 0, 0.5f, 0.5f}, {0.5f, 0.5f, 1, 1}};
  const std::vector<float> codes(8), logits(4);
  LossOptions options;
  options.miner.reset();
  const std::vector<Truths> ignored = {{.boxes = {anchors[0]}, .labels = {0}, .ignore = {true}}};
  const Loss made = loss({.codes = codes, .logits = logits}, anchors, ignored, options);
  EXPECT_EQ(made.matched, 0);
  EXPECT_EQ(made.box, 0);
  EXPECT_FLOAT_EQ(made.classes, 2 * std::log(2.f));  // The other anchor's two logits of 0.
  EXPECT_EQ(made.logits_gradient[0], 0);
  EXPECT_EQ(made.logits_gradient[1], 0);
}

}  // namespace
}  // namespace pasu::train::ssd
