#include "pixel/detail/axis.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/assert.h"

namespace pasu::pixel {
namespace {

/// Samples `first` onwards and their shares, which sum to 1.
struct Footprint {
  int first = 0;
  std::vector<double> share;

  void add(int sample, double amount) {
    if (amount <= 0) return;
    if (share.empty()) first = sample;
    const auto at = static_cast<size_t>(sample - first);
    if (at >= share.size()) share.resize(at + 1, 0.0);
    share[at] += amount;
  }
};

/// Of samples in order, those outside the plane are its outermost one.
int inside(double sample, const SampleGrid& grid) {
  return static_cast<int>(std::clamp(sample, 0.0, static_cast<double>(grid.count - 1)));
}

Footprint area(const SampleGrid& grid, double from, double to) {
  Footprint out;
  const double first = std::floor((from - grid.origin) / grid.pitch);
  for (double i = first; grid.origin + i * grid.pitch < to; ++i) {
    const double left = std::max(from, grid.origin + i * grid.pitch);
    const double right = std::min(to, grid.origin + (i + 1) * grid.pitch);
    // So thin a slice is rounding noise of a footprint that ends on a sample's edge.
    if (right - left < grid.pitch * 1e-6) continue;
    out.add(inside(i, grid), right - left);
  }
  return out;
}

Footprint bilinear(const SampleGrid& grid, double at) {
  Footprint out;
  const double position = (at - grid.origin) / grid.pitch - 0.5;
  const double left = std::floor(position);
  out.add(inside(left, grid), 1 - (position - left));
  out.add(inside(left + 1, grid), position - left);
  return out;
}

}  // namespace

AxisFilter make_axis(const SampleGrid& grid, const AxisOptions& options) {
  ASSERT(grid.count > 0 && options.outputs > 0 && options.source > 0 && options.step > 0);
  const double scale = static_cast<double>(options.source) / options.outputs;
  std::vector<Footprint> footprints;
  size_t longest = 1;
  for (int j = 0; j < options.outputs; ++j) {
    footprints.push_back(options.outputs < options.source ? area(grid, j * scale, (j + 1) * scale)
                                                          : bilinear(grid, (j + 0.5) * scale));
    longest = std::max(longest, footprints.back().share.size());
  }

  const auto round_up = [](int n, int multiple) {
    return (n + multiple - 1) / multiple * multiple;
  };
  AxisFilter out;
  out.outputs = options.outputs;
  out.taps = round_up((static_cast<int>(longest) - 1) * options.step + 1, options.taps_multiple);
  const auto rows = static_cast<size_t>(round_up(options.outputs, options.outputs_multiple));
  out.first.resize(rows, 0);
  out.weight.resize(rows * static_cast<size_t>(out.taps), 0);
  for (size_t j = 0; j < footprints.size(); ++j) {
    out.first[j] = footprints[j].first * options.step;
    double total = 0;
    for (const double share : footprints[j].share) total += share;
    // Rounding the running sum keeps the total exact and the errors from piling up.
    double sum = 0;
    long rounded = 0;
    for (size_t t = 0; t < footprints[j].share.size(); ++t) {
      sum += footprints[j].share[t];
      const long next = std::lround(sum / total * options.one);
      out.weight[j * static_cast<size_t>(out.taps) + t * static_cast<size_t>(options.step)] =
          static_cast<int16_t>(std::min<long>(next - rounded, std::numeric_limits<int16_t>::max()));
      rounded = next;
    }
  }
  return out;
}

}  // namespace pasu::pixel
