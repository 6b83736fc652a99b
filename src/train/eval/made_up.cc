#include "train/eval/made_up.h"

#include <algorithm>
#include <cmath>

#include "base/assert.h"

namespace pasu::eval {
namespace {

constexpr double kWidth = 640, kHeight = 480;

/// splitmix64: the standard library's distributions differ between machines.
class Random {
 public:
  explicit Random(uint64_t seed) : state_(seed) {}
  uint64_t next() {
    uint64_t z = state_ += 0x9E3779B97F4A7C15ull;
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9ull;
    z = (z ^ z >> 27) * 0x94D049BB133111EBull;
    return z ^ z >> 31;
  }
  double unit() { return static_cast<double>(next() >> 11) * 0x1p-53; }
  double between(double low, double high) { return low + (high - low) * unit(); }
  size_t below(size_t n) { return static_cast<size_t>(next() % n); }

 private:
  uint64_t state_;
};

double rounded(double value, double steps) { return std::round(value * steps) / steps; }

data::Box tidy(double x, double y, double w, double h) {
  return {rounded(x, 100), rounded(y, 100), rounded(w, 100), rounded(h, 100)};
}

/// Small ones are as frequent as large ones when sides are drawn by their logarithm.
data::Box any_box(Random& random) {
  const double w = std::exp(random.between(std::log(6.), std::log(400.)));
  const double h = std::clamp(w * random.between(0.4, 2.5), 5., kHeight);
  return tidy(random.between(0, kWidth - w), random.between(0, kHeight - h), w, h);
}

/// Frequent categories first: the k-th is drawn about in proportion to 1 / (k + 2).
size_t any_category(Random& random, size_t categories) {
  const double span = std::log((static_cast<double>(categories) + 2) / 2);
  const double k = 2 * (std::exp(span * random.unit()) - 1);
  return std::min(static_cast<size_t>(k), categories - 1);
}

Detection near(Random& random, const Truth& truth) {
  const double error = random.unit() * random.unit() * 0.6;
  const data::Box& b = truth.box;
  const auto moved = [&](double value, double size) {
    return value + size * random.between(-error, error) / 2;
  };
  return {.category = truth.category,
          .picture = truth.picture,
          .box = tidy(moved(b.x, b.w), moved(b.y, b.h), moved(b.w, b.w), moved(b.h, b.h)),
          .score = rounded(std::clamp(0.95 - error - 0.5 * random.unit(), 0.001, 1.), 1000)};
}

}  // namespace

MadeUp make_up(const MadeUpOptions& options) {
  ASSERT(options.pictures > 0 && options.categories > 0);
  Random random(options.seed);
  MadeUp out;
  for (size_t i = 0; i < options.categories; ++i) {
    const auto id = static_cast<int64_t>(i + 1 + i / 10);  // Gaps, as COCO has.
    out.set.categories.push_back({id, i == 0 ? "person" : "class " + std::to_string(id)});
  }
  for (size_t i = 0; i < options.pictures; ++i) {
    const auto id = static_cast<int64_t>(139 + 116 * i);
    out.set.pictures.push_back({.id = id,
                                .file = fmt::format("{:012}.jpg", id),
                                .size = {static_cast<int>(kWidth), static_cast<int>(kHeight)},
                                .objects = {}});
  }
  const auto any_picture = [&] {  // Some have many objects, some none.
    const double u = random.unit();
    return static_cast<size_t>(u * u * static_cast<double>(options.pictures));
  };
  for (size_t i = 0; i < options.truths; ++i) {
    data::Object object{.id = static_cast<int64_t>(i + 1),
                        .category = out.set.categories[any_category(random, options.categories)].id,
                        .box = any_box(random)};
    object.crowd = random.below(100) == 0;
    object.area = rounded(object.box.w * object.box.h * random.between(0.4, 0.9), 100);
    out.set.pictures[any_picture()].objects.push_back(object);
  }
  out.truth = *ground_truth(out.set);
  while (out.detections.size() < options.detections) {
    if (!out.truth.truths.empty() && random.below(2) == 0) {
      out.detections.push_back(near(random, out.truth.truths[random.below(options.truths)]));
    } else {
      out.detections.push_back(
          {.category = static_cast<uint32_t>(any_category(random, options.categories)),
           .picture = static_cast<uint32_t>(any_picture()),
           .box = any_box(random),
           .score = rounded(std::max(0.001, random.unit() * random.unit() * 0.6), 1000)});
    }
  }
  return out;
}

}  // namespace pasu::eval
