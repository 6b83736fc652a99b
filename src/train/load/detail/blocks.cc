// make_blocks: the loss of a JPEG without its file. Transform, quantisation and back (ITU-T T.81
// A.3.3, A.3.4), with the tables of its Annex K.1 scaled as libjpeg scales them.
#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "train/load/detail/degrade.h"

namespace pasu::train::detail {
namespace {

constexpr size_t kSide = 8;
using Block = std::array<float, kSide * kSide>;

constexpr std::array<uint8_t, 64> kLumaTable = {
    16, 11, 10, 16, 24,  40,  51,  61,  12, 12, 14, 19, 26,  58,  60,  55,  //
    14, 13, 16, 24, 40,  57,  69,  56,  14, 17, 22, 29, 51,  87,  80,  62,  //
    18, 22, 37, 56, 68,  109, 103, 77,  24, 35, 55, 64, 81,  104, 113, 92,  //
    49, 64, 78, 87, 103, 121, 120, 101, 72, 92, 95, 98, 112, 100, 103, 99};
constexpr std::array<uint8_t, 64> kChromaTable = {
    17, 18, 24, 47, 99, 99, 99, 99, 18, 21, 26, 66, 99, 99, 99, 99,  //
    24, 26, 56, 99, 99, 99, 99, 99, 47, 66, 99, 99, 99, 99, 99, 99,  //
    99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99,  //
    99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99};

Block scaled(const std::array<uint8_t, 64>& table, int quality) {
  const int q = std::clamp(quality, 1, 100);
  const int scale = q < 50 ? 5000 / q : 200 - 2 * q;
  Block out{};
  for (size_t i = 0; i < out.size(); ++i)
    out[i] = static_cast<float>(std::clamp((table[i] * scale + 50) / 100, 1, 255));
  return out;
}

/// The transform's rows: cosine[u][x].
const Block& cosines() {
  static const Block table = [] {
    Block out{};
    for (size_t u = 0; u < kSide; ++u)
      for (size_t x = 0; x < kSide; ++x)
        out[u * kSide + x] = static_cast<float>(
            (u == 0 ? std::sqrt(0.125) : 0.5) *
            std::cos((2 * static_cast<double>(x) + 1) * static_cast<double>(u) * M_PI / 16));
    return out;
  }();
  return table;
}

/// a * b, or a * b transposed.
template <bool transposed>
void multiply(const Block& a, const Block& b, Block& out) {
  for (size_t i = 0; i < kSide; ++i)
    for (size_t j = 0; j < kSide; ++j) {
      float sum = 0;
      for (size_t k = 0; k < kSide; ++k)
        sum += a[i * kSide + k] * (transposed ? b[j * kSide + k] : b[k * kSide + j]);
      out[i * kSide + j] = sum;
    }
}

const Block& cosines_transposed() {
  static const Block table = [] {
    Block out{};
    for (size_t i = 0; i < kSide; ++i)
      for (size_t j = 0; j < kSide; ++j) out[i * kSide + j] = cosines()[j * kSide + i];
    return out;
  }();
  return table;
}

void quantise(Block& block, const Block& steps) {
  const Block &c = cosines(), &ct = cosines_transposed();
  Block half, spectrum;
  multiply<false>(c, block, half);
  multiply<false>(half, ct, spectrum);
  for (size_t i = 0; i < block.size(); ++i) {
    const float level = spectrum[i] / steps[i];
    spectrum[i] =
        static_cast<float>(static_cast<int>(level + (level < 0 ? -0.5f : 0.5f))) * steps[i];
  }
  multiply<false>(ct, spectrum, half);
  multiply<false>(half, c, block);
}

struct Plane {
  size_t width = 0, height = 0;  // Multiples of kSide.
  std::vector<float> samples;
  Plane(size_t w, size_t h) : width(w), height(h), samples(w * h) {}
  float& at(size_t x, size_t y) { return samples[y * width + x]; }

  void quantise_all(const Block& steps) {
    Block block;
    for (size_t y = 0; y < height; y += kSide)
      for (size_t x = 0; x < width; x += kSide) {
        for (size_t row = 0; row < kSide; ++row)
          std::copy_n(&at(x, y + row), kSide, block.data() + row * kSide);
        quantise(block, steps);
        for (size_t row = 0; row < kSide; ++row)
          std::copy_n(block.data() + row * kSide, kSide, &at(x, y + row));
      }
  }
};

uint8_t to_byte(float v) { return static_cast<uint8_t>(std::clamp(v + 0.5f, 0.f, 255.f)); }

}  // namespace

void make_blocks(std::span<uint8_t> rgb, geom::Size size, int quality) {
  const auto width = static_cast<size_t>(size.width), height = static_cast<size_t>(size.height);
  const size_t w = (width + 15) / 16 * 16, h = (height + 15) / 16 * 16;
  Plane luma(w, h), blue(w / 2, h / 2), red(w / 2, h / 2);  // Luma less 128; Cb, Cr about 0.
  for (size_t y = 0; y < h; ++y) {
    const uint8_t* row = rgb.data() + std::min(y, height - 1) * width * 3;
    for (size_t x = 0; x < w; ++x) {
      const uint8_t* p = row + std::min(x, width - 1) * 3;
      const float r = p[0], g = p[1], b = p[2];
      const float l = 0.299f * r + 0.587f * g + 0.114f * b;
      luma.at(x, y) = l - 128;
      blue.at(x / 2, y / 2) += (b - l) * (0.564f / 4);
      red.at(x / 2, y / 2) += (r - l) * (0.713f / 4);
    }
  }
  luma.quantise_all(scaled(kLumaTable, quality));
  const Block chroma = scaled(kChromaTable, quality);
  blue.quantise_all(chroma);
  red.quantise_all(chroma);
  for (size_t y = 0; y < height; ++y) {
    uint8_t* p = rgb.data() + y * width * 3;
    for (size_t x = 0; x < width; ++x, p += 3) {
      const float l = luma.at(x, y) + 128;
      const float cb = blue.at(x / 2, y / 2), cr = red.at(x / 2, y / 2);
      p[0] = to_byte(l + 1.402f * cr);
      p[1] = to_byte(l - 0.344f * cb - 0.714f * cr);
      p[2] = to_byte(l + 1.772f * cb);
    }
  }
}

}  // namespace pasu::train::detail
