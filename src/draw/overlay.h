// Boxes with ids and scores onto a frame of one's own.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "geom/box.h"
#include "media/frame.h"

namespace pasu::draw {

struct Mark {
  geom::Box box;          ///< Frame pixels; may reach beyond the frame.
  std::string text;       ///< UTF-8, Korean too; empty = no label.
  uint32_t color_id = 0;  ///< Usually the track id: picks a colour of the palette.
};

/// 0xRRGGBB of a palette that colour-blind people can tell apart; the page uses the same order.
[[nodiscard]] uint32_t palette_color(uint32_t color_id);

/// A copy of `frame` (I420, I422, I444, NV12 or GRAY8) with `marks` drawn; line and text scale with
/// its height. Thread-safe.
[[nodiscard]] media::Frame draw_marks(const media::Frame& frame, std::span<const Mark> marks);

}  // namespace pasu::draw
