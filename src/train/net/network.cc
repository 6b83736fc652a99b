#include "train/net/network.h"

#include <cmath>
#include <numbers>
#include <random>
#include <torch/torch.h>

#include "base/assert.h"

namespace pasu::train {
namespace {

/// SplitMix64 over the name, so that each parameter has a stream of its own.
uint64_t stream_of(uint64_t seed, std::string_view name) {
  uint64_t hash = seed + 0x9E3779B97F4A7C15u;
  for (const char c : name) {
    hash = (hash ^ static_cast<unsigned char>(c)) * 0xBF58476D1CE4E5B9u;
    hash ^= hash >> 31;
  }
  return hash;
}

/// Normal numbers, of those beyond `reach` deviations others. libtorch's own draw depends on the
/// CPU.
at::Tensor normal(const Shape& shape, double deviation, double reach, uint64_t stream) {
  std::mt19937_64 random(stream);
  const auto uniform = [&] { return (static_cast<double>(random() >> 11) + 0.5) * 0x1p-53; };
  at::Tensor out = torch::empty(shape);
  float* values = out.data_ptr<float>();
  for (int64_t i = 0; i < out.numel();) {
    const double drawn =
        std::sqrt(-2 * std::log(uniform())) * std::cos(2 * std::numbers::pi * uniform());
    if (std::abs(drawn) <= reach) values[i++] = static_cast<float>(drawn * deviation);
  }
  return out;
}

at::Tensor initial(const Parameter& parameter, const Conv& conv, uint64_t seed) {
  switch (parameter.role) {
    case Role::gamma:
      return torch::full(parameter.shape, conv.norm->first_gamma);
    case Role::moving_variance:
      return torch::ones(parameter.shape);
    case Role::weights:
    case Role::depthwise_weights: {
      const uint64_t stream = stream_of(seed, parameter.name);
      if (conv.stddev > 0) return normal(parameter.shape, conv.stddev, 2, stream);
      const double fan = conv.kernel * conv.kernel * (conv.depthwise() ? 1 : conv.in);
      return normal(parameter.shape, std::sqrt(2 / fan), 100, stream);
    }
    default:
      return torch::zeros(parameter.shape);
  }
}

/// In place: neither batch norm, convolution nor sum needs its output again for its gradient.
at::Tensor activated(at::Tensor x, Activation activation) {
  switch (activation) {
    case Activation::relu:
      return x.relu_();
    case Activation::relu6:
      return torch::hardtanh_(x, 0, 6);  // clamp_() would need what it overwrites.
    case Activation::none:
      break;
  }
  return x;
}

/// Zeros as TF's SAME puts them; none where the convolution's own padding does the same.
at::Tensor padded_same(const at::Tensor& x, const Conv& conv, int64_t& own) {
  const auto total = [&](int64_t side) {
    const int64_t out = (side + conv.stride - 1) / conv.stride;
    return std::max<int64_t>(0, (out - 1) * conv.stride + conv.kernel - side);
  };
  const int64_t high = total(x.size(2)), wide = total(x.size(3));
  if (high == wide && high % 2 == 0) {
    own = high / 2;
    return x;
  }
  own = 0;
  return torch::constant_pad_nd(x, {wide / 2, wide - wide / 2, high / 2, high - high / 2});
}

/// [N, A*D, H, W] -> [N, H*W*A, D]
at::Tensor cells(const at::Tensor& x, int64_t depth) {
  return x.permute({0, 2, 3, 1}).reshape({x.size(0), -1, depth});
}

}  // namespace

bool has_bfloat16(c10::Device device) {
  if (!device.is_cpu()) return true;
#if defined(__x86_64__)
  return __builtin_cpu_supports("avx512bf16") != 0;
#else
  return false;
#endif
}

Network Network::create(const Graph& graph, uint64_t seed) {
  Network out(graph);
  out.layers_.resize(graph.nodes.size());
  for (const Parameter& parameter : train::parameters(graph)) {
    const auto at = static_cast<size_t>(parameter.node);
    Layer& layer = out.layers_[at];
    at::Tensor tensor = initial(parameter, graph.nodes[at].conv, seed);
    tensor.requires_grad_(is_learnt(parameter.role));
    switch (parameter.role) {
      case Role::weights:
      case Role::depthwise_weights:
        layer.weights = tensor;
        break;
      case Role::biases:
        layer.biases = tensor;
        break;
      case Role::gamma:
        layer.gamma = tensor;
        break;
      case Role::beta:
        layer.beta = tensor;
        break;
      case Role::moving_mean:
        layer.mean = tensor;
        break;
      case Role::moving_variance:
        layer.variance = tensor;
        break;
    }
    (is_learnt(parameter.role) ? out.parameters_ : out.buffers_)
        .push_back({parameter.name, parameter.role, std::move(tensor)});
  }
  return out;
}

void Network::to(c10::Device device) {
  // The tensors are shared by layers_ and the lists: their data is replaced under them.
  const torch::NoGradGuard no_grad;
  for (auto* list : {&parameters_, &buffers_})
    for (NamedTensor& named : *list) {
      named.tensor.set_data(named.tensor.to(device));
      named.tensor.mutable_grad() = at::Tensor();
    }
}

Network Network::clone() const {
  Network out = create(graph_, 0);
  out.training_ = training_;
  out.bfloat16_ = bfloat16_;
  const torch::NoGradGuard no_grad;
  for (size_t i = 0; i < parameters_.size(); ++i)
    out.parameters_[i].tensor.set_data(parameters_[i].tensor.detach());
  for (size_t i = 0; i < buffers_.size(); ++i)
    out.buffers_[i].tensor.set_data(buffers_[i].tensor.clone());
  return out;
}

at::Tensor Network::normalised(const at::Tensor& images) const {
  at::Tensor x = images.to(at::kFloat);
  const auto& mean = graph_.input.mean;
  if (mean != std::array<double, 3>{0, 0, 0})
    x = x - torch::tensor({mean[0], mean[1], mean[2]}, x.options()).view({1, 3, 1, 1});
  x = (x * graph_.input.scale).contiguous(at::MemoryFormat::ChannelsLast);
  return bfloat16_ ? x.to(at::kBFloat16) : x;
}

at::Tensor Network::conv(const Node& node, const Layer& layer, const at::Tensor& x) const {
  const Conv& conv = node.conv;
  int64_t own = conv.kernel / 2;
  const at::Tensor in = conv.padding == Padding::same ? padded_same(x, conv, own) : x;
  at::Tensor weights = layer.weights, biases = layer.biases;
  if (bfloat16_) {
    weights = weights.to(at::kBFloat16);
    if (biases.defined()) biases = biases.to(at::kBFloat16);
  }
  at::Tensor out = torch::conv2d(in, weights, biases, conv.stride, own, 1, conv.groups);
  if (conv.norm)
    out = torch::batch_norm(out, layer.gamma, layer.beta, layer.mean, layer.variance, training_,
                            conv.norm->momentum, conv.norm->epsilon, false);
  return activated(std::move(out), node.activation);
}

std::vector<at::Tensor> Network::forward(const at::Tensor& images) {
  std::vector<at::Tensor> done;
  done.reserve(graph_.nodes.size());
  for (size_t i = 0; i < graph_.nodes.size(); ++i) {
    const Node& node = graph_.nodes[i];
    const auto in = [&](size_t k) -> const at::Tensor& {
      return done[static_cast<size_t>(node.inputs[k])];
    };
    switch (node.op) {
      case Op::input:
        done.push_back(normalised(images));
        break;
      case Op::conv:
        done.push_back(conv(node, layers_[i], in(0)));
        break;
      case Op::add:
        done.push_back(activated(in(0) + in(1), node.activation));
        break;
      case Op::upsample:
        done.push_back(at::upsample_nearest2d(in(0), {in(0).size(2) * 2, in(0).size(3) * 2}));
        break;
      case Op::cells:
        done.push_back(cells(in(0), node.depth));
        break;
      case Op::concat: {
        std::vector<at::Tensor> parts;
        for (size_t k = 0; k < node.inputs.size(); ++k) parts.push_back(in(k));
        done.push_back(torch::cat(parts, 1));
        break;
      }
    }
  }
  std::vector<at::Tensor> out;
  for (const Output& output : graph_.outputs)
    out.push_back(done[static_cast<size_t>(output.node)].to(at::kFloat));
  return out;
}

Weights Network::weights() const {
  Weights out;
  for (const auto* list : {&parameters_, &buffers_})
    for (const NamedTensor& named : *list) {
      const at::Tensor flat = named.tensor.detach().to(at::kCPU).contiguous();
      const float* values = flat.data_ptr<float>();
      out[named.name] = {flat.sizes().vec(), std::vector<float>(values, values + flat.numel())};
    }
  return out;
}

LoadReport Network::load(const Weights& weights) {
  const torch::NoGradGuard no_grad;
  LoadReport report;
  std::map<std::string_view, bool> known;
  for (auto* list : {&parameters_, &buffers_})
    for (NamedTensor& named : *list) {
      known[named.name] = true;
      const auto found = weights.find(named.name);
      if (found == weights.end()) {
        report.missing.push_back(named.name);
        continue;
      }
      const Array& array = found->second;
      if (named.tensor.sizes() != at::IntArrayRef(array.shape)) {
        report.misfits.push_back(fmt::format("{}: [{}] here, [{}] there", named.name,
                                             fmt::join(named.tensor.sizes(), ", "),
                                             fmt::join(array.shape, ", ")));
        continue;
      }
      // from_blob() takes no const pointer; copy_() only reads through it.
      named.tensor.copy_(torch::from_blob(const_cast<float*>(array.values.data()), array.shape));
      report.loaded.push_back(named.name);
    }
  for (const auto& [name, array] : weights)
    if (!known.contains(name)) report.unused.push_back(name);
  return report;
}

}  // namespace pasu::train
