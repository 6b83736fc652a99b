#include "train/load/detail/color.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <vector>

namespace pasu::train::detail {
namespace {

using Matrix = std::array<std::array<float, 3>, 3>;  // [out][in]

constexpr std::array<float, 3> kLuma = {0.299f, 0.587f, 0.114f};  // BT.601

/// Saturation `s` and a turn of the hue, about the grey axis: luma + s * R(hue) * (rgb - luma),
/// with the turn as a rotation about (1, 1, 1) (Rodrigues).
Matrix saturation_and_hue(float s, float degrees) {
  const float angle = degrees * 3.14159265f / 180;
  const float c = std::cos(angle), third = (1 - c) / 3, side = std::sin(angle) / std::sqrt(3.f);
  const Matrix turn = {{{c + third, third - side, third + side},
                        {third + side, c + third, third - side},
                        {third - side, third + side, c + third}}};
  Matrix out;
  for (size_t i = 0; i < 3; ++i)
    for (size_t j = 0; j < 3; ++j) out[i][j] = kLuma[j] + s * (turn[i][j] - kLuma[j]);
  return out;
}

/// Silicon sees infrared light through each colour filter: the mix of channels is not luma's.
Matrix grey(Random& random) {
  std::array<float, 3> share{};
  float sum = 0;
  for (size_t j = 0; j < 3; ++j) sum += share[j] = kLuma[j] * random.between(0.5f, 1.8f);
  Matrix out;
  for (auto& row : out)
    for (size_t j = 0; j < 3; ++j) row[j] = share[j] / sum;
  return out;
}

struct Tone {
  float gamma = 1, contrast = 1, brightness = 0;
  [[nodiscard]] uint8_t of(float v) const {
    v = std::pow(std::clamp(v, 0.f, 255.f) / 255, gamma) * 255;
    v = (v - 128) * contrast + 128 + brightness;
    return static_cast<uint8_t>(std::lround(std::clamp(v, 0.f, 255.f)));
  }
};

/// Matrix and tone in one pass of six table look-ups a pixel: each input value adds its share of
/// the three outputs, packed in 16-bit lanes with kStep steps a level and a bias that keeps them
/// positive.
class ColorTables {
 public:
  ColorTables(const Matrix& matrix, const Tone& tone) {
    for (size_t j = 0; j < 3; ++j)
      for (size_t v = 0; v < 256; ++v)
        for (size_t i = 0; i < 3; ++i) {
          const float share = (matrix[i][j] * static_cast<float>(v) + kBias / 3) * kStep;
          share_[j][v] |= static_cast<uint64_t>(std::lround(std::max(share, 0.f))) << (16 * i);
        }
    for (size_t i = 0; i < kLevels; ++i) tone_[i] = tone.of(static_cast<float>(i) - kBias);
  }
  void apply(std::span<uint8_t> rgb) const {
    for (size_t i = 0; i + 2 < rgb.size(); i += 3) {
      const uint64_t sum = share_[0][rgb[i]] + share_[1][rgb[i + 1]] + share_[2][rgb[i + 2]];
      rgb[i] = tone_[(sum & 0xFFFF) >> kShift];
      rgb[i + 1] = tone_[(sum >> 16 & 0xFFFF) >> kShift];
      rgb[i + 2] = tone_[(sum >> 32 & 0xFFFF) >> kShift];
    }
  }

 private:
  static constexpr int kShift = 4;
  static constexpr float kStep = 1 << kShift, kBias = 1536;
  static constexpr size_t kLevels = 65536 >> kShift;
  std::array<std::array<uint64_t, 256>, 3> share_{};
  std::array<uint8_t, kLevels> tone_{};
};

/// An infrared lamp beside the lens: bright in the middle, dark in the corners, blacks not black.
void light_the_centre(std::span<uint8_t> rgb, geom::Size size, Random& random) {
  const float fall = random.between(0.2f, 0.6f), lift = random.between(0, 40);
  const float x0 = random.between(0.4f, 0.6f), y0 = random.between(0.4f, 0.6f);
  const auto width = static_cast<size_t>(size.width), height = static_cast<size_t>(size.height);
  const auto gains = [&](size_t n, float centre) {
    std::vector<int> out(n);
    for (size_t i = 0; i < n; ++i) {
      const float d = (static_cast<float>(i) + 0.5f) / static_cast<float>(n) - centre;
      out[i] = static_cast<int>(std::lround(256 * (1.1f - 2 * fall * d * d)));
    }
    return out;
  };
  const std::vector<int> across = gains(width, x0), down = gains(height, y0);
  std::array<uint8_t, 512> level{};
  for (size_t i = 0; i < level.size(); ++i)
    level[i] =
        static_cast<uint8_t>(std::min(255.f, lift + static_cast<float>(i) * (255 - lift) / 255));
  for (size_t y = 0; y < height; ++y) {
    uint8_t* row = rgb.data() + y * width * 3;
    for (size_t x = 0; x < width; ++x) {
      const int gain = across[x] * down[y] >> 8;
      for (size_t c = 0; c < 3; ++c)
        row[x * 3 + c] = level[static_cast<size_t>(row[x * 3 + c] * gain >> 8)];
    }
  }
}

}  // namespace

void vary_color(std::span<uint8_t> rgb, geom::Size size, const Augmentation& augmentation,
                Random& random) {
  const bool is_grey = random.chance(augmentation.grey);
  const bool photometric = random.chance(augmentation.photometric);
  if (!is_grey && !photometric) return;
  Tone tone;
  Matrix matrix = is_grey ? grey(random) : saturation_and_hue(1, 0);
  if (photometric) {
    tone.gamma = random.log_between(augmentation.gamma);
    tone.contrast = random.log_between(augmentation.contrast);
    tone.brightness = random.between(-augmentation.brightness, augmentation.brightness);
    const float saturation = random.between(augmentation.saturation);
    const float hue = random.between(-augmentation.hue, augmentation.hue);
    if (!is_grey) matrix = saturation_and_hue(saturation, hue);
  }
  ColorTables(matrix, tone).apply(rgb);
  if (is_grey && random.chance(0.5f)) light_the_centre(rgb, size, random);
}

void make_dull(std::span<uint8_t> rgb, float contrast, float light) {
  if (rgb.empty()) return;
  const auto sum = std::accumulate(rgb.begin(), rgb.end(), uint64_t{0});
  const float mean = static_cast<float>(sum) / static_cast<float>(rgb.size());
  for (uint8_t& v : rgb)
    v = static_cast<uint8_t>(
        std::lround(std::clamp((static_cast<float>(v) - mean) * contrast + light, 0.f, 255.f)));
}

}  // namespace pasu::train::detail
