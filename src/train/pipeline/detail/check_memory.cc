// About how much memory training takes:
//
//   4 bytes * (parameters * (weight + gradient + optimiser's slots + moving average)
//              + 2 * outputs of convolutions per picture * pictures in a batch)
//
// twice, because a convolution's output and what normalisation and activation make of it are both
// kept for the way back. Outputs are counted from the networks' layer tables, per pixel of input;
// a fifth is added for what lies behind the feature extractor. Good to a factor of 1.5 or so.
#include <algorithm>

#include "train/pipeline/detail/checks.h"

namespace pasu::pipeline::detail {
namespace {

struct Network {
  const char* type;
  double parameters;         // Of the feature extractor.
  double outputs_per_pixel;  // Of all its convolutions.
};
constexpr Network kNetworks[] = {
    {"ssd_mobilenet_v1", 3.2e6, 100},          {"ssd_mobilenet_v2", 2.2e6, 133},
    {"ssd_inception_v2", 10.2e6, 100},         {"ssd_inception_v3", 21.8e6, 101},
    {"faster_rcnn_inception_v2", 10.2e6, 100}, {"faster_rcnn_resnet50", 23.5e6, 221},
    {"faster_rcnn_resnet101", 42.5e6, 323},    {"faster_rcnn_resnet152", 58.1e6, 450}};
constexpr double kRest = 1.2;

double pixels(const Block& model) {
  const Block* resizer = model.block("image_resizer");
  if (resizer == nullptr) return 0;
  if (const Block* fixed = resizer->block("fixed_shape_resizer"))
    return fixed->number("height") * fixed->number("width");
  if (const Block* keep = resizer->block("keep_aspect_ratio_resizer"))
    return keep->number("min_dimension") * keep->number("max_dimension");
  return 0;
}

double slots(const Block& train) {
  const Block* optimizer = train.block("optimizer");
  if (optimizer == nullptr) return 0;
  const Value* chosen = optimizer->chosen("optimizer");
  const double own = chosen == nullptr ? 0 : chosen->field->name == "momentum_optimizer" ? 1 : 2;
  return own + (optimizer->number("use_moving_average") != 0 ? 1 : 0);
}

std::string gigabytes(double bytes) { return fmt::format("{:.1f} GB", bytes / 1e9); }

}  // namespace

void check_memory(Remarks& remarks, uint64_t available) {
  const std::string path = model_path(remarks.config());
  const Block* train = remarks.config().block("train_config");
  if (path.empty() || train == nullptr) return;
  const Block& model = *remarks.config().block(path);
  const Block* extractor = model.block("feature_extractor");
  if (extractor == nullptr) return;
  const auto* const network = std::ranges::find_if(
      kNetworks, [&](const Network& one) { return extractor->text("type") == one.type; });
  const double size = pixels(model);
  if (network == std::end(kNetworks) || size == 0) return;
  double depth = 1;
  if (extractor->type->find("depth_multiplier") != nullptr) {
    depth = extractor->number("depth_multiplier");
    if (depth <= 0) depth = 1;
  }
  const double fixed = network->parameters * depth * depth * (2 + slots(*train));
  const double each = 2 * network->outputs_per_pixel * depth * size;
  const double batch = train->number("batch_size");
  const double bytes = 4 * kRest * (fixed + each * batch);
  remarks.report().memory_bytes = static_cast<uint64_t>(bytes);
  if (available == 0 || bytes <= static_cast<double>(available)) return;
  const double fits = std::floor((static_cast<double>(available) / (4 * kRest) - fixed) / each);
  remarks.add(Level::warning, "train_config.batch_size",
              fmt::format("is {}: training takes about {}, and {} are free; {}", batch,
                          gigabytes(bytes), gigabytes(static_cast<double>(available)),
                          fits >= 1 ? fmt::format("a batch of {} would fit", fits)
                                    : "not even one picture would fit: make the input smaller"));
}

}  // namespace pasu::pipeline::detail
