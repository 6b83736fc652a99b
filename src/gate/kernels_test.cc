// Both kernel sets against each other, on random and extreme cells.
#include "gate/detail/kernels.h"

#include <algorithm>
#include <random>

#include <gtest/gtest.h>

#include "gate/detail/learning.h"
#include "gate/detail/light.h"
#include "gate/detail/regions.h"
#include "gate/detail/shake.h"

namespace pasu::gate {
namespace {

Cells random_cells(uint32_t seed, int least = 0) {
  std::mt19937 random(seed);
  Cells out;
  for (uint8_t& c : out) {
    const uint32_t r = random();
    c = static_cast<uint8_t>(std::max<uint32_t>(r % 5 == 0   ? 0u
                                                : r % 5 == 1 ? 255u
                                                             : r >> 24,
                                                static_cast<uint32_t>(least)));
  }
  return out;
}

TEST(GateKernels, AgreeToTheBit) {
  const Kernels* fast = avx2_kernels();
  if (!fast) GTEST_SKIP() << "no AVX2 on this processor";
  const Kernels& plain = scalar_kernels();
  for (uint32_t seed = 0; seed < 20; ++seed) {
    const Cells cells = random_cells(seed), other = random_cells(seed + 100);
    const Cells threshold = random_cells(seed + 200, 1);
    Cells low, high;
    for (size_t i = 0; i < cells.size(); ++i)
      std::tie(low[i], high[i]) = std::minmax(other[i], threshold[i]);
    for (const Tone tone : {Tone{}, Tone{32767, 255 * 16}, Tone{32767, -255 * 16}, Tone{0, 16},
                            Tone{3277, -40}, Tone{12345, 77}}) {
      Cells a, b;
      plain.apply(cells.data(), tone, a.data());
      fast->apply(cells.data(), tone, b.data());
      ASSERT_EQ(a, b) << tone.gain << ' ' << tone.offset;
    }
    Cells diff_a, diff_b, mask_a, mask_b;
    ASSERT_EQ(plain.compare(cells.data(), low.data(), high.data(), threshold.data(), diff_a.data(),
                            mask_a.data()),
              fast->compare(cells.data(), low.data(), high.data(), threshold.data(), diff_b.data(),
                            mask_b.data()));
    ASSERT_EQ(diff_a, diff_b);
    ASSERT_EQ(mask_a, mask_b);
    for (const int n : {32, 128, kCells})
      ASSERT_EQ(plain.distance(cells.data(), other.data(), n),
                fast->distance(cells.data(), other.data(), n));
  }
}

TEST(GateKernels, ToneOfOneChangesNothing) {
  const Cells cells = random_cells(7);
  Cells out;
  best_kernels().apply(cells.data(), {}, out.data());
  EXPECT_EQ(cells, out);
}

TEST(GateLight, FindsTheLineThoughAThirdMoved) {
  const Cells before = random_cells(3);
  Cells now;
  for (size_t i = 0; i < before.size(); ++i) {
    const int moved = static_cast<int>(i) < kCells / 3 ? 60 : 0;
    now[i] = static_cast<uint8_t>(std::clamp(before[i] * 4 / 5 + 20 + moved, 0, 255));
  }
  const Tone tone = estimate_tone(before.data(), now.data());
  EXPECT_NEAR(tone.gain / static_cast<double>(Tone::kGainOne), 0.8, 0.03);
  EXPECT_NEAR(tone.offset / static_cast<double>(Tone::kOffsetOne), 20, 4);
  EXPECT_EQ(estimate_tone(before.data(), before.data()), Tone{});
}

TEST(GateShake, FindsTheShift) {
  const Cells before = random_cells(4);
  for (int dy = -2; dy <= 2; ++dy)
    for (int dx = -2; dx <= 2; ++dx) {
      Cells now;
      for (int y = 0; y < kHeight; ++y)
        for (int x = 0; x < kWidth; ++x)
          now[static_cast<size_t>(y * kWidth + x)] = before[static_cast<size_t>(
              std::clamp(y - dy, 0, kHeight - 1) * kWidth + std::clamp(x - dx, 0, kWidth - 1))];
      const Shift shift = estimate_shift(before.data(), now.data(), best_kernels());
      EXPECT_EQ(shift.x, dx);
      EXPECT_EQ(shift.y, dy);
    }
}

TEST(GateRegions, TouchingCellsAreOneAndTheBestComeFirst) {
  Cells diff{}, mask{}, threshold;
  threshold.fill(10);
  const auto set = [&](int x, int y, uint8_t change) {
    const auto i = static_cast<size_t>(y * kWidth + x);
    diff[i] = change;
    mask[i] = change >= 10 ? kStrong : kWeak;
  };
  set(0, 0, 20), set(1, 1, 10), set(2, 2, 5);           // Corner by corner: 3.5 thresholds.
  set(100, 50, 40), set(101, 50, 40);                   // 8 thresholds, two cells.
  set(158, 89, 60), set(159, 89, 60), set(159, 88, 9);  // In the last corner.
  set(50, 50, 9), set(51, 50, 9), set(52, 50, 9);       // Weak alone: nothing.
  RegionFinder finder;
  const auto all = finder.find(diff.data(), threshold.data(), mask.data(), 3, 3);
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[0].right, kWidth);
  EXPECT_EQ(all[0].bottom, kHeight);
  EXPECT_EQ(all[0].cells, 3);
  EXPECT_FLOAT_EQ(all[0].score, 12.9f);
  EXPECT_EQ(all[1].left, 0);
  EXPECT_EQ(all[1].right, 3);
  EXPECT_EQ(finder.count(), 3);
  EXPECT_EQ(std::ranges::count(mask, 0), kCells);
}

TEST(GateRegions, TheWholePictureIsOneRegion) {
  Cells diff, mask, threshold;
  diff.fill(255);
  mask.fill(kStrong);
  threshold.fill(1);
  RegionFinder finder;
  const auto all = finder.find(diff.data(), threshold.data(), mask.data(), 3, 3);
  ASSERT_EQ(all.size(), 1u);
  EXPECT_EQ(all[0].cells, kCells);
}

}  // namespace
}  // namespace pasu::gate
