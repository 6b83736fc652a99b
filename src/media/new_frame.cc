#include "media/new_frame.h"

#include <cstdlib>

#include "base/assert.h"

namespace pasu::media {

NewFrame new_frame(PixelFormat format, int width, int height) {
  ASSERT(width > 0 && height > 0);
  constexpr size_t kAlign = 64;
  NewFrame out;
  out.frame.format = format;
  out.frame.width = width;
  out.frame.height = height;
  const int planes = plane_count(format);
  std::array<size_t, 3> offset{};
  size_t bytes = 0;
  for (int i = 0; i < planes; ++i) {
    const auto [w, h] = plane_size(format, width, height, i);
    const size_t stride =
        (static_cast<size_t>(w) * static_cast<size_t>(samples_per_pixel(format, i)) + kAlign - 1) /
        kAlign * kAlign;
    out.frame.planes[static_cast<size_t>(i)].stride = static_cast<int>(stride);
    offset[static_cast<size_t>(i)] = bytes;
    bytes += stride * static_cast<size_t>(h);
  }
  auto* data = static_cast<uint8_t*>(std::aligned_alloc(kAlign, bytes));
  ASSERT(data != nullptr);
  out.frame.owner = std::shared_ptr<const void>(data, std::free);
  for (size_t i = 0; i < static_cast<size_t>(planes); ++i)
    out.frame.planes[i].data = out.planes[i] = data + offset[i];
  return out;
}

}  // namespace pasu::media
