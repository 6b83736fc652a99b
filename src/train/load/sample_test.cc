// Do boxes lie where the pixels went, and what do lenses and encoders of ours do to pixels.
#include <cmath>
#include <cstdlib>

#include <gmock/gmock.h>

#include "train/load/detail/color.h"
#include "train/load/detail/degrade.h"
#include "train/load/detail/sample_maker.h"
#include "train/load/detail/ssd_crop.h"
#include "train/load/detail/view.h"
#include "train/load/test_pictures.h"
#include "train/load/tfod_options.h"

namespace pasu::train {
namespace {

constexpr geom::Size kFrame{352, 240};

/// The extent of the red pixels in [x1, x2) by [y1, y2), edges half-covered pixels tell.
struct Extent {
  float x1 = 1e9f, y1 = 1e9f, x2 = -1, y2 = -1;
};
Extent red_extent(const std::vector<uint8_t>& rgb, geom::Size size) {
  Extent out;
  for (int y = 0; y < size.height; ++y)
    for (int x = 0; x < size.width; ++x) {
      const uint8_t* p =
          rgb.data() +
          (static_cast<size_t>(y) * static_cast<size_t>(size.width) + static_cast<size_t>(x)) * 3;
      if (p[0] <= p[2] + 1 || p[0] < 100) continue;
      out.x1 = std::min(out.x1, static_cast<float>(x));
      out.y1 = std::min(out.y1, static_cast<float>(y));
      out.x2 = std::max(out.x2, static_cast<float>(x + 1));
      out.y2 = std::max(out.y2, static_cast<float>(y + 1));
    }
  return out;
}

struct Variant {
  const char* name;
  void (*change)(Augmentation&);
  bool fill = false;
  float stretch = 1;
  double shift_max = 0.2;  ///< Few different views round to whole pixels to one side.
};
const Variant kVariants[] = {
    {"Plain", [](Augmentation&) {}},
    {"Flip", [](Augmentation& a) { a.flip = 1; }},
    {"Fill", [](Augmentation&) {}, true, 1, 0.6},
    {"Views",
     [](Augmentation& a) {
       a.plain = 0;
       a.flip = 0.5f;
     }},
    {"WidthJitter",
     [](Augmentation& a) {
       a.plain = 0;
       a.width_jitter = 1;
       a.flip = 0.5f;
     },
     false, 1.4f},
    {"Stretched", [](Augmentation& a) { a.width_jitter = 1; }, false, 0.7f, 0.6},
    {"SsdCrops",
     [](Augmentation& a) {
       a.ssd_crop = 1;
       a.flip = 0.5f;
     },
     true},
};

class Boxes : public testing::TestWithParam<Variant> {};
INSTANTIATE_TEST_SUITE_P(Each, Boxes, testing::ValuesIn(kVariants),
                         [](const auto& one) { return one.param.name; });

TEST_P(Boxes, LieWhereThePixelsWent) {
  PictureSetOptions options;
  SetOptions set;
  set.path =
      red_set(std::string("boxes_") + GetParam().name, kFrame,
              {{100, 60, 60, 140}, {10, 100, 40, 80}, {300, 0, 52, 240}, {200, 150, 30, 90}});
  set.stretch_min = set.stretch_max = GetParam().stretch;
  options.sets = {set};
  const auto pictures = PictureSet::open(options).value();
  Augmentation augmentation = Augmentation::none();
  GetParam().change(augmentation);
  const std::vector<uint32_t> all = {0, 1, 2, 3};
  size_t seen = 0;
  double shift_x = 0, shift_y = 0;
  for (uint64_t round = 0; round < 120; ++round) {
    const geom::Size size = round % 2 == 0 ? geom::Size{320, 192} : geom::Size{300, 300};
    const BatchPlan plan{
        .size = size, .count = 1, .augmentation = &augmentation, .fill = GetParam().fill};
    std::vector<uint8_t> rgb(static_cast<size_t>(size.width * size.height) * 3);
    const auto entry =
        detail::make_sample(*pictures, {plan, round % 4, all}, detail::Random(3, 0, round), rgb)
            .value();
    if (entry.truths.empty()) continue;
    ASSERT_EQ(entry.truths.size(), 1u);
    const Truth& truth = entry.truths[0];
    const Extent red = red_extent(rgb, size);
    if (truth.width() < 3 || truth.height() < 3) continue;
    // An enlarged edge is as soft as a chroma pixel is large.
    const float slack = 3.5f;
    EXPECT_NEAR(truth.x1, red.x1, slack) << round;
    EXPECT_NEAR(truth.y1, red.y1, slack) << round;
    EXPECT_NEAR(truth.x2, red.x2, slack) << round;
    EXPECT_NEAR(truth.y2, red.y2, slack) << round;
    shift_x += (truth.x1 + truth.x2 - red.x1 - red.x2) / 2;
    shift_y += (truth.y1 + truth.y2 - red.y1 - red.y2) / 2;
    ++seen;
  }
  EXPECT_GT(seen, 60u);
  // On average boxes lie neither left nor right of the pixels: networks learn such a shift.
  EXPECT_NEAR(shift_x / static_cast<double>(seen), 0, GetParam().shift_max);
  EXPECT_NEAR(shift_y / static_cast<double>(seen), 0, GetParam().shift_max);
}

/// One picture, somebody red in it.
auto one_person(const std::string& name) {
  PictureSetOptions options;
  SetOptions set;
  set.path = red_set(name, kFrame, {{100, 60, 60, 140}});
  options.sets = {set};
  return PictureSet::open(options).value();
}

/// Samples of that picture.
struct Sampler {
  Sampler(const std::string& name, geom::Size size, uint64_t seed)
      : pictures(one_person(name)), size(size), seed(seed) {}
  Batch::Entry draw(uint64_t round) {
    const BatchPlan plan{.size = size, .count = 1, .augmentation = &augmentation};
    return detail::make_sample(*pictures, {plan, 0, all}, detail::Random(seed, 0, round), rgb)
        .value();
  }

  decltype(one_person("")) pictures;
  const geom::Size size;
  const uint64_t seed;
  Augmentation augmentation = Augmentation::none();
  const std::vector<uint32_t> all = {0};
  std::vector<uint8_t> rgb =
      std::vector<uint8_t>(static_cast<size_t>(size.width * size.height) * 3);
};

TEST(Samples, MosaicsHoldTheBoxesOfTheirTiles) {
  Sampler sampler("mosaic", {320, 192}, 5);
  sampler.augmentation.mosaic = 1;
  sampler.augmentation.plain = 0;
  size_t boxes = 0;
  for (uint64_t round = 0; round < 60; ++round) {
    const auto entry = sampler.draw(round);
    boxes += entry.truths.size();
    for (const Truth& truth : entry.truths) {
      ASSERT_GE(truth.x1, 0);
      ASSERT_LE(truth.x2, 320);
      ASSERT_LE(truth.y2, 192);
      // Its middle is red.
      const auto x = static_cast<size_t>((truth.x1 + truth.x2) / 2);
      const auto y = static_cast<size_t>((truth.y1 + truth.y2) / 2);
      const uint8_t* p = sampler.rgb.data() + (y * 320 + x) * 3;
      if (truth.width() < 3 || truth.height() < 3) continue;
      EXPECT_GT(p[0], p[2]) << round;
    }
  }
  EXPECT_GT(boxes, 120u);
}

TEST(Samples, EmptyOnesShowNobody) {
  Sampler sampler("empty", {320, 192}, 7);
  sampler.augmentation.empty = 1;
  sampler.augmentation.empty_side = {0.2f, 0.4f};
  size_t dark = 0;
  for (uint64_t round = 0; round < 60; ++round) {
    EXPECT_TRUE(sampler.draw(round).truths.empty()) << round;
    EXPECT_LT(red_extent(sampler.rgb, sampler.size).x2, 0) << round;
    dark += *std::ranges::max_element(sampler.rgb) < 100 ? 1 : 0;
  }
  EXPECT_GT(dark, 10u);
  EXPECT_LT(dark, 50u);
}

TEST(Samples, WhoFillsThePictureIsIgnored) {
  Sampler sampler("close", {96, 192}, 7);
  sampler.augmentation.plain = 0;
  sampler.augmentation.enlarge_max = 20;
  sampler.augmentation.person_height = {500, 520};
  for (const float area : {0.5f, 1.f}) {
    sampler.augmentation.ignore_above_area = area;
    size_t close = 0;
    for (uint64_t round = 0; round < 40; ++round) {
      const auto entry = sampler.draw(round);
      for (const Truth& truth : entry.truths) {
        if (truth.width() * truth.height() < 0.6f * 96 * 192) continue;
        ++close;
        EXPECT_EQ(truth.ignore, area < 1);
      }
    }
    EXPECT_GT(close, 5u);
  }
}

TEST(Samples, PeopleAreShownAtTheHeightsAskedFor) {
  const data::Picture picture{.id = 1,
                              .file = "x",
                              .size = {640, 480},
                              .objects = {{.id = 1, .category = 0, .box = {300, 100, 60, 160}}}};
  PictureSet::Decoded decoded;
  decoded.frame.width = 640;
  decoded.frame.height = 480;
  const auto boxes = detail::frame_boxes(decoded, picture);
  Augmentation augmentation;
  augmentation.person_height = {80, 120};
  augmentation.width_jitter = 0;
  detail::Random random(1);
  for (int i = 0; i < 200; ++i) {
    const detail::ViewOptions options{.augmentation = augmentation, .tile = {320, 192}};
    const auto view = detail::random_view({640, 480}, boxes, options, random);
    EXPECT_GT(view.box.scale_y * 160, 78);
    EXPECT_LT(view.box.scale_y * 160, 122);
    EXPECT_FALSE(detail::seen_boxes(view, boxes, augmentation).empty());
  }
}

TEST(Samples, PeopleMostlyCutAwayAreIgnoredThenDropped) {
  const data::Picture picture{.id = 1,
                              .file = "x",
                              .size = {100, 100},
                              .objects = {{.id = 1, .category = 0, .box = {0, 0, 40, 100}}}};
  PictureSet::Decoded decoded;
  decoded.frame.width = decoded.frame.height = 100;
  const auto boxes = detail::frame_boxes(decoded, picture);
  const Augmentation augmentation;
  const auto seen = [&](int from) {
    detail::View view = detail::plain_view(
        {100 - from, 100}, {.augmentation = augmentation, .tile = {100 - from, 100}});
    view.crop.x = from;
    return detail::seen_boxes(view, boxes, augmentation);
  };
  ASSERT_EQ(seen(20).size(), 1u);
  EXPECT_FALSE(seen(20)[0].ignore);
  ASSERT_EQ(seen(30).size(), 1u);
  EXPECT_TRUE(seen(30)[0].ignore);
  EXPECT_TRUE(seen(36).empty());
}

std::vector<uint8_t> gradient(geom::Size size) {
  std::vector<uint8_t> out;
  for (int y = 0; y < size.height; ++y)
    for (int x = 0; x < size.width; ++x)
      for (int c = 0; c < 3; ++c) out.push_back(static_cast<uint8_t>(60 + x + (c == 1 ? y : 0)));
  return out;
}

int largest_difference(const std::vector<uint8_t>& a, const std::vector<uint8_t>& b) {
  int out = 0;
  for (size_t i = 0; i < a.size(); ++i) out = std::max(out, std::abs(a[i] - b[i]));
  return out;
}

TEST(Degrade, BlurKeepsWhatIsEvenAndSmoothsEdges) {
  constexpr geom::Size size{40, 30};
  std::vector<uint8_t> even(40 * 30 * 3, 77), edge = even;
  detail::blur(even, size, 1.6f);
  detail::blur_moved(even, size, 5);
  EXPECT_EQ(even, std::vector<uint8_t>(40 * 30 * 3, 77));
  for (size_t i = 0; i < edge.size(); ++i) edge[i] = i / 3 % 40 < 20 ? 0 : 200;
  detail::blur(edge, size, 1);
  EXPECT_NEAR(edge[19 * 3], 200 * 0.31, 4);  // Phi(-.5): half a pixel from the edge.
  EXPECT_EQ(edge[10 * 3], 0);
  EXPECT_EQ(edge[30 * 3], 200);
}

TEST(Degrade, NoiseHasItsSigma) {
  constexpr geom::Size size{320, 192};
  for (const bool grey : {false, true}) {
    std::vector<uint8_t> rgb(320 * 192 * 3, 128);
    detail::Random random(9);
    detail::add_noise(rgb, size, 8, grey, random);
    double sum = 0, squares = 0;
    for (const uint8_t v : rgb) {
      sum += v - 128;
      squares += (v - 128) * (v - 128);
    }
    const auto n = static_cast<double>(rgb.size());
    EXPECT_NEAR(sum / n, 0, 0.8);
    EXPECT_NEAR(std::sqrt(squares / n), 8, 0.6);
    EXPECT_EQ(grey, rgb[30] == rgb[31] && rgb[31] == rgb[32] && rgb[60] == rgb[61]);
  }
}

TEST(Degrade, BlocksAreAJpegs) {
  constexpr geom::Size size{50, 37};  // Not of whole blocks.
  const std::vector<uint8_t> before = gradient(size);
  std::vector<uint8_t> fine = before, coarse = before;
  detail::make_blocks(fine, size, 100);
  EXPECT_LE(largest_difference(before, fine), 4);
  detail::make_blocks(coarse, size, 10);
  EXPECT_GT(largest_difference(before, coarse), 6);
  EXPECT_LT(largest_difference(before, coarse), 60);
}

TEST(Degrade, LowerResolutionKeepsWhatIsEven) {
  std::vector<uint8_t> even(64 * 48 * 3, 90);
  detail::lower_resolution(even, {64, 48}, 0.45f);
  EXPECT_EQ(even, std::vector<uint8_t>(64 * 48 * 3, 90));
}

TEST(Color, NothingAskedIsNothingDone) {
  constexpr geom::Size size{50, 37};
  std::vector<uint8_t> rgb = gradient(size);
  detail::Random random(1);
  detail::vary_color(rgb, size, Augmentation::none(), random);
  detail::degrade(rgb, size, Augmentation::none(), random);
  EXPECT_EQ(rgb, gradient(size));
  Augmentation identity = Augmentation::none();  // All ranges at their neutral value.
  identity.photometric = 1;
  identity.brightness = identity.hue = 0;
  identity.contrast = identity.saturation = identity.gamma = {1, 1};
  detail::vary_color(rgb, size, identity, random);
  EXPECT_LE(largest_difference(rgb, gradient(size)), 1);
}

TEST(Color, GreyIsGrey) {
  constexpr geom::Size size{50, 37};
  std::vector<uint8_t> rgb = gradient(size);
  Augmentation grey = Augmentation::none();
  grey.grey = grey.photometric = 1;
  detail::Random random(4);
  detail::vary_color(rgb, size, grey, random);
  for (size_t i = 0; i < rgb.size(); i += 3) {
    ASSERT_EQ(rgb[i], rgb[i + 1]);
    ASSERT_EQ(rgb[i], rgb[i + 2]);
  }
}

TEST(TfodOptions, AreOurs) {
  const std::vector<TfodOption> options = {{"random_horizontal_flip"},
                                           {"ssd_random_crop"},
                                           {"random_adjust_brightness", {{"max_delta", 0.1}}},
                                           {"random_rgb_to_gray", {{"probability", 0.3}}}};
  const Augmentation a = tfod_augmentation(options).value();
  EXPECT_EQ(a.flip, 0.5f);
  EXPECT_EQ(a.ssd_crop, 1);
  EXPECT_FLOAT_EQ(a.brightness, 25.5f);
  EXPECT_EQ(a.contrast.min, 1);
  EXPECT_FLOAT_EQ(a.grey, 0.3f);
  EXPECT_EQ(a.mosaic + a.noise + a.blur + a.blocks + a.visible_drop, 0);
  const std::vector<TfodOption> unknown = {{"random_black_patches"}};
  EXPECT_THAT(tfod_augmentation(unknown).error().message(),
              testing::AllOf(testing::HasSubstr("random_black_patches"),
                             testing::HasSubstr("ssd_random_crop")));
}

}  // namespace
}  // namespace pasu::train
