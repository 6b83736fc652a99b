#include "train/fit/trainer.h"

#include <ATen/Parallel.h>
#include <cmath>
#include <future>
#include <torch/torch.h>

#include "base/log.h"

namespace pasu::train {
namespace {

constexpr size_t kNamesShown = 6;

torch::Tensor images_of(const Batch& batch, const torch::Device& device) {
  const auto n = static_cast<int64_t>(batch.count());
  // from_blob() takes no const pointer; the network only reads.
  auto* pixels = const_cast<uint8_t*>(batch.rgb.data());
  return torch::from_blob(pixels, {n, batch.size.height, batch.size.width, 3}, torch::kByte)
      .permute({0, 3, 1, 2})
      .to(device);
}

/// Weights decay, biases and batch norm do not.
bool decays(Role role) { return role == Role::weights || role == Role::depthwise_weights; }

double decay_of(const NamedTensor& one, const Settings& settings) {
  if (!decays(one.role)) return 0;
  return settings.ssd && one.name.starts_with("BoxPredictor") ? settings.ssd->predictor_decay
                                                              : settings.weight_decay;
}

Array array_of(const torch::Tensor& tensor) {
  const torch::Tensor flat = tensor.detach().to(torch::kCPU).contiguous();
  const float* values = flat.data_ptr<float>();
  return {flat.sizes().vec(), std::vector<float>(values, values + flat.numel())};
}

Result<void> copy_into(const torch::Tensor& tensor, const Weights& arrays,
                       const std::string& name) {
  const auto found = arrays.find(name);
  if (found == arrays.end())
    return fail(Errc::malformed, "has no array '{}': it is no checkpoint of a training run", name);
  if (tensor.sizes() != at::IntArrayRef(found->second.shape))
    return fail(Errc::malformed, "array '{}' is [{}], and [{}] here: of another network", name,
                fmt::join(found->second.shape, ", "), fmt::join(tensor.sizes(), ", "));
  const torch::NoGradGuard no_grad;
  tensor.detach().copy_(
      torch::from_blob(const_cast<float*>(found->second.values.data()), found->second.shape));
  return {};
}

Result<int64_t> integer_fact(const Checkpoint& checkpoint, const std::string& name) {
  const auto found = checkpoint.facts.find(name);
  char* end = nullptr;
  const long long value =
      found == checkpoint.facts.end() ? 0 : std::strtoll(found->second.c_str(), &end, 10);
  if (end == nullptr || *end != 0 || found->second.empty() || value < 0)
    return fail(Errc::malformed, "has no count '{}': it is no checkpoint of a training run", name);
  return value;
}

Network first_network(const Settings& settings) {
  Network network = Network::create(graph_of(settings), settings.seed);
  const torch::NoGradGuard no_grad;
  if (settings.ssd) {
    for (const NamedTensor& one : network.parameters())
      if (one.name.ends_with("ClassPredictor/biases"))
        one.tensor.detach().fill_(settings.ssd->class_bias);
    return network;
  }
  for (const Output& output : network.graph().outputs) {
    const std::string name =
        network.graph().nodes[static_cast<size_t>(output.node)].name + "/biases";
    for (const NamedTensor& one : network.parameters())
      if (one.name == name)
        one.tensor.detach()
            .slice(0, 0, settings.model.classes)
            .fill_(std::log(kFirstScore / (1 - kFirstScore)));
  }
  return network;
}

}  // namespace

Trainer::Trainer(const Settings& settings)
    : settings_(settings),
      device_(torch::cuda::is_available() ? torch::kCUDA : torch::kCPU),
      head_(head_of(settings)),
      network_(first_network(settings)) {
  network_.to(device_);
  network_.use_bfloat16(settings.bfloat16 && has_bfloat16(device_));
  if (settings.bfloat16 && !has_bfloat16(device_))
    log::warn("use_bfloat16: this CPU does not compute in bfloat16; training is in float32");
  network_.train(true);
  for (int i = 1; i < settings.clones; ++i) clones_.push_back(network_.clone());
  std::vector<Trained> trained;
  for (const NamedTensor& one : network_.parameters())
    trained.push_back({one.name, one.tensor, decay_of(one, settings)});
  optimizer_ = Optimizer::create(settings.optimizer, std::move(trained));
  if (settings.average_decay > 0)
    average_ = std::make_unique<MovingAverage>(settings.average_decay, tensors());
}

NamedTensors Trainer::tensors() const {
  NamedTensors out;
  for (const auto* list : {&network_.parameters(), &network_.buffers()})
    for (const NamedTensor& one : *list) out.emplace_back(one.name, one.tensor);
  return out;
}

Result<StepResult> Trainer::step(const Batch& batch) {
  StepResult out;
  out.rate = rate_at(settings_.rate, step_);
  std::vector<std::vector<Truth>> truths;
  for (const Batch::Entry& entry : batch.samples) {
    truths.push_back(entry.truths);
    out.boxes += entry.truths.size();
  }
  out.pictures = batch.count();

  optimizer_->zero_grad();
  const HeadLoss loss = learn(batch, truths);
  out.score_loss = loss.score;
  out.box_loss = loss.box;
  out.loss = loss.score + loss.box;
  out.positives = loss.positives;
  if (!std::isfinite(out.loss)) return tl::unexpected(not_a_number(batch, "the loss"));

  out.gradient_norm = optimizer_->clip(settings_.clip_norm);
  if (!std::isfinite(out.gradient_norm))
    return tl::unexpected(not_a_number(batch, "the loss's gradient"));
  optimizer_->step(out.rate);
  if (average_) average_->update();
  ++step_;
  return out;
}

HeadLoss Trainer::learn(const Batch& batch, const std::vector<std::vector<Truth>>& truths) {
  const torch::Tensor images = images_of(batch, device_);
  const size_t parts = std::min(clones_.size() + 1, batch.count());
  const auto first_of = [&](size_t part) { return batch.count() * part / parts; };
  const auto learn_part = [&](Network& network, size_t part) {
    const size_t first = first_of(part), count = first_of(part + 1) - first;
    HeadLoss loss = head_->loss(
        network.forward(images.narrow(0, static_cast<int64_t>(first), static_cast<int64_t>(count))),
        batch.size, std::span(truths).subspan(first, count));
    const double share = static_cast<double>(count) / static_cast<double>(batch.count());
    loss.score *= share;
    loss.box *= share;
    if (std::isfinite(loss.score + loss.box)) (loss.total * share).backward();
    return loss;
  };
  std::vector<std::future<HeadLoss>> others;
  for (size_t part = 1; part < parts; ++part)
    others.push_back(std::async(std::launch::async, [&, part] {
      at::set_num_threads(settings_.threads);  // OpenMP counts by thread.
      return learn_part(clones_[part - 1], part);
    }));
  HeadLoss all = learn_part(network_, 0);
  const torch::NoGradGuard no_grad;
  for (size_t part = 1; part < parts; ++part) {
    const HeadLoss loss = others[part - 1].get();
    all.score += loss.score;
    all.box += loss.box;
    all.positives += loss.positives;
    const auto& from = clones_[part - 1].parameters();
    for (size_t i = 0; i < from.size(); ++i) {
      auto& grad = from[i].tensor.mutable_grad();
      auto& into = network_.parameters()[i].tensor.mutable_grad();
      if (grad.defined() && into.defined()) into.add_(grad);
      grad.reset();
    }
  }
  return all;
}

Error Trainer::not_a_number(const Batch& batch, const char* what) {
  // Batch norm mixes the pictures of a batch; alone, by the moving statistics, the culprit shows.
  const torch::NoGradGuard no_grad;
  network_.train(false);
  std::vector<std::string> alone, all;
  const auto images = images_of(batch, device_);
  for (size_t i = 0; i < batch.count(); ++i) {
    all.push_back(batch.samples[i].name);
    const auto n = static_cast<int64_t>(i);
    const std::vector<std::vector<Truth>> truths = {batch.samples[i].truths};
    const HeadLoss loss =
        head_->loss(network_.forward(images.slice(0, n, n + 1)), batch.size, truths);
    if (!std::isfinite(loss.score + loss.box)) alone.push_back(batch.samples[i].name);
  }
  network_.train(true);
  std::vector<std::string> named = alone.empty() ? all : alone;
  const size_t more = named.size() > kNamesShown ? named.size() - kNamesShown : 0;
  named.resize(named.size() - more);
  return Error(
      Errc::invalid_argument,
      fmt::format(
          "step {}: {} is no number; {}: {}{}. A lower learning rate or a tighter "
          "gradient_clipping_by_norm is the usual remedy; the checkpoint before it is whole",
          step_, what,
          alone.empty() ? "no picture alone makes it so, those of the batch are"
          : alone.size() == all.size()
              ? "every picture of the batch makes it so, the weights are no numbers; it has"
              : "the pictures that make it so",
          fmt::join(named, ", "), more > 0 ? fmt::format(" and {} more", more) : ""));
}

LoadReport Trainer::start_from(const Weights& weights) {
  LoadReport report = network_.load(weights);
  if (average_) average_ = std::make_unique<MovingAverage>(settings_.average_decay, tensors());
  return report;
}

void Trainer::save(Checkpoint& checkpoint) const {
  Checkpoint averaged = averages();
  checkpoint.facts.merge(averaged.facts);
  checkpoint.arrays.merge(averaged.arrays);
  for (const auto& [name, tensor] : tensors())
    checkpoint.arrays["train/" + name] = array_of(tensor);
  for (const auto& [name, tensor] : optimizer_->slots())
    checkpoint.arrays["optimizer/" + name] = array_of(tensor);
  checkpoint.facts["optimizer.steps"] = std::to_string(optimizer_->steps());
  checkpoint.facts["average.updates"] = std::to_string(average_ ? average_->updates() : 0);
}

Checkpoint Trainer::averages() const {
  Checkpoint out;
  out.facts[kGraphFact] = write_graph(network_.graph());
  out.facts["step"] = std::to_string(step_);
  // What export would else be told: the sizes that are measured.
  std::vector<std::string> sizes;
  for (const geom::Size size : measured_sizes(settings_))
    sizes.push_back(fmt::format("{}x{}", size.width, size.height));
  out.facts["sizes"] = fmt::format("{}", fmt::join(sizes, ","));
  head_->describe(out);
  for (const auto& [name, tensor] : average_ ? average_->averages() : tensors())
    out.arrays[name] = array_of(tensor);
  return out;
}

Result<void> Trainer::restore(const Checkpoint& checkpoint) {
  const int64_t step = TRY(integer_fact(checkpoint, "step"));
  const int64_t updates = TRY(integer_fact(checkpoint, "average.updates"));
  const int64_t optimizer_steps = TRY(integer_fact(checkpoint, "optimizer.steps"));
  for (const auto& [name, tensor] : tensors())
    TRY(copy_into(tensor, checkpoint.arrays, "train/" + name));
  for (const auto& [name, tensor] : optimizer_->slots())
    TRY(copy_into(tensor, checkpoint.arrays, "optimizer/" + name));
  if (average_) {
    for (const auto& [name, tensor] : average_->averages())
      TRY(copy_into(tensor, checkpoint.arrays, name));
    average_->set_updates(updates);
  }
  optimizer_->set_steps(optimizer_steps);
  step_ = step;
  return {};
}

Trainer::InUse::InUse(Trainer& t) : trainer(t) {
  if (trainer.average_) trainer.average_->swap();
  trainer.network_.train(false);
}

Trainer::InUse::~InUse() {
  if (trainer.average_) trainer.average_->swap();
  trainer.network_.train(true);
}

}  // namespace pasu::train
