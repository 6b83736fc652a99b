// Optimisers as the configurations name them, with TensorFlow's formulas, and the moving average
// of the weights that is measured and exported.
#pragma once

#include <memory>
#include <string>
#include <torch/types.h>
#include <utility>
#include <vector>

namespace pasu::train {

/// In an order that is the same on every run.
using NamedTensors = std::vector<std::pair<std::string, torch::Tensor>>;

/// A trained tensor. `decay` is that of its weight: 0 for biases and batch norm.
struct Trained {
  std::string name;
  torch::Tensor tensor;
  double decay = 0;
};

struct OptimizerOptions {
  enum class Kind {
    momentum,  ///< a = m a + g; w -= lr a
    rms_prop,  ///< s = d s + (1 - d) g^2; a = m a + lr g / sqrt(s + eps); w -= a. s begins at 1.
    adam,      ///< w -= lr sqrt(1 - b2^t) / (1 - b1^t) m / (sqrt(v) + eps)
  };
  Kind kind = Kind::adam;
  double momentum = 0.9;
  double rms_decay = 0.9;
  double epsilon = 1e-8;
  double beta1 = 0.9, beta2 = 0.999;
  /// Where weights decay by lr * decay * w apart from the gradient (Loshchilov and Hutter 2019);
  /// otherwise decay * w is added to the gradient, as a squared term of the loss would.
  bool decoupled_decay = false;
  bool operator==(const OptimizerOptions&) const = default;
};

/// Holds the tensors given, which share storage with the network's. Not thread-safe.
class Optimizer {
 public:
  [[nodiscard]] static std::unique_ptr<Optimizer> create(const OptimizerOptions& options,
                                                         std::vector<Trained> trained);
  virtual ~Optimizer() = default;

  /// One step along the gradients that lie in the tensors; one without a gradient stays.
  void step(double learning_rate);
  /// What it remembers, "momentum/stem1/weight": the tensors themselves, to save or to copy into.
  [[nodiscard]] virtual NamedTensors slots() const = 0;

  void zero_grad();
  /// The norm of all gradients together before they are scaled down so that it is at most
  /// `norm_max` (0: they are left alone). Those of coupled decay are not in it.
  double clip(double norm_max);
  [[nodiscard]] const std::vector<Trained>& trained() const { return trained_; }
  /// Steps done: of Adam's correction. To be set when slots are restored.
  [[nodiscard]] int64_t steps() const { return steps_; }
  void set_steps(int64_t steps) { steps_ = steps; }

 protected:
  Optimizer(const OptimizerOptions& options, std::vector<Trained> trained)
      : options_(options), trained_(std::move(trained)) {}
  /// Moves the trained tensor `i` along its gradient `g`, steps() counting this step already.
  virtual void update(size_t i, const torch::Tensor& g, double learning_rate) = 0;

  OptimizerOptions options_;
  std::vector<Trained> trained_;

 private:
  /// The gradient with coupled decay; decoupled decay is applied to the weight here.
  [[nodiscard]] torch::Tensor gradient(const Trained& one, double learning_rate) const;

  int64_t steps_ = 0;
};

/// a = d a + (1 - d) w, of weights and of batch-norm statistics. d rises to `decay` as (1 + n) /
/// (10 + n) over the first updates n, so that the random start is soon forgotten.
class MovingAverage {
 public:
  MovingAverage(double decay, const NamedTensors& tensors);
  void update();
  /// The averages, "stem1/weight": the tensors themselves.
  [[nodiscard]] const NamedTensors& averages() const { return averages_; }
  [[nodiscard]] int64_t updates() const { return updates_; }
  void set_updates(int64_t updates) { updates_ = updates; }
  /// Exchanges averages and weights: call it twice around what is to see the averages.
  void swap();

 private:
  double decay_;
  NamedTensors tensors_, averages_;
  int64_t updates_ = 0;
};

}  // namespace pasu::train
