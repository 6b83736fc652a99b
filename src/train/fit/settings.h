// What a pipeline.config asks of training, as plain values.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "train/fit/learning_rate.h"
#include "train/fit/optimizer.h"
#include "train/fit/person_loss.h"
#include "train/fit/start.h"
#include "train/load/augmentation.h"
#include "train/load/picture_set.h"
#include "train/model/models.h"
#include "train/pipeline/config.h"
#include "train/ssd/settings.h"

namespace pasu::train {

/// One of the sizes that steps are trained at.
struct InputSize {
  geom::Size size;
  int batch = 32;
  double share = 1, late_share = 1;  ///< Of the steps, against the other sizes'.
  bool operator==(const InputSize&) const = default;
};

/// Pictures that the network is measured on.
struct EvalSet {
  std::string name;
  PictureSetOptions pictures;
  bool operator==(const EvalSet&) const = default;
};

struct Settings {
  PersonOptions model;
  std::optional<ssd::Settings> ssd;  ///< An SSD, rather than pasu_person.
  PersonLossOptions loss;
  std::vector<InputSize> sizes;  ///< The first is the one that best checkpoints are chosen by.

  int64_t steps = 0;
  double late_part = 0.3;  ///< The last part of the steps: late shares, late augmentation.
  OptimizerOptions optimizer;
  LearningRate rate;
  double weight_decay = 0;
  double clip_norm = 0;      ///< 0: gradients are left alone.
  double average_decay = 0;  ///< Of the moving average; 0: there is none.
  bool bfloat16 = false;
  uint64_t seed = 1;
  int threads = 1;  ///< Of libtorch, for each clone.
  int clones = 1;   ///< Parts of a batch that are learnt from at a time.

  PictureSetOptions pictures;
  int load_threads = 1;
  Augmentation augmentation, late_augmentation;
  std::vector<EvalSet> evaluations;

  int64_t checkpoint_every = 500, evaluate_every = 1000;  ///< Steps.
  StartFrom from;    ///< The configuration's fine_tune_checkpoint.
  std::string text;  ///< The configuration, to be kept with what it made.

  [[nodiscard]] int classes() const { return ssd ? ssd->model.classes : model.classes; }
  /// Is the step in the last part.
  [[nodiscard]] bool is_late(int64_t step) const {
    return static_cast<double>(step) >= static_cast<double>(steps) * (1 - late_part);
  }
  bool operator==(const Settings&) const = default;
};

/// The first and the last of the sizes: what the network is measured at and exported for.
[[nodiscard]] std::vector<geom::Size> measured_sizes(const Settings& settings);

/// Paths are relative to the configuration's folder unless that is not where they are. What
/// pipeline::check() finds is taken to be in order. Errors: unsupported (a model or an optimiser
/// that is not trained yet), invalid_argument. `steps`, where not 0, are trained instead of
/// train_config.num_steps.
[[nodiscard]] Result<Settings> settings_from(const pipeline::Config& config, int64_t steps = 0);

}  // namespace pasu::train
