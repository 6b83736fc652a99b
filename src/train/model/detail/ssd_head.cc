#include "train/model/detail/ssd_head.h"

#include <algorithm>

#include "base/assert.h"

namespace pasu::train::detail {
namespace {

class Head {
 public:
  Head(Builder& builder, const SsdOptions& options) : builder_(builder), options_(options) {}

  /// object_detection/models/feature_map_generators.py, multi_resolution_feature_maps(): a 1x1 to
  /// half the depth, then a 3x3 with stride 2.
  int next_map(int from, const std::string& scope, size_t index) {
    static constexpr int kDepths[] = {512, 256, 256, 128};  // 'layer_depth' of both extractors.
    const int depth = kDepths[std::min<size_t>(index - 2, 3)];
    const int half = ssd_depth(depth / 2, options_), full = ssd_depth(depth, options_);
    const std::string squeeze = fmt::format("{}_1_Conv2d_{}_1x1_{}", scope, index, half);
    const std::string widen = fmt::format("{}_2_Conv2d_{}_3x3_s2_{}", scope, index, full);
    const int x = builder_.conv(squeeze, from, normed(half, 1, 1), Activation::relu6);
    if (!options_.lite) return builder_.conv(widen, x, normed(full, 3, 2), Activation::relu6);
    const int y = builder_.depthwise(widen + "_depthwise", x, normed(0, 3, 2), Activation::relu6);
    return builder_.conv(widen, y, normed(full, 1, 1), Activation::relu6);
  }

  /// object_detection/predictors: [N, A, D] of one map.
  int predict(int map, const std::string& name, int boxes, int depth) {
    int x = map;
    int kernel = options_.predictor_kernel;
    if (options_.lite) {
      Conv depthwise = normed(0, kernel, 1);
      depthwise.norm = options_.predictor_norm;
      depthwise.stddev = options_.predictor_stddev;
      x = builder_.depthwise(name + "_depthwise", x, depthwise, Activation::relu6);
      kernel = 1;
    }
    const Conv last{.out = boxes * depth,
                    .kernel = kernel,
                    .padding = Padding::same,
                    .bias = true,
                    .stddev = options_.predictor_stddev};
    return builder_.cells(name + "/cells", builder_.conv(name, x, last, Activation::none), depth);
  }

 private:
  Conv normed(int out, int kernel, int stride) const {
    return {.out = out,
            .kernel = kernel,
            .stride = stride,
            .padding = Padding::same,
            .norm = options_.norm,
            .stddev = options_.stddev};
  }

  Builder& builder_;
  const SsdOptions& options_;
};

}  // namespace

Normalisation mobilenet_input() { return {.mean = {127.5, 127.5, 127.5}, .scale = 2. / 255}; }

int ssd_depth(int depth, const SsdOptions& options) {
  return std::max(static_cast<int>(depth * options.depth_multiplier), options.min_depth);
}

void add_ssd_head(Builder& builder, std::vector<int> maps, const std::string& scope,
                  const SsdOptions& options) {
  const auto& boxes = options.boxes_per_cell;
  ASSERT(boxes.size() >= maps.size());
  Head head(builder, options);
  while (maps.size() < boxes.size()) maps.push_back(head.next_map(maps.back(), scope, maps.size()));
  std::vector<int> encodings, logits;
  for (size_t i = 0; i < maps.size(); ++i) {
    const std::string name = fmt::format("BoxPredictor_{}/", i);
    encodings.push_back(head.predict(maps[i], name + "BoxEncodingPredictor", boxes[i], 4));
    logits.push_back(head.predict(maps[i], name + "ClassPredictor", boxes[i], options.classes + 1));
  }
  builder.output("box_encodings", builder.concat("box_encodings", encodings));
  builder.output("class_logits", builder.concat("class_logits", logits));
}

}  // namespace pasu::train::detail
