// MobileNet v1 (Howard et al. 2017, table 1) as TF slim's nets/mobilenet_v1.py names it.
#include "train/model/detail/ssd_head.h"

namespace pasu::train {

Graph ssd_mobilenet_v1(const SsdOptions& options) {
  using detail::ssd_depth;
  const std::string scope = "FeatureExtractor/MobilenetV1/";
  detail::Builder builder(options.lite ? "ssdlite_mobilenet_v1" : "ssd_mobilenet_v1",
                          detail::mobilenet_input());
  const auto normed = [&](int out, int kernel, int stride) {
    return Conv{.out = out,
                .kernel = kernel,
                .stride = stride,
                .padding = Padding::same,
                .norm = options.base_norm,
                .stddev = options.base_stddev};
  };
  int x = builder.conv(scope + "Conv2d_0", builder.input(), normed(ssd_depth(32, options), 3, 2),
                       Activation::relu6);
  struct Step {
    int stride, depth;
  };
  constexpr Step kSteps[] = {{1, 64},  {2, 128}, {1, 128}, {2, 256}, {1, 256},  {2, 512}, {1, 512},
                             {1, 512}, {1, 512}, {1, 512}, {1, 512}, {2, 1024}, {1, 1024}};
  std::vector<int> maps;
  int index = 0;
  for (const auto& [stride, depth] : kSteps) {
    const std::string name = fmt::format("{}Conv2d_{}_", scope, ++index);
    x = builder.depthwise(name + "depthwise", x, normed(0, 3, stride), Activation::relu6);
    x = builder.conv(name + "pointwise", x, normed(ssd_depth(depth, options), 1, 1),
                     Activation::relu6);
    if (index == 11 || index == 13) maps.push_back(x);
  }
  detail::add_ssd_head(builder, maps, scope + "Conv2d_13_pointwise", options);
  return builder.finish();
}

}  // namespace pasu::train
