#include "train/fit/plan.h"

namespace pasu::train {
namespace {

/// SplitMix64 (Steele et al. 2014).
uint64_t mixed(uint64_t x) {
  x += 0x9E3779B97F4A7C15U;
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9U;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EBU;
  return x ^ (x >> 31);
}

}  // namespace

PlanRule plan_rule(const Settings& settings) {
  return [&settings](uint64_t number) {
    const bool late = settings.is_late(static_cast<int64_t>(number));
    const auto share = [&](const InputSize& one) { return late ? one.late_share : one.share; };
    double all = 0;
    for (const InputSize& one : settings.sizes) all += share(one);
    constexpr double kOne = 1.0 / 9007199254740992.0;  // 2^-53
    const double drawn =
        static_cast<double>(mixed(mixed(settings.seed) ^ number) >> 11) * kOne * all;
    const InputSize* chosen = &settings.sizes.front();
    double sum = 0;
    for (const InputSize& one : settings.sizes) {
      if (share(one) <= 0) continue;
      chosen = &one;
      sum += share(one);
      if (drawn < sum) break;
    }
    return BatchPlan{.size = chosen->size,
                     .count = chosen->batch,
                     .augmentation = late ? &settings.late_augmentation : &settings.augmentation,
                     .fill = settings.ssd && settings.ssd->fill};
  };
}

std::string fingerprint_of(const PictureSet& pictures, const Settings& settings) {
  uint64_t hash = settings.seed;
  const auto add = [&](uint64_t value) { hash = mixed(hash ^ value); };
  for (size_t i = 0; i < pictures.size(); ++i) {
    for (const char c : pictures.name(i)) add(static_cast<unsigned char>(c));
    add(static_cast<uint64_t>(pictures.set_of(i).weight * 1e6));
  }
  for (const InputSize& one : settings.sizes)
    for (const int value : {one.size.width, one.size.height, one.batch})
      add(static_cast<uint64_t>(value));
  return fmt::format("{:016x}", hash);
}

}  // namespace pasu::train
