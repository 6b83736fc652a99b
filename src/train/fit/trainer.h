// One network being trained: a batch in, its loss out, the weights a step further.
#pragma once

#include <memory>
#include <string>
#include <torch/types.h>
#include <vector>

#include "base/result.h"
#include "train/fit/head.h"
#include "train/fit/optimizer.h"
#include "train/fit/settings.h"
#include "train/load/sample.h"
#include "train/model/weights.h"
#include "train/net/network.h"

namespace pasu::train {

/// Of one step.
struct StepResult {
  double loss = 0, score_loss = 0, box_loss = 0;
  double gradient_norm = 0;  ///< Before it was clipped.
  double rate = 0;
  size_t pictures = 0, boxes = 0, positives = 0;
};

/// Scores begin at this probability: most cells are background, and a network that begins by saying
/// so spends no steps on learning it (Lin et al. 2017, 4.1).
constexpr double kFirstScore = 0.01;

/// Not thread-safe. libtorch's exceptions pass through.
class Trainer {
 public:
  explicit Trainer(const Settings& settings);

  /// Errors: invalid_argument where the loss or its gradient is no number, naming the pictures; the
  /// weights are then as before the step.
  [[nodiscard]] Result<StepResult> step(const Batch& batch);

  /// Copies weights in, as a start; the moving average begins there too.
  LoadReport start_from(const Weights& weights);
  /// All that a step depends on but the data: weights under their names as the moving average has
  /// them (what is measured and exported), "train/NAME" as they are trained, the optimiser's slots.
  void save(Checkpoint& checkpoint) const;
  /// Errors: malformed, naming what is missing or of another shape.
  [[nodiscard]] Result<void> restore(const Checkpoint& checkpoint);
  /// The averages alone under their names, and the graph: what export reads.
  [[nodiscard]] Checkpoint averages() const;

  /// Runs `body` with the network in use: averaged weights, moving statistics, no gradients.
  template <class F>
  auto in_use(F&& body) {
    const InUse guard(*this);
    return body(network_);
  }

  [[nodiscard]] Network& network() { return network_; }
  [[nodiscard]] const Head& head() const { return *head_; }
  [[nodiscard]] const Settings& settings() const { return settings_; }
  [[nodiscard]] int64_t steps_done() const { return step_; }

 private:
  struct InUse {
    explicit InUse(Trainer& trainer);
    ~InUse();
    InUse(const InUse&) = delete;
    InUse& operator=(const InUse&) = delete;
    Trainer& trainer;
  };
  [[nodiscard]] NamedTensors tensors() const;
  /// The loss of a batch, and its gradients where it is a number. Pictures are shared out to the
  /// clones, whose gradients are averaged by their pictures.
  [[nodiscard]] HeadLoss learn(const Batch& batch, const std::vector<std::vector<Truth>>& truths);
  [[nodiscard]] Error not_a_number(const Batch& batch, const char* what);

  Settings settings_;
  torch::Device device_;
  std::unique_ptr<Head> head_;
  Network network_;
  std::vector<Network> clones_;  // Beside it, where settings ask for more than one.
  std::unique_ptr<Optimizer> optimizer_;
  std::unique_ptr<MovingAverage> average_;
  int64_t step_ = 0;
};

}  // namespace pasu::train
