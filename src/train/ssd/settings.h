// What a TF OD API configuration says of an SSD, as plain values.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "geom/nms.h"
#include "train/load/augmentation.h"
#include "train/load/picture_set.h"
#include "train/model/models.h"
#include "train/pipeline/config.h"
#include "train/ssd/anchors.h"
#include "train/ssd/loss.h"

namespace pasu::train::ssd {

/// What boxes are told of a picture that is measured or, once exported, looked at.
struct PostProcessing {
  float score_min = 0;
  /// Every box of score_min and more is a candidate, as in TF OD API.
  geom::NmsOptions nms{.iou = 0.6F, .candidates_max = 100'000, .kept_per_label_max = 100};
  bool softmax = false;  ///< Scores by softmax over the classes; else sigmoid.
  bool operator==(const PostProcessing&) const = default;
};

struct Settings {
  std::string extractor;  ///< "ssd_mobilenet_v1"
  SsdOptions model;
  geom::Size input;
  bool fill = true;  ///< fixed_shape_resizer: each axis by its own scale.
  AnchorOptions anchors;
  LossOptions loss;
  double class_bias = 0;  ///< Of the class predictors' biases at the beginning.
  /// The l2_regularizers' weights: of weights, half their square each. Of the extractor and of the
  /// predictors.
  double weight_decay = 0, predictor_decay = 0;
  Augmentation augmentation;
  PostProcessing post;
  bool operator==(const Settings&) const = default;
};

/// Model, loss and augmentation of `config`. Errors: unsupported, naming the field: an extractor,
/// resizer, box coder, matcher, anchor generator or loss that is not trained here.
[[nodiscard]] Result<Settings> settings_from(const pipeline::Config& config);

/// The graph. `settings.extractor` must be one that settings_from() takes.
[[nodiscard]] Graph graph_of(const Settings& settings);

/// The feature maps of such a graph, largest first: strides 16, 32 and so on, rounded up.
[[nodiscard]] std::vector<geom::Size> grids_of(const Settings& settings);

/// tf_record_input_reader of an InputReader: every input_path a set, with the label map.
/// Errors: unsupported (another reader), invalid_argument (no path).
[[nodiscard]] Result<std::vector<SetOptions>> sets_from(const pipeline::Block& reader);

/// A batch entry's truths, from input pixels to shares.
[[nodiscard]] Truths truths_of(const std::vector<Truth>& truths, geom::Size input);

}  // namespace pasu::train::ssd
