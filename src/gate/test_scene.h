// A drawn scene for the gate's tests: 160x90 cells, with what cameras do to pictures.
#pragma once

#include <algorithm>
#include <cmath>
#include <functional>
#include <memory>
#include <random>
#include <vector>

#include "media/frame.h"
#include "pixel/small_luma.h"

namespace pasu::gate {

using Picture = std::vector<float>;  // kWidth * kHeight levels of luma.

/// Pictures of one camera, the same in each run.
class Scene {
 public:
  static constexpr int kWidth = pixel::SmallLuma::kWidth, kHeight = pixel::SmallLuma::kHeight;

  explicit Scene(uint32_t seed) : random_(seed), background_(kWidth * kHeight) {
    std::vector<float> tiles(20 * 12);
    for (float& t : tiles) t = 40 + static_cast<float>(random_() % 150);
    for (int y = 0; y < kHeight; ++y)
      for (int x = 0; x < kWidth; ++x)
        at(background_, x, y) = tiles[static_cast<size_t>((y / 8) * 20 + x / 8)] +
                                static_cast<float>((x * 7 + y * 13) % 11);
  }
  /// Elsewhere: the same camera, turned.
  [[nodiscard]] static Scene other(uint32_t seed) { return Scene(seed + 1000); }

  [[nodiscard]] const Picture& background() const { return background_; }
  static float& at(Picture& p, int x, int y) { return p[static_cast<size_t>(y * kWidth + x)]; }

  /// Gaussian noise of cells; a sensor's is less here by the square root of the pixels in a cell.
  void add_noise(Picture& p, float sigma) {
    // Drawing each cell's anew would take most of the tests' time.
    static const std::vector<float> kNoise = [] {
      std::vector<float> out(1 << 16);
      std::mt19937 random(99);
      std::normal_distribution<float> normal;
      for (float& v : out) v = normal(random);
      return out;
    }();
    size_t i = random_();
    const size_t stride = 2 * (random_() % 500) + 1;
    for (float& v : p) v += sigma * kNoise[(i += stride) % kNoise.size()];
  }
  /// `contrast` levels over what is behind, cells of any fraction.
  static void add_person(Picture& p, float x, float y, float width, float height, float contrast) {
    for (int cy = 0; cy < kHeight; ++cy)
      for (int cx = 0; cx < kWidth; ++cx) {
        const float w = std::min(x + width, cx + 1.f) - std::max(x, static_cast<float>(cx));
        const float h = std::min(y + height, cy + 1.f) - std::max(y, static_cast<float>(cy));
        if (w > 0 && h > 0) at(p, cx, cy) += contrast * w * h;
      }
  }
  void add_rain(Picture& p, int streaks, float contrast) {
    for (int i = 0; i < streaks; ++i) {
      const int x = roll(kWidth), y = roll(kHeight - 2);
      for (int k = 0; k < 2; ++k) at(p, x, y + k) += contrast;
    }
  }
  /// Leaves: a rectangle in which every cell becomes another.
  void add_leaves(Picture& p, int left, int top, int width, int height, float contrast) {
    std::uniform_real_distribution<float> level(-contrast, contrast);
    for (int y = top; y < top + height; ++y)
      for (int x = left; x < left + width; ++x) at(p, x, y) += level(random_);
  }
  /// What lay at (x, y) lies at (x + dx, y + dy), fractions of cells too.
  static Picture shifted(const Picture& p, float dx, float dy) {
    Picture out(p.size());
    for (int y = 0; y < kHeight; ++y)
      for (int x = 0; x < kWidth; ++x) {
        const float sx = std::clamp(static_cast<float>(x) - dx, 0.f, kWidth - 1.f);
        const float sy = std::clamp(static_cast<float>(y) - dy, 0.f, kHeight - 1.f);
        const int x0 = static_cast<int>(sx), y0 = static_cast<int>(sy);
        const int x1 = std::min(x0 + 1, kWidth - 1), y1 = std::min(y0 + 1, kHeight - 1);
        const float fx = sx - static_cast<float>(x0), fy = sy - static_cast<float>(y0);
        const auto v = [&](int i, int j) { return p[static_cast<size_t>(j * kWidth + i)]; };
        at(out, x, y) = (1 - fy) * ((1 - fx) * v(x0, y0) + fx * v(x1, y0)) +
                        fy * ((1 - fx) * v(x0, y1) + fx * v(x1, y1));
      }
    return out;
  }
  static void light(Picture& p, float gain, float offset) {
    for (float& v : p) v = v * gain + offset;
  }
  [[nodiscard]] int roll(int n) { return static_cast<int>(random_() % static_cast<uint32_t>(n)); }

  [[nodiscard]] static pixel::SmallLuma luma(const Picture& p) {
    pixel::SmallLuma out;
    for (size_t i = 0; i < p.size(); ++i)
      out.cells[i] = static_cast<uint8_t>(std::clamp(std::lround(p[i]), 0L, 255L));
    return out;
  }
  /// A decoded frame whose small luma is the picture.
  [[nodiscard]] static media::Frame frame(const Picture& p, media::Pts pts, bool key) {
    auto cells = std::make_shared<pixel::SmallLuma>(luma(p));
    media::Frame out;
    out.format = media::PixelFormat::gray8;
    out.width = kWidth;
    out.height = kHeight;
    out.key = key;
    out.pts = pts;
    out.planes[0] = {cells->cells.data(), kWidth};
    out.owner = cells;
    return out;
  }

 private:
  std::mt19937 random_;
  Picture background_;
};

}  // namespace pasu::gate
