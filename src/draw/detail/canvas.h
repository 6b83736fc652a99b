// Paints colours into the planes of a frame as they are: no way through RGB.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "media/new_frame.h"

namespace pasu::draw {

/// [x, x + width) by [y, y + height) pixels; may reach beyond the frame or be empty.
struct Rect {
  int x = 0, y = 0, width = 0, height = 0;
  [[nodiscard]] Rect grown(int by) const {
    return {x - by, y - by, width + 2 * by, height + 2 * by};
  }
};

/// How much of each pixel of a small area is painted: 255 wholly.
struct Mask {
  int width = 0;
  int height = 0;
  std::vector<uint8_t> alpha;

  Mask() = default;
  Mask(int mask_width, int mask_height)
      : width(mask_width),
        height(mask_height),
        alpha(static_cast<size_t>(mask_width) * static_cast<size_t>(mask_height)) {}
  [[nodiscard]] uint8_t at(int x, int y) const {
    return alpha[static_cast<size_t>(y) * static_cast<size_t>(width) + static_cast<size_t>(x)];
  }
  uint8_t& at(int x, int y) {
    return alpha[static_cast<size_t>(y) * static_cast<size_t>(width) + static_cast<size_t>(x)];
  }
};

/// A colour, and how much of it covers what is there.
struct Ink {
  uint32_t rgb = 0;
  int opacity = 255;
};

/// Chroma that pixels share is painted by the share of them that are. Everything is clipped to the
/// frame.
class Canvas {
 public:
  /// Borrows the planes for its life.
  explicit Canvas(const media::NewFrame& target);

  void fill(const Rect& rect, Ink ink);
  void paint(const Mask& mask, int x, int y, Ink ink);

 private:
  /// One colour component: each of its samples covers 1 << shift pixels on an axis.
  struct Channel {
    uint8_t* data = nullptr;
    int stride = 0;
    int step = 1;  // bytes from sample to sample
    int shift_x = 0;
    int shift_y = 0;
  };
  [[nodiscard]] std::array<uint8_t, 3> values(uint32_t rgb) const;

  int width_;
  int height_;
  media::PixelFormat format_;
  media::ColorMatrix matrix_;
  bool full_range_;
  std::vector<Channel> channels_;
};

}  // namespace pasu::draw
