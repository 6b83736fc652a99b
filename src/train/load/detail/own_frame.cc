#include "train/load/detail/own_frame.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "media/new_frame.h"
#include "pixel/letterbox.h"

namespace pasu::train::detail {
namespace {

using media::Frame;
using media::PixelFormat;

/// The whole picture as RGB24 of `size`.
Frame rgb_frame(const Frame& frame, geom::Size size) {
  media::NewFrame out = media::new_frame(PixelFormat::rgb24, size.width, size.height);
  const auto box = geom::Letterbox::stretch({frame.width, frame.height}, size);
  std::vector<uint8_t> rows(static_cast<size_t>(size.width) * static_cast<size_t>(size.height) * 3);
  pixel::letterbox_u8(frame, box, pixel::ChannelOrder::rgb, rows.data());
  const size_t row_bytes = static_cast<size_t>(size.width) * 3;
  for (int y = 0; y < size.height; ++y)
    std::memcpy(out.planes[0] + std::ptrdiff_t{y} * out.frame.planes[0].stride,
                rows.data() + static_cast<size_t>(y) * row_bytes, row_bytes);
  return std::move(out.frame);
}

/// By a quarter turn clockwise, or against it.
Frame turned(const Frame& frame, bool clockwise) {
  const Frame rgb = rgb_frame(frame, {frame.width, frame.height});
  media::NewFrame out = media::new_frame(PixelFormat::rgb24, frame.height, frame.width);
  for (int y = 0; y < out.frame.height; ++y)
    for (int x = 0; x < out.frame.width; ++x) {
      const int from_x = clockwise ? y : frame.width - 1 - y;
      const int from_y = clockwise ? frame.height - 1 - x : x;
      std::memcpy(out.planes[0] + std::ptrdiff_t{y} * out.frame.planes[0].stride + x * 3,
                  rgb.planes[0].data + std::ptrdiff_t{from_y} * rgb.planes[0].stride + from_x * 3,
                  3);
    }
  return std::move(out.frame);
}

Frame copied(const Frame& frame) {
  media::NewFrame out = media::new_frame(frame.format, frame.width, frame.height);
  out.frame.matrix = frame.matrix;
  out.frame.full_range = frame.full_range;
  for (int p = 0; p < media::plane_count(frame.format); ++p) {
    const auto plane = static_cast<size_t>(p);
    const auto [width, height] = media::plane_size(frame.format, frame.width, frame.height, p);
    const auto bytes =
        static_cast<size_t>(width) * static_cast<size_t>(media::samples_per_pixel(frame.format, p));
    for (int y = 0; y < height; ++y)
      std::memcpy(out.planes[plane] + std::ptrdiff_t{y} * out.frame.planes[plane].stride,
                  frame.planes[plane].data + std::ptrdiff_t{y} * frame.planes[plane].stride, bytes);
  }
  return std::move(out.frame);
}

bool is_of_turned(geom::Size annotated, const Frame& frame) {
  return frame.width != frame.height && annotated.width == frame.height &&
         annotated.height == frame.width;
}

}  // namespace

PictureSet::Decoded own_frame(const Frame& frame, geom::Size annotated, int side_max) {
  PictureSet::Decoded out;
  const int quarters = ((frame.rotation + 360) / 90) % 4;
  const bool sideways = quarters % 2 == 1 && is_of_turned(annotated, frame);
  out.frame = sideways ? turned(frame, quarters == 1) : frame.share();
  const geom::Size size{out.frame.width, out.frame.height};
  const int side = std::max(size.width, size.height);
  if (side > side_max) {
    const double r = static_cast<double>(side_max) / side;
    out.frame = rgb_frame(out.frame, {std::max(1, static_cast<int>(std::lround(size.width * r))),
                                      std::max(1, static_cast<int>(std::lround(size.height * r)))});
  } else if (!sideways) {
    out.frame = copied(frame);
  }
  const geom::Size of = annotated.width > 0 && annotated.height > 0 ? annotated : size;
  out.scale_x = static_cast<float>(out.frame.width) / static_cast<float>(of.width);
  out.scale_y = static_cast<float>(out.frame.height) / static_cast<float>(of.height);
  return out;
}

size_t bytes_of(const Frame& frame) {
  size_t bytes = 0;
  for (int p = 0; p < media::plane_count(frame.format); ++p)
    bytes +=
        static_cast<size_t>(frame.planes[static_cast<size_t>(p)].stride) *
        static_cast<size_t>(media::plane_size(frame.format, frame.width, frame.height, p).second);
  return bytes;
}

}  // namespace pasu::train::detail
