// The data_augmentation_options of TF OD API's pipeline files, as ours.
#pragma once

#include <map>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "train/load/augmentation.h"

namespace pasu::train {

/// One step as the file has it: "random_horizontal_flip" and the numbers that are set in it.
struct TfodOption {
  std::string name;
  std::map<std::string, double> values = {};
};

/// What the steps come to, with the defaults of preprocessor.proto where a number is not set:
///
/// | step | here |
/// |---|---|
/// | random_horizontal_flip | flip |
/// | ssd_random_crop | ssd_crop |
/// | random_adjust_brightness, _contrast, _saturation, _hue; random_distort_color | the range of
/// that name | | random_rgb_to_gray | grey | | random_jpeg_quality | blocks |
///
/// Steps are drawn in our order, whatever theirs in the file; contrast turns about mid-grey, not
/// about each picture's mean. Errors: unsupported, naming the step and those that are known.
[[nodiscard]] Result<Augmentation> tfod_augmentation(std::span<const TfodOption> options);

/// The names of the steps that tfod_augmentation() knows.
[[nodiscard]] std::vector<std::string> tfod_augmentation_names();

}  // namespace pasu::train
