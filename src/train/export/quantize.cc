#include "train/export/quantize.h"

#include <algorithm>
#include <cmath>

#include "train/export/detail/observe.h"
#include "train/export/detail/output_judge.h"

namespace pasu::train {
namespace {

using detail::Observed;

constexpr int kLevels = 256;

/// Widened so that a level is 0: border zeros, and zeros after a ReLU, stay exact.
Range with_zero(double low, double high) {
  const double step = std::max((high - low) / (kLevels - 1), 1e-12);
  const double below = std::clamp(std::round(-low / step), 0., kLevels - 1.);
  return {static_cast<float>(-below * step), static_cast<float>((kLevels - 1 - below) * step)};
}

/// Squared error of the histogram's values when they are rounded to the range's levels.
double cost_of(const Observed& seen, const Range& range) {
  const double bin = (seen.high - seen.low) / static_cast<double>(Observed::kBins);
  const double step = (range.high - range.low) / (kLevels - 1.);
  double out = 0;
  for (size_t i = 0; i < Observed::kBins; ++i) {
    if (seen.histogram[i] == 0) continue;
    const double value = seen.low + (static_cast<double>(i) + 0.5) * bin;
    const double kept = std::clamp<double>(value, range.low, range.high);
    const double rounded = range.low + std::round((kept - range.low) / step) * step;
    // Half a level's rounding error where bins are too coarse to show it.
    out += static_cast<double>(seen.histogram[i]) *
           ((value - rounded) * (value - rounded) + (bin > step ? step * step / 12 : 0));
  }
  return out;
}

Range least_cost(const Observed& seen) {
  Range best = with_zero(seen.low, seen.high);
  double least = cost_of(seen, best);
  for (int percent = 99; percent >= 20; --percent) {
    const Range tried = with_zero(seen.low * percent / 100., seen.high * percent / 100.);
    if (const double cost = cost_of(seen, tried); cost < least) {
      least = cost;
      best = tried;
    }
  }
  return best;
}

Range by_percentile(const Observed& seen, double percentile) {
  uint64_t total = 0;
  for (const uint64_t count : seen.histogram) total += count;
  const double beyond = (1 - percentile) * static_cast<double>(total);
  const double bin = (seen.high - seen.low) / static_cast<double>(Observed::kBins);
  size_t first = 0, last = Observed::kBins;
  for (double left = beyond; first + 1 < last; ++first) {
    left -= static_cast<double>(seen.histogram[first]);
    if (left < 0) break;
  }
  for (double left = beyond; last > first + 1; --last) {
    left -= static_cast<double>(seen.histogram[last - 1]);
    if (left < 0) break;
  }
  return with_zero(std::min(seen.low + static_cast<double>(first) * bin, 0.),
                   std::max(seen.low + static_cast<double>(last) * bin, 0.));
}

Range range_of(const Observed& seen, const QuantizeOptions& options) {
  switch (options.rule) {
    case QuantizeOptions::Rule::min_max:
      break;
    case QuantizeOptions::Rule::percentile:
      return by_percentile(seen, options.percentile);
    case QuantizeOptions::Rule::mse:
      return least_cost(seen);
  }
  return with_zero(seen.low, seen.high);
}

/// Symmetric, one scale for each output channel: -127..127 reach its greatest weight.
QuantizedConv rounded(const Conv& conv, const FoldedConv& folded,
                      const std::vector<double>& input_means, bool correct_bias) {
  const auto outs = static_cast<size_t>(conv.out);
  const size_t each = folded.weights.size() / outs;
  const size_t area = static_cast<size_t>(conv.kernel) * static_cast<size_t>(conv.kernel);
  QuantizedConv out{std::vector<int8_t>(folded.weights.size()), std::vector<float>(outs),
                    folded.biases};
  for (size_t k = 0; k < outs; ++k) {
    const float* weights = &folded.weights[k * each];
    float reach = 0;
    for (size_t i = 0; i < each; ++i) reach = std::max(reach, std::abs(weights[i]));
    const float scale = reach > 0 ? reach / 127 : 1;
    out.scales[k] = scale;
    double error = 0;
    for (size_t i = 0; i < each; ++i) {
      const float level = std::round(weights[i] / scale);
      out.weights[k * each + i] = static_cast<int8_t>(level);
      const size_t channel = conv.depthwise() ? k : i / area;
      error += (level * scale - weights[i]) * input_means[channel];
    }
    if (correct_bias) out.biases[k] -= static_cast<float>(error);
  }
  return out;
}

class Quantizer {
 public:
  Quantizer(const Graph& graph, const QuantizeOptions& options)
      : graph_(graph), options_(options), rounded_(graph.nodes.size()) {}

  Result<void> choose() {
    for (const std::string& name : options_.keep_float)
      if (const int node = graph_.find(name);
          node < 0 || graph_.nodes[static_cast<size_t>(node)].op != Op::conv)
        return fail(Errc::invalid_argument, "'{}' is no convolution of {}", name, graph_.model);
    for (size_t i = 0; i < graph_.nodes.size(); ++i)
      rounded_[i] = graph_.nodes[i].op == Op::conv &&
                    std::find(options_.keep_float.begin(), options_.keep_float.end(),
                              graph_.nodes[i].name) == options_.keep_float.end();
    return {};
  }

  /// Maps that a rounded convolution or a sum takes: those need a range.
  std::vector<bool> wanted() const {
    std::vector<bool> out(graph_.nodes.size());
    for (size_t i = 0; i < graph_.nodes.size(); ++i)
      if (rounded_[i] || graph_.nodes[i].op == Op::add)
        for (const int input : graph_.nodes[i].inputs) out[static_cast<size_t>(input)] = true;
    return out;
  }

  Quantized finish(const std::vector<FoldedConv>& convs, const std::vector<Observed>& seen) const {
    Quantized out;
    out.ranges.resize(graph_.nodes.size());
    out.convs.resize(graph_.nodes.size());
    const auto wanted = this->wanted();
    for (size_t i = 0; i < graph_.nodes.size(); ++i) {
      const Node& node = graph_.nodes[i];
      if (rounded_[i])
        out.convs[i] =
            rounded(node.conv, convs[i], seen[static_cast<size_t>(node.inputs[0])].channel_means,
                    options_.correct_bias);
      if (!wanted[i]) continue;
      if (node.op == Op::input)
        out.ranges[i] = input_range();
      else if (node.op == Op::upsample)  // The same values as before.
        out.ranges[i] = out.ranges[static_cast<size_t>(node.inputs[0])];
      if (!out.ranges[i]) out.ranges[i] = range_of(seen[i], options_);
    }
    return out;
  }

 private:
  /// Pixels have 256 levels themselves.
  Range input_range() const {
    const auto& mean = graph_.input.mean;
    const double below = std::round(*std::max_element(mean.begin(), mean.end()));
    return {static_cast<float>(-below), static_cast<float>(255 - below)};
  }

  const Graph& graph_;
  const QuantizeOptions& options_;
  std::vector<bool> rounded_;
};

}  // namespace

Calibration::Calibration(const Graph& graph, const std::vector<FoldedConv>& convs,
                         std::span<const CalibrationPicture> pictures, std::vector<Observed> seen)
    : graph_(graph), convs_(convs), pictures_(pictures), seen_(std::move(seen)) {}
Calibration::Calibration(Calibration&&) noexcept = default;
Calibration::~Calibration() = default;

Result<Calibration> Calibration::run(const Graph& graph, const std::vector<FoldedConv>& convs,
                                     std::span<const CalibrationPicture> pictures) {
  if (pictures.empty())
    return fail(Errc::invalid_argument,
                "no pictures to calibrate by; a few hundred from where it will be used are good");
  const QuantizeOptions everything;
  Quantizer quantizer(graph, everything);
  TRY(quantizer.choose());
  auto seen = TRY(detail::observe(graph, convs, quantizer.wanted(), pictures));
  return Calibration(graph, convs, pictures, std::move(seen));
}

Result<Quantized> Calibration::quantize(const QuantizeOptions& options) const {
  Quantizer quantizer(graph_, options);
  TRY(quantizer.choose());
  return quantizer.finish(convs_, seen_);
}

Result<std::vector<Calibration::Gain>> Calibration::gains(const QuantizeOptions& options) const {
  constexpr size_t kPictures = 16;
  const auto few = pictures_.first(std::min(kPictures, pictures_.size()));
  const auto judge = TRY(detail::OutputJudge::create(graph_, convs_, few));
  const Quantized all = TRY(quantize(options));
  const double error = TRY(judge.error(all));
  std::vector<Gain> out;
  for (size_t i = 0; i < graph_.nodes.size(); ++i) {
    if (all.convs[i].weights.empty()) continue;
    QuantizeOptions one_less = options;
    one_less.keep_float.push_back(graph_.nodes[i].name);
    const Quantized tried = TRY(quantize(one_less));
    const double left = TRY(judge.error(tried));
    out.push_back({graph_.nodes[i].name, error > 0 ? 1 - left / error : 0});
  }
  std::stable_sort(out.begin(), out.end(),
                   [](const Gain& a, const Gain& b) { return a.part > b.part; });
  return out;
}

const char* to_string(QuantizeOptions::Rule rule) {
  switch (rule) {
    case QuantizeOptions::Rule::min_max:
      return "min_max";
    case QuantizeOptions::Rule::percentile:
      return "percentile";
    case QuantizeOptions::Rule::mse:
      return "mse";
  }
  return "";
}

}  // namespace pasu::train
