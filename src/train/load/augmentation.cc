#include "train/load/augmentation.h"

namespace pasu::train {

Augmentation Augmentation::none() {
  Augmentation out;
  out.plain = 1;
  out.flip = out.width_jitter = out.mosaic = out.ssd_crop = 0;
  out.visible_drop = out.visible_ignore = out.ignore_below_height = 0;
  out.ignore_above_area = 1;
  out.photometric = out.grey = out.noise = out.blur = out.low_resolution = out.blocks = 0;
  return out;
}

}  // namespace pasu::train
