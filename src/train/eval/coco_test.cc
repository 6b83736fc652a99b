#include "train/eval/coco.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "train/eval/detail/by_score.h"
#include "train/eval/detail/ranges.h"
#include "train/eval/made_up.h"
#include "train/eval/voc.h"

namespace pasu::eval {
namespace {

double of(const CocoNumbers& numbers, CocoNumber which) {
  return numbers[static_cast<size_t>(which)];
}

GroundTruth scene(size_t pictures, std::vector<Truth> truths) {
  GroundTruth out{.categories = {{1, "person"}}, .pictures = {}, .truths = std::move(truths)};
  out.pictures.resize(pictures);
  std::iota(out.pictures.begin(), out.pictures.end(), int64_t{1});
  for (Truth& truth : out.truths)
    if (truth.area == 0) truth.area = truth.box.w * truth.box.h;
  return out;
}

// The rule as pycocotools' documentation and code tell it, one threshold and range at a time.
struct Twin {
  const GroundTruth& truth;
  const std::vector<Detection>& detections;

  struct Judged {
    double score;
    bool found, ignored;
  };

  static double iou(const data::Box& d, const Truth& t) {
    const double w = std::min(d.x + d.w, t.box.x + t.box.w) - std::max(d.x, t.box.x);
    const double h = std::min(d.y + d.h, t.box.y + t.box.h) - std::max(d.y, t.box.y);
    if (w <= 0 || h <= 0) return 0;
    return w * h / (t.crowd ? d.w * d.h : d.w * d.h + t.box.w * t.box.h - w * h);
  }

  static bool outside(double area, size_t range) {
    constexpr double kLow[] = {0, 0, 1024, 9216}, kHigh[] = {1e10, 1024, 9216, 1e10};
    return area < kLow[range] || area > kHigh[range];
  }

  void picture(uint32_t category, uint32_t picture, double threshold, size_t range,
               std::vector<Judged>& out, size_t& count) const {
    std::vector<std::pair<const Truth*, bool>> truths;  // Ignored ones last.
    for (const bool ignored : {false, true})
      for (const Truth& t : truth.truths)
        if (t.category == category && t.picture == picture &&
            (t.crowd || outside(t.area, range)) == ignored)
          truths.emplace_back(&t, ignored);
    count += static_cast<size_t>(
        std::ranges::count_if(truths, [](const auto& one) { return !one.second; }));
    std::vector<const Detection*> found;
    for (const Detection& d : detections)
      if (d.category == category && d.picture == picture) found.push_back(&d);
    std::ranges::stable_sort(found, std::greater<>(), [](const auto* d) { return d->score; });
    found.resize(std::min<size_t>(found.size(), 100));
    std::vector<bool> taken(truths.size());
    for (const Detection* d : found) {
      double best = threshold;
      size_t match = truths.size();
      for (size_t i = 0; i < truths.size(); ++i) {
        if (taken[i] && !truths[i].first->crowd) continue;
        if (match < truths.size() && !truths[match].second && truths[i].second) break;
        if (iou(d->box, *truths[i].first) < best) continue;
        best = iou(d->box, *truths[i].first);
        match = i;
      }
      const bool matched = match < truths.size();
      if (matched) taken[match] = true;
      const bool ignored = matched ? truths[match].second : outside(d->box.w * d->box.h, range);
      out.push_back({d->score, matched, ignored});
    }
  }

  /// AP and where recall ends.
  [[nodiscard]] std::pair<double, double> curve(uint32_t category, double threshold,
                                                size_t range) const {
    std::vector<Judged> all;
    size_t count = 0;
    for (uint32_t p = 0; p < truth.pictures.size(); ++p)
      picture(category, p, threshold, range, all, count);
    if (count == 0) return {-1, -1};
    std::ranges::stable_sort(all, std::greater<>(), &Judged::score);
    std::vector<double> recall, precision;
    double right = 0, wrong = 0;
    for (const Judged& one : all) {
      if (!one.ignored) ++(one.found ? right : wrong);
      recall.push_back(right / static_cast<double>(count));
      precision.push_back(right / (right + wrong + 2.220446049250313e-16));
    }
    double sum = 0;
    for (int i = 0; i <= 100; ++i) {
      const auto at = std::ranges::lower_bound(recall, i * 0.01) - recall.begin();
      sum += std::accumulate(precision.begin() + at, precision.end(), 0.,
                             [](double a, double b) { return std::max(a, b); });
    }
    return {sum / 101, recall.empty() ? 0 : recall.back()};
  }
};

std::pair<GroundTruth, std::vector<Detection>> random_case(uint64_t seed) {
  std::mt19937_64 random(seed);
  const auto below = [&](uint64_t n) { return random() % n; };
  const auto box = [&] {
    constexpr double kSides[] = {0, 5, 20, 32, 60, 96, 200, -3};
    return data::Box{static_cast<double>(below(60)) * 8, static_cast<double>(below(40)) * 8,
                     kSides[below(8)], kSides[1 + below(7)]};
  };
  MadeUp made = make_up({.pictures = 1 + below(6),
                         .categories = 1 + below(3),
                         .truths = below(60),
                         .detections = below(400),
                         .seed = seed});
  for (Truth& truth : made.truth.truths) {
    truth.crowd = below(8) == 0;
    if (below(4) == 0) truth.box = box();
    if (below(3) == 0) truth.area = below(2) == 0 ? 1024 : 9216;
  }
  for (Detection& detection : made.detections) {
    if (below(4) == 0) detection.box = box();
    if (below(2) == 0) detection.score = static_cast<double>(below(4)) / 4;  // Equal ones.
  }
  return {std::move(made.truth), std::move(made.detections)};
}

TEST(Coco, AgreesWithTheRuleToldOneThresholdAtATime) {
  for (uint64_t seed = 0; seed < 40; ++seed) {
    SCOPED_TRACE(seed);
    const auto [truth, detections] = random_case(seed);
    const CocoResult result = evaluate_coco(truth, detections);
    const Twin twin{truth, detections};
    for (uint32_t c = 0; c < truth.categories.size(); ++c) {
      constexpr std::pair<CocoNumber, CocoNumber> kNumbers[] = {
          {CocoNumber::ap, CocoNumber::ar_100},
          {CocoNumber::ap_s, CocoNumber::ar_s},
          {CocoNumber::ap_m, CocoNumber::ar_m},
          {CocoNumber::ap_l, CocoNumber::ar_l}};
      for (size_t range = 0; range < 4; ++range) {
        double ap = 0, ar = 0;
        for (const double threshold : detail::kIous) {
          const auto [precision, recall] = twin.curve(c, threshold, range);
          ap += precision / 10;
          ar += recall / 10;
        }
        const auto& ours = result.classes[c].numbers;
        EXPECT_NEAR(of(ours, kNumbers[range].first), ap, 1e-12) << range;
        EXPECT_NEAR(of(ours, kNumbers[range].second), ar, 1e-12) << range;
      }
    }
  }
}

TEST(Coco, ThreadsChangeNothing) {
  const MadeUp made = make_up({.pictures = 300, .truths = 2000, .detections = 20'000});
  const CocoResult one = evaluate_coco(made.truth, made.detections, {.threads = 1});
  const CocoResult many = evaluate_coco(made.truth, made.detections, {.threads = 5});
  EXPECT_EQ(one.numbers, many.numbers);
  for (size_t i = 0; i < one.classes.size(); ++i)
    EXPECT_EQ(one.classes[i].numbers, many.classes[i].numbers) << i;
}

TEST(Coco, NothingToMeasure) {
  const CocoResult nothing = evaluate_coco(GroundTruth{}, {});
  EXPECT_THAT(nothing.numbers, testing::Each(-1));
  const CocoResult no_objects =
      evaluate_coco(scene(1, {}), std::vector<Detection>{{.box = {0, 0, 10, 10}, .score = 1}});
  EXPECT_THAT(no_objects.numbers, testing::Each(-1));
  EXPECT_EQ(no_objects.classes[0].all.recall, -1);
  const CocoResult no_detections = evaluate_coco(scene(1, {{.box = {0, 0, 10, 10}}}), {});
  EXPECT_EQ(of(no_detections.numbers, CocoNumber::ap), 0);
  EXPECT_EQ(of(no_detections.numbers, CocoNumber::ar_1), 0);
  EXPECT_EQ(of(no_detections.numbers, CocoNumber::ap_l), -1);
  EXPECT_EQ(no_detections.classes[0].all.recall, 0);
}

TEST(Coco, PycocotoolsNeverFindsAnnotationZero) {
  GroundTruth truth = scene(1, {{.box = {0, 0, 50, 50}}});
  const std::vector<Detection> found = {{.box = {0, 0, 50, 50}, .score = 0.9}};
  EXPECT_NEAR(of(evaluate_coco(truth, found).numbers, CocoNumber::ap), 1, 1e-12);
  truth.truths[0].id_is_zero = true;
  EXPECT_EQ(of(evaluate_coco(truth, found).numbers, CocoNumber::ap), 0);
}

TEST(Coco, MaxDetsWithoutAHundred) {
  const GroundTruth truth = scene(1, {{.box = {0, 0, 50, 50}}, {.box = {100, 0, 50, 50}}});
  const std::vector<Detection> found = {{.box = {0, 0, 50, 50}, .score = 0.9},
                                        {.box = {100, 0, 50, 50}, .score = 0.8}};
  const CocoResult result = evaluate_coco(truth, found, {.max_dets = {1, 2, 300}});
  EXPECT_EQ(of(result.numbers, CocoNumber::ap), -1);
  EXPECT_NEAR(result.ap_at_max_dets, 1, 1e-12);
  EXPECT_NEAR(of(result.numbers, CocoNumber::ap50), 1, 1e-12);
  EXPECT_EQ(of(result.numbers, CocoNumber::ar_1), 0.5);
  EXPECT_EQ(of(result.numbers, CocoNumber::ar_10), 1);
}

TEST(Coco, HundredThousandBoxesInOnePicture) {
  std::vector<Truth> truths;
  std::vector<Detection> detections;
  for (int i = 0; i < 100'000; ++i) {
    const data::Box box{static_cast<double>(i % 1000) * 10, static_cast<double>(i / 1000) * 10, 10,
                        10};
    truths.push_back({.box = box});
    detections.push_back({.box = box, .score = 1.0 / (i + 1)});
  }
  const GroundTruth truth = scene(1, std::move(truths));
  const CocoResult result = evaluate_coco(truth, detections);
  EXPECT_NEAR(of(result.numbers, CocoNumber::ar_100), 100 / 1e5, 1e-12);
  const CocoResult all = evaluate_coco(truth, detections, {.max_dets = {1, 100, 100'000}});
  EXPECT_NEAR(of(all.numbers, CocoNumber::ar_100), 1, 1e-12);
  EXPECT_NEAR(all.numbers[0], result.numbers[0], 1e-12);
  EXPECT_NEAR(evaluate_voc(truth, detections, VocRule::voc10).mean_ap, 1, 1e-9);
}

// Three right and one wrong at 0.5 and above; the fourth object only among the low scores.
TEST(WorkingPoints, ThresholdsTakeEqualScoresTogether) {
  std::vector<Truth> truths;
  std::vector<Detection> detections;
  for (int i = 0; i < 4; ++i) {
    const data::Box box{i * 100., 0, 20, 40};
    truths.push_back({.box = box});
    detections.push_back({.box = box, .score = i < 2 ? 0.9 : i == 2 ? 0.5 : 0.2});
  }
  detections.push_back({.box = {0, 300, 20, 40}, .score = 0.5});
  const CocoResult result = evaluate_coco(scene(1, truths), detections);
  const WorkingPoints& all = result.classes[0].all;
  EXPECT_EQ(all.truths, 4u);
  EXPECT_EQ(all.recall, 0.5);  // The third stands or falls with the wrong one.
  EXPECT_EQ(all.recall_score, 0.9);
  EXPECT_EQ(all.precision, 0.8);
  EXPECT_EQ(all.precision_score, 0.2);
  const auto& heights = result.classes[0].by_height;
  EXPECT_EQ(heights[2].truths, 4u);  // 32 to 64 pixels.
  EXPECT_EQ(heights[2].recall, 0.5);
  EXPECT_EQ(heights[3].truths, 0u);
  EXPECT_EQ(heights[3].recall, -1);
}

TEST(ByScore, IsAStableSortOfAnySize) {
  std::mt19937_64 random(7);
  for (const size_t size : {0, 1, 2, 24, 25, 100, 1023, 1024, 5000}) {
    std::vector<double> scores(size);
    for (double& score : scores) {
      constexpr double kOdd[] = {0., -0., 1e-310, -1e300, 1e300, -0.5, 0.5, 1};
      score = random() % 2 == 0 ? kOdd[random() % std::size(kOdd)]
                                : static_cast<double>(random() % 1000) / 1000 - 0.2;
    }
    std::vector<detail::Scored> rows, scratch;
    std::vector<uint32_t> expected(size), ours;
    std::iota(expected.begin(), expected.end(), 0u);
    for (const uint32_t row : expected) rows.push_back({detail::score_key(scores[row]), row});
    std::ranges::stable_sort(expected, [&](auto a, auto b) { return scores[a] > scores[b]; });
    detail::sort_stable(rows, scratch);
    for (const auto& row : rows) ours.push_back(row.row);
    EXPECT_EQ(ours, expected) << size;
  }
}

TEST(GroundTruth, RefusesWhatCannotBeMeasured) {
  const data::Object object{.id = 7, .category = 1, .box = {0, 0, 1, 1}, .area = 1};
  data::DataSet set{.categories = {{1, "person"}},
                    .pictures = {{.id = 5, .file = "a.jpg", .size = {}, .objects = {object}}}};
  ASSERT_TRUE(ground_truth(set));
  auto broken = set;
  broken.pictures[0].objects[0].category = 2;
  EXPECT_THAT(ground_truth(broken).error().message(),
              testing::HasSubstr("picture 5 (a.jpg): annotation 7 is of category 2"));
  broken = set;
  broken.pictures[0].objects[0].box.w = std::nan("");
  EXPECT_THAT(ground_truth(broken).error().message(), testing::HasSubstr("annotation 7"));
  broken = set;
  broken.pictures.push_back(set.pictures[0]);
  EXPECT_THAT(ground_truth(broken).error().message(), testing::HasSubstr("picture id 5"));
}

TEST(IdPlaces, FarApartAndCloseTogether) {
  const std::vector<int64_t> close = {-3, 0, 5}, far = {INT64_MIN, 0, INT64_MAX};
  for (const auto& ids : {close, far}) {
    const IdPlaces places(ids);
    for (uint32_t i = 0; i < ids.size(); ++i) EXPECT_EQ(places.find(ids[i]), i);
    EXPECT_FALSE(places.find(1));
  }
  EXPECT_FALSE(IdPlaces({}).find(0));
}

}  // namespace
}  // namespace pasu::eval
