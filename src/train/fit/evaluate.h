// The network shown the pictures it is measured on, as the server would show them.
#pragma once

#include <atomic>
#include <string>
#include <vector>

#include "base/result.h"
#include "geom/nms.h"
#include "train/eval/coco.h"
#include "train/fit/head.h"
#include "train/load/picture_set.h"
#include "train/net/network.h"

namespace pasu::train {

struct DetectOptions {
  geom::Size size;
  int batch = 8;
  float score_min = 0.005F;
  geom::NmsOptions nms{.iou = 0.5F};
};

/// As the configuration's post_processing says of an SSD; the above of pasu_person.
[[nodiscard]] DetectOptions detect_options(const Settings& settings, geom::Size size);

/// Truth and detections of a set, pictures numbered as in the PictureSet, in its pixels.
struct Measured {
  eval::GroundTruth truth;
  std::vector<eval::Detection> detections;
  size_t unreadable = 0;  ///< Pictures that count as having no detection.
  double seconds = 0;
};

/// The annotations of `pictures` as ground truth.
[[nodiscard]] eval::GroundTruth truth_of(const PictureSet& pictures);

/// The network must be in its mode for use (train(false)) and of the head's kind; autograd is
/// turned off here. Errors: cancelled.
[[nodiscard]] Result<Measured> measure(Network& network, const Head& head, PictureSet& pictures,
                                       const DetectOptions& options, const std::atomic<bool>& stop);

/// The numbers that are logged of a set at one size.
struct Score {
  std::string set;
  geom::Size size;
  size_t pictures = 0, truths = 0;
  double ap50 = -1, ap = -1;
  eval::WorkingPoints points;
};
[[nodiscard]] Score score_of(const std::string& set, geom::Size size, const Measured& measured);

}  // namespace pasu::train
