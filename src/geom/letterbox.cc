#include "geom/letterbox.h"

#include <cmath>

#include "base/assert.h"

namespace pasu::geom {

Letterbox Letterbox::fit(Size source, Size input) {
  ASSERT(source.width > 0 && source.height > 0 && input.width > 0 && input.height > 0);
  Letterbox out;
  out.source = source;
  out.input = input;
  const double r = std::min(static_cast<double>(input.width) / source.width,
                            static_cast<double>(input.height) / source.height);
  out.scaled.width = std::clamp(static_cast<int>(std::lround(source.width * r)), 1, input.width);
  out.scaled.height = std::clamp(static_cast<int>(std::lround(source.height * r)), 1, input.height);
  out.offset_x = (input.width - out.scaled.width) / 2;
  out.offset_y = (input.height - out.scaled.height) / 2;
  out.scale = out.scale_x = out.scale_y = static_cast<float>(r);
  return out;
}

Letterbox Letterbox::stretch(Size source, Size input) {
  ASSERT(source.width > 0 && source.height > 0 && input.width > 0 && input.height > 0);
  Letterbox out;
  out.source = source;
  out.input = out.scaled = input;
  out.scale_x = static_cast<float>(input.width) / static_cast<float>(source.width);
  out.scale_y = static_cast<float>(input.height) / static_cast<float>(source.height);
  out.scale = std::min(out.scale_x, out.scale_y);
  return out;
}

Box Letterbox::to_source(const Box& box) const {
  const Box out{(box.x - static_cast<float>(offset_x)) / scale_x,
                (box.y - static_cast<float>(offset_y)) / scale_y, box.w / scale_x, box.h / scale_y};
  return clip(out, source);
}

Box Letterbox::to_input(const Box& box) const {
  return {box.x * scale_x + static_cast<float>(offset_x),
          box.y * scale_y + static_cast<float>(offset_y), box.w * scale_x, box.h * scale_y};
}

}  // namespace pasu::geom
