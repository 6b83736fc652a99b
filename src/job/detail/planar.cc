#include "job/detail/planar.h"

#include "base/assert.h"
#include "media/new_frame.h"
#include "pixel/color.h"

namespace pasu::job::detail {
namespace {

using media::Frame;
using media::PixelFormat;

// A frame like `model` in all but format, size and pixels.
media::NewFrame canvas(const Frame& model, PixelFormat format, int width, int height) {
  media::NewFrame out = media::new_frame(format, width, height);
  out.frame.matrix = model.matrix;
  out.frame.full_range = model.full_range;
  out.frame.key = model.key;
  out.frame.damaged = model.damaged;
  out.frame.pts = model.pts;
  return out;
}

// One component's samples: how they lie, and by how many bits they are fewer than the plane's they
// are turned into.
struct Samples {
  const uint8_t* data = nullptr;
  int stride = 0, step = 1;
  int shift_x = 0;

  [[nodiscard]] uint8_t at(int x, int y) const {
    return data[static_cast<ptrdiff_t>(y) * stride + static_cast<ptrdiff_t>(x >> shift_x) * step];
  }
};

Samples samples_of(const Frame& frame, size_t component) {
  if (frame.format == PixelFormat::nv12 && component > 0)
    return {frame.planes[1].data + (component - 1), frame.planes[1].stride, 2, 0};
  const bool widened = frame.format == PixelFormat::i422 && component > 0;  // To I444.
  return {frame.planes[component].data, frame.planes[component].stride, 1, widened ? 1 : 0};
}

PixelFormat turned_format(PixelFormat format) {
  if (format == PixelFormat::nv12) return PixelFormat::i420;
  if (format == PixelFormat::i422) return PixelFormat::i444;
  return format;
}

}  // namespace

Frame upright(Frame frame, int degrees) {
  const int quarters = ((degrees + (degrees < 0 ? -45 : 45)) / 90 % 4 + 4) % 4;
  if (quarters == 0) return frame;
  ASSERT(frame.format != PixelFormat::rgb24 && frame.format != PixelFormat::bgr24);
  const bool sideways = quarters != 2;
  const PixelFormat format = turned_format(frame.format);
  media::NewFrame out = canvas(frame, format, sideways ? frame.height : frame.width,
                               sideways ? frame.width : frame.height);
  for (int plane = 0; plane < media::plane_count(format); ++plane) {
    const auto index = static_cast<size_t>(plane);
    const auto [from_w, from_h] = media::plane_size(format, frame.width, frame.height, plane);
    const auto [w, h] = media::plane_size(format, out.frame.width, out.frame.height, plane);
    const Samples from = samples_of(frame, index);
    for (int y = 0; y < h; ++y) {
      uint8_t* row = out.planes[index] + static_cast<ptrdiff_t>(y) * out.frame.planes[index].stride;
      for (int x = 0; x < w; ++x) {
        if (quarters == 1)
          row[x] = from.at(y, from_h - 1 - x);
        else if (quarters == 2)
          row[x] = from.at(from_w - 1 - x, from_h - 1 - y);
        else
          row[x] = from.at(from_w - 1 - y, x);
      }
    }
  }
  return std::move(out.frame);
}

Frame to_yuv(Frame frame) {
  const bool bgr = frame.format == PixelFormat::bgr24;
  if (!bgr && frame.format != PixelFormat::rgb24) return frame;
  media::NewFrame out = canvas(frame, PixelFormat::i444, frame.width, frame.height);
  out.frame.matrix = media::ColorMatrix::bt601;
  out.frame.full_range = true;
  for (int y = 0; y < frame.height; ++y) {
    const uint8_t* from = frame.planes[0].data + static_cast<ptrdiff_t>(y) * frame.planes[0].stride;
    for (int x = 0; x < frame.width; ++x, from += 3) {
      const int red = from[bgr ? 2 : 0], green = from[1], blue = from[bgr ? 0 : 2];
      const auto yuv = pixel::yuv_of_rgb(static_cast<uint32_t>(red << 16 | green << 8 | blue),
                                         media::ColorMatrix::bt601, true);
      for (size_t i = 0; i < 3; ++i)
        out.planes[i][static_cast<ptrdiff_t>(y) * out.frame.planes[i].stride + x] = yuv[i];
    }
  }
  return std::move(out.frame);
}

}  // namespace pasu::job::detail
