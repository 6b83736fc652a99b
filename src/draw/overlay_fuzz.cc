// Marks from bytes onto small frames of every format.
#include <cstring>
#include <vector>

#include "draw/overlay.h"
#include "media/new_frame.h"

using namespace pasu;

namespace {

/// Takes values off the front of the input; zeros when it is used up.
struct Reader {
  const uint8_t* data;
  size_t size;

  template <class T>
  T take() {
    T out{};
    const size_t n = std::min(sizeof(T), size);
    if (n > 0) std::memcpy(&out, data, n);
    data += n;
    size -= n;
    return out;
  }
};

/// Whole floats that are often near the frame, else any bits at all.
float coordinate(Reader& in) {
  const auto kind = in.take<uint8_t>();
  if (kind < 192) return static_cast<float>(in.take<int8_t>()) * 0.75f;
  return in.take<float>();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  Reader in{data, size};
  const auto format = static_cast<media::PixelFormat>(in.take<uint8_t>() % 7);
  const int width = 1 + in.take<uint8_t>() % 100;
  const int height = 1 + in.take<uint8_t>() % 100;
  media::NewFrame frame = media::new_frame(format, width, height);
  for (int p = 0; p < media::plane_count(format); ++p) {
    const auto i = static_cast<size_t>(p);
    std::memset(frame.planes[i], 77,
                static_cast<size_t>(frame.frame.planes[i].stride *
                                    media::plane_size(format, width, height, p).second));
  }
  std::vector<draw::Mark> marks;
  while (in.size > 0 && marks.size() < 50) {
    draw::Mark mark;
    mark.box = {coordinate(in), coordinate(in), coordinate(in), coordinate(in)};
    mark.color_id = in.take<uint8_t>();
    const size_t length = std::min<size_t>(in.take<uint8_t>() % 80, in.size);
    mark.text.assign(reinterpret_cast<const char*>(in.data), length);
    in.data += length;
    in.size -= length;
    marks.push_back(std::move(mark));
  }
  const media::Frame out = draw::draw_marks(frame.frame, marks);
  if (out.width != width || out.height != height || out.format != format) __builtin_trap();
  // The original stays as it was.
  for (int y = 0; y < height; ++y)
    for (int x = 0; x < width; ++x)
      if (frame.planes[0][y * frame.frame.planes[0].stride + x] != 77) __builtin_trap();
  return 0;
}
