#include "track/motion.h"

namespace pasu::track {
namespace {

double square(double x) { return x * x; }

}  // namespace

void Motion::begin(const geom::Box& box, const MotionNoise& noise) {
  height_.begin(box.h, 0);
  const double h = scale();
  height_.begin(box.h, square(noise.measure_size * h));
  width_.begin(box.w, square(noise.measure_size * h));
  cx_.begin(box.x + box.w / 2.0, square(noise.measure_center * h), square(noise.speed_first * h));
  cy_.begin(box.y + box.h / 2.0, square(noise.measure_center * h), square(noise.speed_first * h));
}

void Motion::predict(double seconds, const MotionNoise& noise) {
  const double h = scale();
  cx_.predict(seconds, square(noise.speed_change * h));
  cy_.predict(seconds, square(noise.speed_change * h));
  width_.predict(seconds, square(noise.size_change * h));
  height_.predict(seconds, square(noise.size_change * h));
}

void Motion::correct(const geom::Box& box, double trust, const MotionNoise& noise) {
  const double h = scale();
  const double center = square(noise.measure_center * h) / trust;
  const double size = square(noise.measure_size * h) / trust;
  cx_.correct(box.x + box.w / 2.0, center);
  cy_.correct(box.y + box.h / 2.0, center);
  width_.correct(box.w, size);
  height_.correct(box.h, size);
}

geom::Box Motion::box() const {
  return {static_cast<float>(cx_.x - width_.x / 2), static_cast<float>(cy_.x - height_.x / 2),
          static_cast<float>(width_.x), static_cast<float>(height_.x)};
}

double Motion::distance2(const geom::Box& box, const MotionNoise& noise) const {
  const double measure = square(noise.measure_center * scale());
  return square(box.x + box.w / 2.0 - cx_.x) / (cx_.xx + measure) +
         square(box.y + box.h / 2.0 - cy_.x) / (cy_.xx + measure);
}

}  // namespace pasu::track
