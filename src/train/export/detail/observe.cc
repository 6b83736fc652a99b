#include "train/export/detail/observe.h"

#include <algorithm>

#include "base/guard.h"
#include "train/export/detail/lower.h"
#include "train/export/detail/picture_runner.h"

namespace pasu::train::detail {
namespace {

/// A map of one node: channels of `cells` values each.
struct Map {
  const float* values;
  size_t channels, cells;
};

class Observer {
 public:
  Observer(const Graph& graph, const std::vector<FoldedConv>& convs,
           const std::vector<bool>& wanted)
      : out_(graph.nodes.size()) {
    Lowered lowered = lower_nodes(graph, convs);
    ov::ResultVector results;
    for (size_t i = 0; i < wanted.size(); ++i) {
      if (!wanted[i]) continue;
      nodes_.push_back(i);
      results.push_back(std::make_shared<ov::op::v0::Result>(lowered.nodes[i]));
    }
    runner_ = std::make_unique<PictureRunner>(
        std::make_shared<ov::Model>(results, ov::ParameterVector{lowered.image}));
  }

  /// body(node, map) for each picture and node.
  template <class F>
  void each(std::span<const CalibrationPicture> pictures, F&& body) {
    for (const CalibrationPicture& picture : pictures) {
      ov::InferRequest& request = runner_->run(picture);
      for (size_t k = 0; k < nodes_.size(); ++k) {
        const ov::Tensor tensor = request.get_output_tensor(k);
        const ov::Shape& dims = tensor.get_shape();
        body(nodes_[k], Map{tensor.data<const float>(), dims[1], dims[2] * dims[3]});
      }
    }
  }

  std::vector<Observed> run(std::span<const CalibrationPicture> pictures) {
    std::vector<double> weight(out_.size());
    each(pictures, [&](size_t node, const Map& map) { take_extremes(node, map, weight[node]); });
    for (const size_t node : nodes_) {
      for (double& mean : out_[node].channel_means) mean /= std::max(weight[node], 1.);
      out_[node].histogram.assign(Observed::kBins, 0);
    }
    each(pictures, [&](size_t node, const Map& map) { count(out_[node], map); });
    return std::move(out_);
  }

 private:
  void take_extremes(size_t node, const Map& map, double& weight) {
    Observed& seen = out_[node];
    seen.channel_means.resize(map.channels);
    const float* value = map.values;
    for (size_t c = 0; c < map.channels; ++c) {
      double sum = 0;
      for (size_t i = 0; i < map.cells; ++i, ++value) {
        seen.low = std::min(seen.low, *value);
        seen.high = std::max(seen.high, *value);
        sum += *value;
      }
      seen.channel_means[c] += sum;
    }
    weight += static_cast<double>(map.cells);
  }
  static void count(Observed& seen, const Map& map) {
    const float bins = static_cast<float>(Observed::kBins);
    const float scale = seen.high > seen.low ? bins / (seen.high - seen.low) : 0;
    const size_t values = map.channels * map.cells;
    for (size_t i = 0; i < values; ++i) {
      const float at = (map.values[i] - seen.low) * scale;
      ++seen.histogram[std::min(static_cast<size_t>(at), Observed::kBins - 1)];
    }
  }

  std::vector<Observed> out_;
  std::vector<size_t> nodes_;  // Beside the model's results.
  std::unique_ptr<PictureRunner> runner_;
};

}  // namespace

Result<std::vector<Observed>> observe(const Graph& graph, const std::vector<FoldedConv>& convs,
                                      const std::vector<bool>& wanted,
                                      std::span<const CalibrationPicture> pictures) {
  auto out = guard([&] { return Observer(graph, convs, wanted).run(pictures); });
  if (!out) return tl::unexpected(trimmed(out.error()).with("calibration"));
  return out;
}

}  // namespace pasu::train::detail
