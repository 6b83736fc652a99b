#include "draw/detail/canvas.h"

#include <algorithm>
#include <cstring>

#include "pixel/color.h"

namespace pasu::draw {
namespace {

using media::PixelFormat;

void blend(uint8_t& sample, int value, int alpha) {
  sample = static_cast<uint8_t>((sample * (255 - alpha) + value * alpha + 127) / 255);
}

/// The pixels of sample `i` on an axis of `size` pixels, and how many of them lie in [from, to).
struct Span {
  int pixels;
  int covered;
  Span(int i, int shift, int size, int from, int to) {
    const int begin = i << shift;
    const int end = std::min(begin + (1 << shift), size);
    pixels = end - begin;
    covered = std::max(0, std::min(end, to) - std::max(begin, from));
  }
};

}  // namespace

Canvas::Canvas(const media::NewFrame& target)
    : width_(target.frame.width),
      height_(target.frame.height),
      format_(target.frame.format),
      matrix_(target.frame.matrix),
      full_range_(target.frame.full_range) {
  const auto add = [&](size_t plane, int offset, int step, int shift_x, int shift_y) {
    channels_.push_back(
        {target.planes[plane] + offset, target.frame.planes[plane].stride, step, shift_x, shift_y});
  };
  switch (format_) {
    case PixelFormat::rgb24:
    case PixelFormat::bgr24:
      for (int c = 0; c < 3; ++c) add(0, format_ == PixelFormat::rgb24 ? c : 2 - c, 3, 0, 0);
      return;
    case PixelFormat::nv12:
      add(0, 0, 1, 0, 0);
      add(1, 0, 2, 1, 1);
      add(1, 1, 2, 1, 1);
      return;
    case PixelFormat::gray8:
      add(0, 0, 1, 0, 0);
      return;
    case PixelFormat::i420:
    case PixelFormat::i422:
    case PixelFormat::i444: {
      const int shift_x = format_ == PixelFormat::i444 ? 0 : 1;
      const int shift_y = format_ == PixelFormat::i420 ? 1 : 0;
      add(0, 0, 1, 0, 0);
      add(1, 0, 1, shift_x, shift_y);
      add(2, 0, 1, shift_x, shift_y);
      return;
    }
  }
}

std::array<uint8_t, 3> Canvas::values(uint32_t rgb) const {
  if (format_ == PixelFormat::rgb24 || format_ == PixelFormat::bgr24)
    return {static_cast<uint8_t>(rgb >> 16), static_cast<uint8_t>(rgb >> 8),
            static_cast<uint8_t>(rgb)};
  return pixel::yuv_of_rgb(rgb, matrix_, full_range_);
}

void Canvas::fill(const Rect& rect, Ink ink) {
  const int x1 = std::max(rect.x, 0);
  const int y1 = std::max(rect.y, 0);
  const int x2 = std::min(rect.x + rect.width, width_);
  const int y2 = std::min(rect.y + rect.height, height_);
  if (x1 >= x2 || y1 >= y2) return;
  const auto value = values(ink.rgb);
  for (size_t c = 0; c < channels_.size(); ++c) {
    const Channel& channel = channels_[c];
    const int left = x1 >> channel.shift_x;
    const int right = ((x2 - 1) >> channel.shift_x) + 1;
    for (int y = y1 >> channel.shift_y; y <= (y2 - 1) >> channel.shift_y; ++y) {
      const Span rows(y, channel.shift_y, height_, y1, y2);
      uint8_t* row = channel.data + static_cast<std::ptrdiff_t>(y) * channel.stride;
      if (channel.step == 1 && channel.shift_x == 0 && ink.opacity == 255 &&
          rows.covered == rows.pixels) {
        std::memset(row + left, value[c], static_cast<size_t>(right - left));
        continue;
      }
      for (int x = left; x < right; ++x) {
        const Span columns(x, channel.shift_x, width_, x1, x2);
        blend(row[x * channel.step], value[c],
              ink.opacity * rows.covered * columns.covered / (rows.pixels * columns.pixels));
      }
    }
  }
}

void Canvas::paint(const Mask& mask, int x0, int y0, Ink ink) {
  const int x1 = std::max(x0, 0);
  const int y1 = std::max(y0, 0);
  const int x2 = std::min(x0 + mask.width, width_);
  const int y2 = std::min(y0 + mask.height, height_);
  if (x1 >= x2 || y1 >= y2) return;
  const auto value = values(ink.rgb);
  for (size_t c = 0; c < channels_.size(); ++c) {
    const Channel& channel = channels_[c];
    for (int y = y1 >> channel.shift_y; y <= (y2 - 1) >> channel.shift_y; ++y) {
      const Span rows(y, channel.shift_y, height_, y1, y2);
      uint8_t* row = channel.data + static_cast<std::ptrdiff_t>(y) * channel.stride;
      const int top = std::max(y << channel.shift_y, y1);
      for (int x = x1 >> channel.shift_x; x <= (x2 - 1) >> channel.shift_x; ++x) {
        const Span columns(x, channel.shift_x, width_, x1, x2);
        const int left = std::max(x << channel.shift_x, x1);
        int alpha = 0;
        for (int j = 0; j < rows.covered; ++j)
          for (int i = 0; i < columns.covered; ++i) alpha += mask.at(left + i - x0, top + j - y0);
        alpha = alpha * ink.opacity / (255 * rows.pixels * columns.pixels);
        if (alpha > 0) blend(row[x * channel.step], value[c], alpha);
      }
    }
  }
}

}  // namespace pasu::draw
