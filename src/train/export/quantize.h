// INT8 after training: ranges of the maps from calibration pictures, weights by output channel.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "geom/box.h"
#include "train/export/fold.h"

namespace pasu::train {

/// A picture as the network takes it, from where it will be used: [H, W, 3] RGB.
struct CalibrationPicture {
  geom::Size size;
  std::vector<uint8_t> rgb;
};

struct QuantizeOptions {
  /// Where a map's range ends; what lies beyond is cut off.
  enum class Rule {
    min_max,     ///< At the extremes that were seen.
    percentile,  ///< At the values that but 1 - `percentile` of all lie beyond, on each side.
    mse,         ///< Where rounding and cutting off together cost least, squared.
  };
  Rule rule = Rule::mse;
  double percentile = 0.99999;
  bool correct_bias = true;  ///< Takes the mean error that rounded weights make out of the biases.
  std::vector<std::string> keep_float{};  ///< Convolutions, by node, that stay as they are.
};

/// weights[o] * scales[o] are the convolution's. Without weights it stays float.
struct QuantizedConv {
  std::vector<int8_t> weights;
  std::vector<float> scales;  ///< [out]
  std::vector<float> biases;  ///< [out], corrected.
};

/// 256 levels from low to high, one of which is 0.
struct Range {
  float low = 0, high = 0;
};

struct Quantized {
  std::vector<std::optional<Range>> ranges;  ///< Of each node's output; nothing: stays float.
  std::vector<QuantizedConv> convs;          ///< Beside the nodes.
};

namespace detail {
struct Observed;
}

/// What calibration pictures showed of a float network: any number of INT8 ones can be made from
/// it.
class Calibration {
 public:
  /// Runs the network on each picture twice: for extremes and means, then for histograms. The
  /// graph, the convolutions and the pictures must outlive the calibration. Errors:
  /// invalid_argument (no pictures), internal.
  [[nodiscard]] static Result<Calibration> run(const Graph& graph,
                                               const std::vector<FoldedConv>& convs,
                                               std::span<const CalibrationPicture> pictures);
  Calibration(Calibration&&) noexcept;
  Calibration& operator=(Calibration&&) = delete;
  ~Calibration();

  /// Errors: invalid_argument (an unknown name in keep_float).
  [[nodiscard]] Result<Quantized> quantize(const QuantizeOptions& options) const;

  /// A convolution, and by what part the error of the outputs falls where it alone stays float too.
  struct Gain {
    std::string name;
    double part = 0;
  };
  /// Of each convolution that `options` rounds, the greatest first; on the first few pictures.
  /// Compiles the network once for each. Errors: as quantize(), internal.
  [[nodiscard]] Result<std::vector<Gain>> gains(const QuantizeOptions& options) const;

 private:
  Calibration(const Graph& graph, const std::vector<FoldedConv>& convs,
              std::span<const CalibrationPicture> pictures, std::vector<detail::Observed> seen);
  const Graph& graph_;
  const std::vector<FoldedConv>& convs_;
  std::span<const CalibrationPicture> pictures_;
  std::vector<detail::Observed> seen_;
};

[[nodiscard]] const char* to_string(QuantizeOptions::Rule rule);

}  // namespace pasu::train
