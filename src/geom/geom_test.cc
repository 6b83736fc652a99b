// Boxes, the letterbox rule and NMS.
#include <cmath>
#include <random>
#include <vector>

#include <gtest/gtest.h>

#include "geom/box.h"
#include "geom/letterbox.h"
#include "geom/nms.h"

namespace pasu::geom {

void PrintTo(const Box& b, std::ostream* out) {
  *out << "[" << b.x << ' ' << b.y << ' ' << b.w << ' ' << b.h << "]";
}
void PrintTo(const Size& s, std::ostream* out) { *out << s.width << 'x' << s.height; }

namespace {

struct IouCase {
  const char* name;
  Box a;
  Box b;
  float iou;
};

const IouCase kIouCases[] = {
    {"the same", {10, 20, 30, 40}, {10, 20, 30, 40}, 1},
    {"apart", {0, 0, 10, 10}, {20, 0, 10, 10}, 0},
    {"edge to edge", {0, 0, 10, 10}, {10, 0, 10, 10}, 0},
    {"half shifted", {0, 0, 10, 10}, {5, 0, 10, 10}, 1.f / 3},
    {"a quarter shared", {0, 0, 2, 2}, {1, 1, 2, 2}, 1.f / 7},
    {"one inside the other", {0, 0, 10, 10}, {2, 2, 5, 5}, 0.25f},
    {"left of the picture", {-10, -10, 20, 20}, {0, 0, 10, 10}, 0.25f},
    {"an empty one", {5, 5, 0, 0}, {0, 0, 10, 10}, 0},
    {"both empty", {5, 5, 0, 0}, {5, 5, 0, 0}, 0},
    {"negative size", {5, 5, -3, 4}, {0, 0, 10, 10}, 0},
};

TEST(Box, Iou) {
  for (const IouCase& c : kIouCases) {
    EXPECT_FLOAT_EQ(iou(c.a, c.b), c.iou) << c.name;
    EXPECT_FLOAT_EQ(iou(c.b, c.a), c.iou) << c.name;
  }
}

TEST(Box, Corners) {
  const Box box = Box::from_corners(3, 4, 10, 20);
  EXPECT_EQ(box, (Box{3, 4, 7, 16}));
  EXPECT_EQ(box.right(), 10);
  EXPECT_EQ(box.bottom(), 20);
  EXPECT_EQ(box.area(), 112);
}

TEST(Box, Clip) {
  const Size size{100, 50};
  EXPECT_EQ(clip({10, 10, 20, 20}, size), (Box{10, 10, 20, 20}));
  EXPECT_EQ(clip({-10, -10, 20, 20}, size), (Box{0, 0, 10, 10}));
  EXPECT_EQ(clip({90, 40, 20, 20}, size), (Box{90, 40, 10, 10}));
  EXPECT_EQ(clip({-5, -5, 1000, 1000}, size), (Box{0, 0, 100, 50}));
  EXPECT_EQ(clip({200, 10, 20, 20}, size).area(), 0);
  EXPECT_EQ(clip({50, 20, -10, 10}, size).area(), 0);
}

struct FitCase {
  Size source;
  Size input;
  Size scaled;
  int offset_x;
  int offset_y;
};

// By hand: r = min(W/w, H/h), round(w r) x round(h r), offsets (W - w') / 2 rounded down.
const FitCase kFitCases[] = {
    {{1920, 1080}, {320, 192}, {320, 180}, 0, 6},   {{768, 576}, {320, 192}, {256, 192}, 32, 0},
    {{1080, 1920}, {320, 192}, {108, 192}, 106, 0}, {{320, 192}, {320, 192}, {320, 192}, 0, 0},
    {{160, 96}, {320, 192}, {320, 192}, 0, 0},      {{355, 289}, {320, 192}, {236, 192}, 42, 0},
    {{10000, 3}, {320, 192}, {320, 1}, 0, 95},      {{1, 1}, {320, 192}, {192, 192}, 64, 0},
};

TEST(Letterbox, Fit) {
  for (const FitCase& c : kFitCases) {
    const Letterbox box = Letterbox::fit(c.source, c.input);
    EXPECT_EQ(box.scaled, c.scaled);
    EXPECT_EQ(box.offset_x, c.offset_x);
    EXPECT_EQ(box.offset_y, c.offset_y);
    EXPECT_FLOAT_EQ(box.scale_x, box.scale);
    EXPECT_FLOAT_EQ(box.scale_y, box.scale);
  }
}

TEST(Letterbox, StretchFillsTheInput) {
  const Letterbox box = Letterbox::stretch({600, 300}, {300, 300});
  EXPECT_EQ(box.scaled, (Size{300, 300}));
  EXPECT_EQ(box.to_input({100, 100, 50, 20}), (Box{50, 100, 25, 20}));
  EXPECT_EQ(box.to_source({50, 100, 25, 20}), (Box{100, 100, 50, 20}));
}

TEST(Letterbox, MapsTheWholePictureOntoItsPlace) {
  const Letterbox box = Letterbox::fit({1920, 1080}, {320, 192});
  EXPECT_EQ(box.to_input({0, 0, 1920, 1080}), (Box{0, 6, 320, 180}));
  EXPECT_EQ(box.to_source({0, 0, 320, 192}), (Box{0, 0, 1920, 1080}));  // the bars are clipped off
}

TEST(Letterbox, ThereAndBack) {
  std::mt19937 random(1);
  const auto up_to = [&](int n) { return static_cast<int>(random() % static_cast<unsigned>(n)); };
  for (int i = 0; i < 2000; ++i) {
    const Size source{1 + up_to(4000), 1 + up_to(3000)};
    const Size input{1 + up_to(640), 1 + up_to(640)};
    const Letterbox fit = Letterbox::fit(source, input);
    ASSERT_LE(fit.offset_x + fit.scaled.width, input.width);
    ASSERT_LE(fit.offset_y + fit.scaled.height, input.height);
    ASSERT_GE(fit.offset_x, 0);
    ASSERT_GE(fit.offset_y, 0);
    // One side is filled, to the rounding.
    ASSERT_TRUE(fit.scaled.width == input.width || fit.scaled.height == input.height);
    const float x = static_cast<float>(up_to(source.width));
    const float y = static_cast<float>(up_to(source.height));
    const Box inside =
        Box::from_corners(x, y, x + static_cast<float>(up_to(source.width - static_cast<int>(x))),
                          y + static_cast<float>(up_to(source.height - static_cast<int>(y))));
    for (const Letterbox& box : {fit, Letterbox::stretch(source, input)}) {
      const Box back = box.to_source(box.to_input(inside));
      // A float has 24 bits: a 64th of an input pixel, seen in the source.
      const float tolerance = 0.02f / std::min({box.scale_x, box.scale_y, 1.f});
      ASSERT_NEAR(back.x, inside.x, tolerance);
      ASSERT_NEAR(back.y, inside.y, tolerance);
      ASSERT_NEAR(back.right(), inside.right(), tolerance);
      ASSERT_NEAR(back.bottom(), inside.bottom(), tolerance);
    }
  }
}

std::vector<float> scores_after(std::vector<Detection> detections, const NmsOptions& options) {
  nms(detections, options);
  std::vector<float> out;
  for (const auto& d : detections) out.push_back(d.score);
  return out;
}

TEST(Nms, OfEachLabelAtMostSoMany) {
  std::vector<Detection> in;
  for (int i = 0; i < 6; ++i)  // Apart from each other, labels 0, 0, 0, 1, 1, 1.
    in.push_back(
        {{20.f * static_cast<float>(i), 0, 10, 10}, 0.9f - 0.1f * static_cast<float>(i), i / 3});
  const auto labels_after = [&](const NmsOptions& options) {
    std::vector<Detection> out = in;
    nms(out, options);
    std::vector<int> labels;
    for (const Detection& one : out) labels.push_back(one.label);
    return labels;
  };
  EXPECT_EQ(labels_after({.kept_per_label_max = 2}), (std::vector<int>{0, 0, 1, 1}));
  EXPECT_EQ(labels_after({.kept_max = 3, .kept_per_label_max = 2}), (std::vector<int>{0, 0, 1}));
  EXPECT_EQ(labels_after({.kept_max = 5}), (std::vector<int>{0, 0, 0, 1, 1}));
}

// IoU with the first box: 1/3 (second), 0.6 (third); of second and third: 2/3.
const Box kFirst{0, 0, 10, 10};
const Box kSecond{5, 0, 10, 10};
const Box kThird{2.5f, 0, 10, 10};

TEST(Nms, KeepsTheBestOfEachHeap) {
  const std::vector<Detection> in{
      {kSecond, 0.5f, 0}, {kFirst, 0.9f, 0}, {kThird, 0.7f, 0}, {{50, 50, 5, 5}, 0.1f, 0}};
  EXPECT_EQ(scores_after(in, {.iou = 0.5f}), (std::vector<float>{0.9f, 0.5f, 0.1f}));
  EXPECT_EQ(scores_after(in, {.iou = 0.3f}), (std::vector<float>{0.9f, 0.1f}));
  EXPECT_EQ(scores_after(in, {.iou = 0.9f}), (std::vector<float>{0.9f, 0.7f, 0.5f, 0.1f}));
}

TEST(Nms, ASuppressedBoxSuppressesNothing) {
  // Greedy: the third falls to the first, so the second, which overlaps only the third, stays.
  EXPECT_EQ(scores_after({{kFirst, 0.9f, 0}, {kThird, 0.8f, 0}, {kSecond, 0.7f, 0}}, {.iou = 0.5f}),
            (std::vector<float>{0.9f, 0.7f}));
}

TEST(Nms, OverlapAtTheThresholdStays) {
  EXPECT_EQ(scores_after({{kFirst, 0.9f, 0}, {kFirst, 0.8f, 0}}, {.iou = 1.f}).size(), 2u);
}

TEST(Nms, LabelsApartOrTogether) {
  const std::vector<Detection> in{{kFirst, 0.9f, 0}, {kFirst, 0.8f, 1}, {kFirst, 0.7f, 1}};
  EXPECT_EQ(scores_after(in, {}), (std::vector<float>{0.9f, 0.8f}));
  EXPECT_EQ(scores_after(in, {.per_label = false}), (std::vector<float>{0.9f}));
}

TEST(Nms, Limits) {
  std::vector<Detection> in;
  for (int i = 0; i < 500; ++i)
    in.push_back({{static_cast<float>(20 * i), 0, 10, 10}, static_cast<float>(i) / 500, 0});
  EXPECT_EQ(scores_after(in, {}).size(), 100u);
  EXPECT_EQ(scores_after(in, {.kept_max = 1000}).size(), 300u);
  EXPECT_EQ(scores_after(in, {.kept_max = 3}),
            (std::vector<float>{499.f / 500, 498.f / 500, 497.f / 500}));
  EXPECT_TRUE(scores_after({}, {}).empty());
}

TEST(Nms, EqualScoresKeepTheirOrder) {
  std::vector<Detection> in{
      {{0, 0, 1, 1}, 0.5f, 3}, {{9, 0, 1, 1}, 0.5f, 1}, {{5, 0, 1, 1}, 0.5f, 2}};
  const auto want = in;
  nms(in, {});
  EXPECT_EQ(in, want);
}

TEST(Nms, SurvivorsDoNotOverlapAndTheRestIsExplained) {
  std::mt19937 random(2);
  std::uniform_real_distribution<float> at(0, 60);
  for (int round = 0; round < 50; ++round) {
    std::vector<Detection> in;
    for (int i = 0; i < 80; ++i)
      in.push_back({{at(random), at(random), 5 + at(random) / 3, 5 + at(random) / 3},
                    at(random) / 60,
                    static_cast<int>(random() % 2)});
    std::vector<Detection> out = in;
    nms(out, {});
    for (size_t i = 0; i < out.size(); ++i)
      for (size_t j = 0; j < i; ++j) {
        ASSERT_GE(out[j].score, out[i].score);
        if (out[i].label == out[j].label) {
          ASSERT_LE(iou(out[i].box, out[j].box), 0.5f);
        }
      }
    for (const Detection& d : in) {
      const bool explained = std::any_of(out.begin(), out.end(), [&](const Detection& kept) {
        return kept == d ||
               (kept.label == d.label && kept.score >= d.score && iou(kept.box, d.box) > 0.5f);
      });
      ASSERT_TRUE(explained);
    }
  }
}

}  // namespace
}  // namespace pasu::geom
