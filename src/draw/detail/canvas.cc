#include "draw/detail/canvas.h"

#include <algorithm>
#include <cstring>

#include "pixel/color.h"

namespace pasu::draw {
namespace {

using media::PixelFormat;

/// x / 255, rounded, for x up to 255 * 255.
constexpr int divide_255(int x) { return (x + 128 + ((x + 128) >> 8)) >> 8; }

void blend(uint8_t& sample, int value, int alpha) {
  sample = static_cast<uint8_t>(divide_255(sample * (255 - alpha) + value * alpha));
}

void fill_row(uint8_t* row, int step, int samples, uint8_t value, int alpha) {
  if (samples <= 0) return;
  if (alpha == 255 && step == 1) {
    std::memset(row, value, static_cast<size_t>(samples));
  } else if (alpha == 255) {
    for (int i = 0; i < samples; ++i) row[i * step] = value;
  } else {
    for (int i = 0; i < samples; ++i) blend(row[i * step], value, alpha);
  }
}

/// kStep known to the compiler, so that planar rows become vector code.
template <int kStep>
void paint_row(uint8_t* row, const uint8_t* alpha, int samples, int value, int opacity) {
  for (int i = 0; i < samples; ++i) blend(row[i * kStep], value, divide_255(alpha[i] * opacity));
}

/// How much of sample `i`, which covers 1 or 2 pixels on an axis of `size`, lies in [from, to): in
/// halves.
int covered_halves(int i, int shift, int size, int from, int to) {
  const int begin = i << shift;
  const int end = std::min(begin + (1 << shift), size);
  const int covered = std::max(0, std::min(end, to) - std::max(begin, from));
  return end - begin == 2 ? covered : 2 * covered;
}

/// The mask at (x, y) of a picture, as seen by samples of 1 << shift pixels.
struct SampledMask {
  Mask mask;
  int x = 0;
  int y = 0;
};

SampledMask sampled(const Mask& mask, int x0, int y0, int shift_x, int shift_y, int width,
                    int height) {
  SampledMask out;
  out.x = x0 >> shift_x;
  out.y = y0 >> shift_y;
  out.mask = Mask(((x0 + mask.width - 1) >> shift_x) - out.x + 1,
                  ((y0 + mask.height - 1) >> shift_y) - out.y + 1);
  // In halves of a sample; the last column or row of an odd picture fills its sample alone.
  const auto share = [](int at, int shift, int size) {
    if (at < 0 || at >= size) return 0;
    return shift == 0 || (at == size - 1 && at % 2 == 0) ? 2 : 1;
  };
  std::vector<int> columns;
  for (int x = 0; x < mask.width; ++x) columns.push_back(share(x0 + x, shift_x, width));
  std::vector<int> sums(static_cast<size_t>(out.mask.width));
  for (int row = 0; row < out.mask.height; ++row) {
    std::fill(sums.begin(), sums.end(), 0);
    const int first = std::max(((out.y + row) << shift_y) - y0, 0);
    const int last = std::min((((out.y + row + 1) << shift_y) - 1) - y0, mask.height - 1);
    for (int y = first; y <= last; ++y) {
      const int rows = share(y0 + y, shift_y, height);
      const uint8_t* alpha = &mask.alpha[static_cast<size_t>(y * mask.width)];
      const int phase = x0 - (out.x << shift_x);
      for (int x = 0; x < mask.width; ++x)
        sums[static_cast<size_t>((phase + x) >> shift_x)] +=
            alpha[x] * rows * columns[static_cast<size_t>(x)];
    }
    for (int x = 0; x < out.mask.width; ++x)
      out.mask.at(x, row) = static_cast<uint8_t>(sums[static_cast<size_t>(x)] / 4);
  }
  return out;
}

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
    const Channel channel = channels_[c];
    const int left = x1 >> channel.shift_x;
    const int right = (x2 - 1) >> channel.shift_x;
    const int left_halves = covered_halves(left, channel.shift_x, width_, x1, x2);
    const int right_halves = covered_halves(right, channel.shift_x, width_, x1, x2);
    const bool whole = left_halves == 2 && right_halves == 2;
    for (int y = y1 >> channel.shift_y; y <= (y2 - 1) >> channel.shift_y; ++y) {
      const int alpha = ink.opacity * covered_halves(y, channel.shift_y, height_, y1, y2);
      uint8_t* row = channel.data + static_cast<std::ptrdiff_t>(y) * channel.stride;
      if (whole) {
        fill_row(row + left * channel.step, channel.step, right - left + 1, value[c], alpha / 2);
        continue;
      }
      // Only the samples at the ends are covered in part.
      blend(row[left * channel.step], value[c], alpha * left_halves / 4);
      if (right > left) blend(row[right * channel.step], value[c], alpha * right_halves / 4);
      fill_row(row + (left + 1) * channel.step, channel.step, right - left - 1, value[c],
               alpha / 2);
    }
  }
}

void Canvas::paint(const Mask& mask, int x0, int y0, Ink ink) {
  if (mask.width == 0 || mask.height == 0) return;
  const auto value = values(ink.rgb);
  SampledMask chroma;  // both chroma channels see the same
  for (size_t c = 0; c < channels_.size(); ++c) {
    const Channel channel = channels_[c];
    const bool shared = channel.shift_x + channel.shift_y > 0;
    if (shared && chroma.mask.width == 0)
      chroma = sampled(mask, x0, y0, channel.shift_x, channel.shift_y, width_, height_);
    const Mask& seen = shared ? chroma.mask : mask;
    const int left = shared ? chroma.x : x0;
    const int top = shared ? chroma.y : y0;
    const int x1 = std::max(left, 0);
    const int x2 = std::min(left + seen.width, ((width_ - 1) >> channel.shift_x) + 1);
    const int y1 = std::max(top, 0);
    const int y2 = std::min(top + seen.height, ((height_ - 1) >> channel.shift_y) + 1);
    if (x1 >= x2) continue;
    const auto paint_samples = channel.step == 1   ? paint_row<1>
                               : channel.step == 2 ? paint_row<2>
                                                   : paint_row<3>;
    for (int y = y1; y < y2; ++y)
      paint_samples(
          channel.data + static_cast<std::ptrdiff_t>(y) * channel.stride + x1 * channel.step,
          &seen.alpha[static_cast<size_t>((y - top) * seen.width + x1 - left)], x2 - x1, value[c],
          ink.opacity);
  }
}

}  // namespace pasu::draw
