#include "train/load/tfod_options.h"

#include <algorithm>

namespace pasu::train {
namespace {

/// The numbers of a step, with their defaults.
class Values {
 public:
  explicit Values(const TfodOption& option) : option_(option) {}
  [[nodiscard]] float get(const char* name, double otherwise) const {
    const auto found = option_.values.find(name);
    return static_cast<float>(found == option_.values.end() ? otherwise : found->second);
  }

 private:
  const TfodOption& option_;
};

/// No light and colour but what steps ask for.
void begin_color(Augmentation& a) {
  if (a.photometric > 0) return;
  a.photometric = 1;
  a.brightness = a.hue = 0;
  a.contrast = a.saturation = a.gamma = {1, 1};
}

using Apply = void (*)(const Values&, Augmentation&);
struct Step {
  const char* name;
  Apply apply;
};
const Step kSteps[] = {
    {"random_horizontal_flip",
     [](const Values& v, Augmentation& a) { a.flip = v.get("probability", 0.5); }},
    {"ssd_random_crop", [](const Values&, Augmentation& a) { a.ssd_crop = 1; }},
    {"random_adjust_brightness",
     [](const Values& v, Augmentation& a) {
       begin_color(a);
       a.brightness = 255 * v.get("max_delta", 0.2);
     }},
    {"random_adjust_contrast",
     [](const Values& v, Augmentation& a) {
       begin_color(a);
       a.contrast = {v.get("min_delta", 0.8), v.get("max_delta", 1.25)};
     }},
    {"random_adjust_saturation",
     [](const Values& v, Augmentation& a) {
       begin_color(a);
       a.saturation = {v.get("min_delta", 0.8), v.get("max_delta", 1.25)};
     }},
    {"random_adjust_hue",
     [](const Values& v, Augmentation& a) {
       begin_color(a);
       a.hue = 360 * v.get("max_delta", 0.02);
     }},
    {"random_distort_color",  // Its numbers are in the code that reads the file, not in the file.
     [](const Values&, Augmentation& a) {
       begin_color(a);
       a.brightness = 32;
       a.saturation = a.contrast = {0.5f, 1.5f};
       a.hue = 0.2f * 360;
     }},
    {"random_rgb_to_gray",
     [](const Values& v, Augmentation& a) { a.grey = v.get("probability", 0.1); }},
    {"random_jpeg_quality",
     [](const Values& v, Augmentation& a) {
       a.blocks = 1 - v.get("random_coef", 0);
       a.blocks_quality = {std::max(1.f, v.get("min_jpeg_quality", 0)),
                           v.get("max_jpeg_quality", 100)};
     }},
};

}  // namespace

Result<Augmentation> tfod_augmentation(std::span<const TfodOption> options) {
  Augmentation out = Augmentation::none();
  for (const TfodOption& option : options) {
    const auto step =
        std::ranges::find_if(kSteps, [&](const Step& known) { return option.name == known.name; });
    if (step == std::end(kSteps))
      return fail(Errc::unsupported, "data_augmentation_options: no {} here; there are {}",
                  option.name, fmt::join(tfod_augmentation_names(), ", "));
    step->apply(Values(option), out);
  }
  return out;
}

std::vector<std::string> tfod_augmentation_names() {
  std::vector<std::string> out;
  for (const Step& step : kSteps) out.emplace_back(step.name);
  return out;
}

}  // namespace pasu::train
