// What the TF Object Detection API puts on a classification network to make an SSD of it.
#pragma once

#include <string>
#include <vector>

#include "train/model/detail/builder.h"
#include "train/model/models.h"

namespace pasu::train::detail {

/// MobileNet takes pictures as -1..1.
[[nodiscard]] Normalisation mobilenet_input();

/// `maps` are the base network's (two); more are added after the last until there is one for each
/// of options.boxes_per_cell. `scope` names them:
/// "FeatureExtractor/MobilenetV1/Conv2d_13_pointwise". Then predictors on each, and both outputs.
void add_ssd_head(Builder& builder, std::vector<int> maps, const std::string& scope,
                  const SsdOptions& options);

/// object_detection/models/ssd_mobilenet_v1_feature_extractor.py: max(int(depth * multiplier),
/// min_depth).
[[nodiscard]] int ssd_depth(int depth, const SsdOptions& options);

}  // namespace pasu::train::detail
