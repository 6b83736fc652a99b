// MobileNet v2 (Sandler et al. 2018, table 2) as TF slim's nets/mobilenet/mobilenet_v2.py names it.
#include <algorithm>

#include "train/model/detail/ssd_head.h"

namespace pasu::train {
namespace {

/// slim's _make_divisible(): the nearest multiple of 8, never under `least` nor under 9/10 of
/// `value`.
int divisible_by_8(double value, int least = 8) {
  int out = std::max(least, static_cast<int>(value + 4) / 8 * 8);
  if (out < 0.9 * value) out += 8;
  return out;
}

class V2Builder {
 public:
  explicit V2Builder(const SsdOptions& options)
      : options_(options),
        builder_(options.lite ? "ssdlite_mobilenet_v2" : "ssd_mobilenet_v2",
                 detail::mobilenet_input()) {}

  Graph build() {
    int x = builder_.conv(scope_ + "Conv", builder_.input(), normed(depth(32), 3, 2),
                          Activation::relu6);
    struct Stage {
      int depth, blocks, stride;
    };
    constexpr Stage kStages[] = {{16, 1, 1}, {24, 2, 2},  {32, 3, 2}, {64, 4, 2},
                                 {96, 3, 1}, {160, 3, 2}, {320, 1, 1}};
    int index = 0;
    for (const Stage& stage : kStages)
      for (int i = 0; i < stage.blocks; ++i, ++index)
        x = block(index, x, depth(stage.depth), i == 0 ? stage.stride : 1);
    x = builder_.conv(scope_ + "Conv_1", x, normed(depth(1280), 1, 1), Activation::relu6);
    maps_.push_back(x);
    // Slim calls the last convolution layer_19.
    detail::add_ssd_head(builder_, maps_, scope_ + "layer_19", options_);
    return builder_.finish();
  }

 private:
  int depth(int full) const {
    return divisible_by_8(full * options_.depth_multiplier, options_.min_depth);
  }
  Conv normed(int out, int kernel, int stride) const {
    return {.out = out,
            .kernel = kernel,
            .stride = stride,
            .padding = Padding::same,
            .norm = options_.base_norm,
            .stddev = options_.base_stddev};
  }

  int block(int index, int from, int out, int stride) {
    const std::string name =
        scope_ + (index == 0 ? "expanded_conv" : fmt::format("expanded_conv_{}", index));
    int x = from;
    const int in = builder_.channels(from);
    if (index > 0)  // The first one is not expanded.
      x = builder_.conv(name + "/expand", x, normed(divisible_by_8(in * 6), 1, 1),
                        Activation::relu6);
    if (index == 13) maps_.push_back(x);  // layer_15/expansion_output: the last at stride 16.
    x = builder_.depthwise(name + "/depthwise", x, normed(0, 3, stride), Activation::relu6);
    x = builder_.conv(name + "/project", x, normed(out, 1, 1), Activation::none);
    return stride == 1 && in == out ? builder_.add(name + "/output", from, x) : x;
  }

  const std::string scope_ = "FeatureExtractor/MobilenetV2/";
  const SsdOptions& options_;
  detail::Builder builder_;
  std::vector<int> maps_;
};

}  // namespace

Graph ssd_mobilenet_v2(const SsdOptions& options) { return V2Builder(options).build(); }

}  // namespace pasu::train
