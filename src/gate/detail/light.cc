#include "gate/detail/light.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <span>

namespace pasu::gate {
namespace {

constexpr int kBins = 16;         // Of the brightness before, 16 levels each.
constexpr int kStep = 2;          // Every second cell is looked at.
constexpr int kSamplesMin = 24;   // A bin with fewer has no say.
constexpr double kGainMin = 0.4;  // Beyond, it is another scene.
constexpr double kGainMax = 2.5;

/// How the cells of a like brightness changed: the median.
struct Bin {
  double level = 0, change = 0, weight = 0;
};

struct Weighted {
  double value, weight;
};

template <class Range>
double weighted_median(Range&& values) {
  std::ranges::sort(values, {}, &Weighted::value);
  double total = 0, sum = 0;
  for (const Weighted& v : values) total += v.weight;
  for (const Weighted& v : values) {
    sum += v.weight;
    if (sum * 2 >= total) return v.value;
  }
  return 0;
}

int median_of(const std::array<uint16_t, 512>& histogram, int count) {
  int sum = 0;
  for (int i = 0; i < 512; ++i) {
    sum += histogram[static_cast<size_t>(i)];
    if (sum * 2 >= count) return i - 255;
  }
  return 0;
}

}  // namespace

Tone estimate_tone(const uint8_t* before, const uint8_t* now) {
  thread_local std::array<std::array<uint16_t, 512>, kBins> changes;
  for (auto& bin : changes) bin.fill(0);
  std::array<int, kBins> count{};
  // Rows have an even number of cells: each second row begins one later.
  for (int y = 0; y < kHeight; ++y) {
    for (int x = y % kStep; x < kWidth; x += kStep) {
      const int i = y * kWidth + x;
      const auto bin = static_cast<size_t>(before[i] >> 4);
      ++changes[bin][static_cast<size_t>(now[i] - before[i] + 255)];
      ++count[bin];
    }
  }
  std::array<Bin, kBins> bins;
  size_t used = 0;
  bool changed = false;
  for (size_t b = 0; b < kBins; ++b) {
    if (count[b] < kSamplesMin) continue;
    const int change = median_of(changes[b], count[b]);
    changed |= change != 0;
    bins[used++] = {static_cast<double>(16 * b + 8), static_cast<double>(change),
                    static_cast<double>(count[b])};
  }
  if (!changed) return {};

  std::array<Weighted, kBins * kBins> slopes;
  size_t pairs = 0;
  for (size_t a = 0; a < used; ++a)
    for (size_t b = a + 1; b < used; ++b) {
      const double apart = bins[b].level - bins[a].level;
      slopes[pairs++] = {(bins[b].change - bins[a].change) / apart,
                         std::min(bins[a].weight, bins[b].weight) * apart};
    }
  double slope = pairs > 0 ? weighted_median(std::span(slopes).first(pairs)) : 0;
  slope = std::clamp(slope, kGainMin - 1, kGainMax - 1);
  std::array<Weighted, kBins> offsets;
  for (size_t b = 0; b < used; ++b)
    offsets[b] = {bins[b].change - slope * bins[b].level, bins[b].weight};
  const double offset = weighted_median(std::span(offsets).first(used));
  Tone out;
  out.gain = static_cast<int16_t>(std::lround((1 + slope) * Tone::kGainOne));
  out.offset =
      static_cast<int16_t>(std::lround(std::clamp(offset, -255.0, 255.0) * Tone::kOffsetOne));
  return out;
}

}  // namespace pasu::gate
