#include "train/fit/optimizer.h"

#include <cmath>
#include <torch/torch.h>

namespace pasu::train {
namespace {

/// One tensor beside each trained one, named "slot/name".
NamedTensors beside(const std::vector<Trained>& trained, const char* slot, double initial) {
  NamedTensors out;
  for (const Trained& one : trained)
    out.emplace_back(std::string(slot) + "/" + one.name,
                     torch::full_like(one.tensor.detach(), initial));
  return out;
}

NamedTensors joined(NamedTensors a, const NamedTensors& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

class Momentum final : public Optimizer {
 public:
  Momentum(const OptimizerOptions& options, std::vector<Trained> trained)
      : Optimizer(options, std::move(trained)), moments_(beside(trained_, "momentum", 0)) {}

  void update(size_t i, const torch::Tensor& g, double learning_rate) override {
    auto& moment = moments_[i].second;
    moment.mul_(options_.momentum).add_(g);
    trained_[i].tensor.sub_(moment, learning_rate);
  }
  NamedTensors slots() const override { return moments_; }

 private:
  NamedTensors moments_;
};

class RmsProp final : public Optimizer {
 public:
  RmsProp(const OptimizerOptions& options, std::vector<Trained> trained)
      : Optimizer(options, std::move(trained)),
        squares_(beside(trained_, "square", 1)),
        moments_(beside(trained_, "momentum", 0)) {}

  void update(size_t i, const torch::Tensor& g, double learning_rate) override {
    auto& square = squares_[i].second;
    auto& moment = moments_[i].second;
    square.mul_(options_.rms_decay).addcmul_(g, g, 1 - options_.rms_decay);
    moment.mul_(options_.momentum).addcdiv_(g, (square + options_.epsilon).sqrt_(), learning_rate);
    trained_[i].tensor.sub_(moment);
  }
  NamedTensors slots() const override { return joined(squares_, moments_); }

 private:
  NamedTensors squares_, moments_;
};

class Adam final : public Optimizer {
 public:
  Adam(const OptimizerOptions& options, std::vector<Trained> trained)
      : Optimizer(options, std::move(trained)),
        firsts_(beside(trained_, "first_moment", 0)),
        seconds_(beside(trained_, "second_moment", 0)) {}

  void update(size_t i, const torch::Tensor& g, double learning_rate) override {
    const auto t = static_cast<double>(steps());
    const double rate = learning_rate * std::sqrt(1 - std::pow(options_.beta2, t)) /
                        (1 - std::pow(options_.beta1, t));
    auto& first = firsts_[i].second;
    auto& second = seconds_[i].second;
    first.mul_(options_.beta1).add_(g, 1 - options_.beta1);
    second.mul_(options_.beta2).addcmul_(g, g, 1 - options_.beta2);
    trained_[i].tensor.addcdiv_(first, second.sqrt().add_(options_.epsilon), -rate);
  }
  NamedTensors slots() const override { return joined(firsts_, seconds_); }

 private:
  NamedTensors firsts_, seconds_;
};

}  // namespace

std::unique_ptr<Optimizer> Optimizer::create(const OptimizerOptions& options,
                                             std::vector<Trained> trained) {
  switch (options.kind) {
    case OptimizerOptions::Kind::momentum:
      return std::make_unique<Momentum>(options, std::move(trained));
    case OptimizerOptions::Kind::rms_prop:
      return std::make_unique<RmsProp>(options, std::move(trained));
    case OptimizerOptions::Kind::adam:
      break;
  }
  return std::make_unique<Adam>(options, std::move(trained));
}

void Optimizer::step(double learning_rate) {
  const torch::NoGradGuard no_grad;
  ++steps_;
  for (size_t i = 0; i < trained_.size(); ++i)
    if (const auto g = gradient(trained_[i], learning_rate); g.defined())
      update(i, g, learning_rate);
}

void Optimizer::zero_grad() {
  for (const Trained& one : trained_)
    if (one.tensor.grad().defined()) one.tensor.mutable_grad().reset();
}

double Optimizer::clip(double norm_max) {
  const torch::NoGradGuard no_grad;
  std::vector<torch::Tensor> norms;
  for (const Trained& one : trained_)
    if (one.tensor.grad().defined()) norms.push_back(one.tensor.grad().norm());
  if (norms.empty()) return 0;
  const double norm = torch::stack(norms).norm().item<double>();
  if (norm_max > 0 && norm > norm_max)
    for (const Trained& one : trained_)
      if (one.tensor.grad().defined()) one.tensor.mutable_grad().mul_(norm_max / norm);
  return norm;
}

torch::Tensor Optimizer::gradient(const Trained& one, double learning_rate) const {
  const auto& grad = one.tensor.grad();
  if (!grad.defined() || one.decay == 0) return grad;
  if (!options_.decoupled_decay) return grad.add(one.tensor.detach(), one.decay);
  one.tensor.detach().mul_(1 - learning_rate * one.decay);
  return grad;
}

MovingAverage::MovingAverage(double decay, const NamedTensors& tensors)
    : decay_(decay), tensors_(tensors) {
  for (auto& [name, tensor] : tensors_) {
    tensor = tensor.detach();  // Shares the storage, not the gradient.
    averages_.emplace_back(name, tensor.clone());
  }
}

void MovingAverage::update() {
  const torch::NoGradGuard no_grad;
  const auto n = static_cast<double>(++updates_);
  const double decay = std::min(decay_, (1 + n) / (10 + n));
  for (size_t i = 0; i < tensors_.size(); ++i)
    averages_[i].second.lerp_(tensors_[i].second, 1 - decay);
}

void MovingAverage::swap() {
  const torch::NoGradGuard no_grad;
  for (size_t i = 0; i < tensors_.size(); ++i) {
    const auto held = averages_[i].second.clone();
    averages_[i].second.copy_(tensors_[i].second);
    tensors_[i].second.copy_(held);
  }
}

}  // namespace pasu::train
