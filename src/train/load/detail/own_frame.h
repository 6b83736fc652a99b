// A decoded picture as the cache keeps it: in memory of its own, upright, not larger than needed.
#pragma once

#include "base/result.h"
#include "media/frame.h"
#include "train/load/picture_set.h"

namespace pasu::train::detail {

/// `annotated` is the size that the picture's boxes count in; 0 x 0 where nobody says. It decides
/// whether EXIF's orientation counts: annotation tools differ in whether they obey it.
[[nodiscard]] PictureSet::Decoded own_frame(const media::Frame& frame, geom::Size annotated,
                                            int side_max);

[[nodiscard]] size_t bytes_of(const media::Frame& frame);

}  // namespace pasu::train::detail
