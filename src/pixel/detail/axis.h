// How one axis of a plane is resampled: which source samples make an output pixel, and their
// shares.
#pragma once

#include <cstdint>
#include <vector>

namespace pasu::pixel {

/// Where the samples of a plane lie on an axis of the picture, in luma pixels: sample i covers
/// [origin + i * pitch, origin + (i + 1) * pitch). The outermost samples reach to the edges.
struct SampleGrid {
  int count = 0;
  double pitch = 1;
  double origin = 0;
};

/// Fixed-point weights of an axis: output j = sum over t of weight[j * taps + t] *
/// sample[first[j] + t]. Each output's weights sum to `one`; unused taps are 0.
struct AxisFilter {
  int outputs = 0;
  int taps = 0;
  std::vector<int> first;
  std::vector<int16_t> weight;
};

struct AxisOptions {
  int source = 0;            ///< Luma pixels along the axis.
  int outputs = 0;           ///< Of the scaled picture.
  int one = 0;               ///< What the weights of an output sum to.
  int taps_multiple = 1;     ///< `taps` is rounded up to it.
  int outputs_multiple = 1;  ///< The tables are: extra outputs have weights 0.
  int step = 1;              ///< Samples interleaved with others: the taps between have weight 0.
};

/// Area average of the output pixel's footprint where the axis shrinks, else bilinear between
/// sample centres. A sample's area counts as constant, so shrinking equals repeating chroma to full
/// size first.
[[nodiscard]] AxisFilter make_axis(const SampleGrid& grid, const AxisOptions& options);

}  // namespace pasu::pixel
