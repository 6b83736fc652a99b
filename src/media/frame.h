// One decoded picture: a handle to planes that somebody keeps alive.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <utility>

#include "media/pts.h"

namespace pasu::media {

/// 8 bits a sample. Planar YUV as I4xx (three planes), NV12 (two), the rest one plane.
enum class PixelFormat { i420, i422, i444, nv12, gray8, rgb24, bgr24 };

enum class ColorMatrix { bt601, bt709 };

struct Plane {
  const uint8_t* data = nullptr;
  int stride = 0;  ///< Bytes from row to row.
};

/// Moving is free; share() makes a second handle to the same pixels. Pixels are read-only: overlay
/// draws on a frame of its own.
class Frame {
 public:
  Frame() = default;
  Frame(Frame&&) noexcept = default;
  Frame& operator=(Frame&&) noexcept = default;

  /// A second handle to the same pixels.
  [[nodiscard]] Frame share() const { return Frame(*this); }
  [[nodiscard]] explicit operator bool() const { return owner != nullptr; }

  int width = 0;
  int height = 0;
  PixelFormat format = PixelFormat::i420;
  ColorMatrix matrix = ColorMatrix::bt601;
  bool full_range = false;  ///< Luma 0..255 rather than 16..235.
  bool key = false;
  bool damaged = false;  ///< The decoder concealed errors.
  int rotation = 0;      ///< Degrees clockwise to turn it for display, by its own word (EXIF).
  Pts pts{0};
  std::array<Plane, 3> planes{};
  std::shared_ptr<const void> owner;  ///< Keeps the planes alive.

 private:
  Frame(const Frame&) = default;
};

[[nodiscard]] inline int plane_count(PixelFormat format) {
  if (format == PixelFormat::nv12) return 2;
  const bool planar =
      format == PixelFormat::i420 || format == PixelFormat::i422 || format == PixelFormat::i444;
  return planar ? 3 : 1;
}

/// Bytes that a pixel of plane `index` takes in its row.
[[nodiscard]] inline int samples_per_pixel(PixelFormat format, int index) {
  if (format == PixelFormat::rgb24 || format == PixelFormat::bgr24) return 3;
  return format == PixelFormat::nv12 && index == 1 ? 2 : 1;
}

/// Width and height of plane `index` of a frame of this format and size (chroma rounds up).
[[nodiscard]] inline std::pair<int, int> plane_size(PixelFormat format, int width, int height,
                                                    int index) {
  if (index == 0) return {width, height};
  const bool half_width =
      format == PixelFormat::i420 || format == PixelFormat::i422 || format == PixelFormat::nv12;
  const bool half_height = format == PixelFormat::i420 || format == PixelFormat::nv12;
  return {half_width ? (width + 1) / 2 : width, half_height ? (height + 1) / 2 : height};
}

}  // namespace pasu::media
