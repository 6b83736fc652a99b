// The crops of SSD (Liu et al. 2016, section 2.2), with the numbers of TF OD API's ssd_random_crop.
#pragma once

#include "train/load/detail/view.h"

namespace pasu::train::detail {

/// Takes from `boxes` those that the crop leaves out; the crop is all of the frame where the lot
/// falls so, or where no crop was found that shows a box.
[[nodiscard]] Crop ssd_crop(geom::Size frame, std::vector<FrameBox>& boxes, Random& random);

}  // namespace pasu::train::detail
