#include "train/load/detail/degrade.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "geom/letterbox.h"
#include "pixel/letterbox.h"

namespace pasu::train::detail {
namespace {

using Weights = std::vector<uint16_t>;  // Of taps; they sum to 256.

Weights gaussian(float sigma) {
  const int radius = std::clamp(static_cast<int>(std::ceil(2.5f * sigma)), 1, 8);
  std::vector<float> raw;
  float sum = 0;
  for (int i = -radius; i <= radius; ++i) {
    const auto d = static_cast<float>(i);
    raw.push_back(std::exp(-d * d / (2 * sigma * sigma)));
    sum += raw.back();
  }
  Weights out;
  int left = 256;
  for (const float w : raw) {
    out.push_back(static_cast<uint16_t>(std::lround(w / sum * 256)));
    left -= out.back();
  }
  out[static_cast<size_t>(radius)] = static_cast<uint16_t>(out[static_cast<size_t>(radius)] + left);
  return out;
}

/// out[i] = sum over t of weight[t] * in[i + t * step], in 1/256. 255 * 256 fits 16 bits.
void mix(const uint8_t* in, size_t step, const Weights& weights, size_t n, uint16_t* sums,
         uint8_t* out) {
  std::fill_n(sums, n, uint16_t{127});
  for (size_t t = 0; t < weights.size(); ++t) {
    const uint8_t* from = in + t * step;
    const uint16_t weight = weights[t];
    for (size_t i = 0; i < n; ++i) sums[i] = static_cast<uint16_t>(sums[i] + from[i] * weight);
  }
  for (size_t i = 0; i < n; ++i) out[i] = static_cast<uint8_t>(sums[i] >> 8);
}

void mix_across(std::span<uint8_t> rgb, geom::Size size, const Weights& weights) {
  const auto width = static_cast<size_t>(size.width), radius = weights.size() / 2;
  std::vector<uint8_t> padded((width + 2 * radius) * 3);
  std::vector<uint16_t> sums(width * 3);
  for (size_t y = 0; y < static_cast<size_t>(size.height); ++y) {
    uint8_t* row = rgb.data() + y * width * 3;
    std::copy_n(row, width * 3, padded.data() + radius * 3);
    for (size_t i = 0; i < radius; ++i)
      for (size_t c = 0; c < 3; ++c) {
        padded[i * 3 + c] = row[c];
        padded[(radius + width + i) * 3 + c] = row[(width - 1) * 3 + c];
      }
    mix(padded.data(), 3, weights, width * 3, sums.data(), row);
  }
}

void mix_down(std::span<uint8_t> rgb, geom::Size size, const Weights& weights) {
  const auto row_bytes = static_cast<size_t>(size.width) * 3, radius = weights.size() / 2;
  const auto height = static_cast<size_t>(size.height);
  std::vector<uint8_t> padded((height + 2 * radius) * row_bytes);
  for (size_t y = 0; y < height + 2 * radius; ++y) {
    const size_t from = std::clamp(y, radius, radius + height - 1) - radius;
    std::copy_n(rgb.data() + from * row_bytes, row_bytes, padded.data() + y * row_bytes);
  }
  std::vector<uint16_t> sums(row_bytes);
  for (size_t y = 0; y < height; ++y)
    mix(padded.data() + y * row_bytes, row_bytes, weights, row_bytes, sums.data(),
        rgb.data() + y * row_bytes);
}

constexpr float kTableSigma = 24;  // Of NoiseTable's values: five of them fit a signed byte.

/// Normal numbers by sums of twelve even ones, less their mean.
const std::vector<int8_t>& noise_table() {
  static const std::vector<int8_t> table = [] {
    std::vector<int8_t> out(1 << 16);
    Random random(0x5EED);
    for (int8_t& value : out) {
      float sum = -6;
      for (int i = 0; i < 12; ++i) sum += random.uniform();
      value = static_cast<int8_t>(std::lround(std::clamp(sum * kTableSigma, -127.f, 127.f)));
    }
    return out;
  }();
  return table;
}

media::Frame as_frame(const uint8_t* rgb, geom::Size size) {
  media::Frame out;
  out.format = media::PixelFormat::rgb24;
  out.width = size.width;
  out.height = size.height;
  out.planes[0] = {rgb, size.width * 3};
  return out;
}

}  // namespace

void blur(std::span<uint8_t> rgb, geom::Size size, float sigma) {
  const Weights weights = gaussian(sigma);
  mix_across(rgb, size, weights);
  mix_down(rgb, size, weights);
}

void blur_moved(std::span<uint8_t> rgb, geom::Size size, int length) {
  const auto taps = static_cast<size_t>(length | 1);
  Weights weights(taps, static_cast<uint16_t>(256 / taps));
  weights[taps / 2] = static_cast<uint16_t>(256 - 256 / taps * (taps - 1));
  mix_across(rgb, size, weights);
}

void add_noise(std::span<uint8_t> rgb, geom::Size size, float sigma, bool grey, Random& random) {
  const std::vector<int8_t>& table = noise_table();
  const auto row_bytes = static_cast<size_t>(size.width) * 3;
  const int factor = static_cast<int>(std::lround(sigma / kTableSigma * 256));
  const size_t drawn = grey ? row_bytes / 3 : row_bytes;
  if (drawn >= table.size()) return;  // No input is that wide.
  for (size_t y = 0; y < static_cast<size_t>(size.height); ++y) {
    const int8_t* noise = table.data() + random.below(table.size() - drawn);
    uint8_t* row = rgb.data() + y * row_bytes;
    if (grey) {
      for (size_t x = 0; x < drawn; ++x) {
        const int n = noise[x] * factor >> 8;
        for (size_t c = 0; c < 3; ++c)
          row[x * 3 + c] = static_cast<uint8_t>(std::clamp(row[x * 3 + c] + n, 0, 255));
      }
    } else {
      for (size_t i = 0; i < drawn; ++i)
        row[i] = static_cast<uint8_t>(std::clamp(row[i] + (noise[i] * factor >> 8), 0, 255));
    }
  }
}

void lower_resolution(std::span<uint8_t> rgb, geom::Size size, float factor) {
  const auto part = [&](int side) {
    return std::max(1, static_cast<int>(std::lround(static_cast<float>(side) * factor)));
  };
  const geom::Size small{part(size.width), part(size.height)};
  std::vector<uint8_t> pixels(static_cast<size_t>(small.width) * static_cast<size_t>(small.height) *
                              3);
  pixel::letterbox_u8(as_frame(rgb.data(), size), geom::Letterbox::stretch(size, small),
                      pixel::ChannelOrder::rgb, pixels.data());
  pixel::letterbox_u8(as_frame(pixels.data(), small), geom::Letterbox::stretch(small, size),
                      pixel::ChannelOrder::rgb, rgb.data());
}

void degrade(std::span<uint8_t> rgb, geom::Size size, const Augmentation& augmentation,
             Random& random) {
  if (random.chance(augmentation.blur)) {
    const float sigma = random.log_between(augmentation.blur_sigma);
    if (random.chance(0.4f))
      blur_moved(rgb, size, random.whole(3, 3 + static_cast<int>(3 * sigma)));
    else
      blur(rgb, size, sigma);
  }
  if (random.chance(augmentation.noise))
    add_noise(rgb, size, random.log_between(augmentation.noise_sigma), random.chance(0.6f), random);
  if (random.chance(augmentation.low_resolution))
    lower_resolution(rgb, size, random.between(augmentation.low_resolution_factor));
  if (random.chance(augmentation.blocks))
    make_blocks(rgb, size,
                static_cast<int>(std::lround(random.between(augmentation.blocks_quality))));
}

}  // namespace pasu::train::detail
