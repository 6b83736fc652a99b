// Pictures as the rest of a job wants them: upright, and in planes that can be drawn on.
#pragma once

#include "media/frame.h"

namespace pasu::job::detail {

/// `frame` turned clockwise by the quarter turns nearest to `degrees`; itself, uncopied, for none.
/// I422 becomes I444 and NV12 becomes I420. RGB must be made YUV first.
[[nodiscard]] media::Frame upright(media::Frame frame, int degrees);

/// RGB24 and BGR24 as I444, BT.601 with full range; all else as it is, uncopied.
[[nodiscard]] media::Frame to_yuv(media::Frame frame);

}  // namespace pasu::job::detail
