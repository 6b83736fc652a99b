// How a box moves: Kalman filters for its centre and size, in source pixels and seconds.
#pragma once

#include <algorithm>

#include "geom/box.h"

namespace pasu::track {

/// One coordinate with its speed: a constant-velocity Kalman filter whose acceleration is white
/// noise. The eight-dimensional filter of SORT has diagonal noise, so it falls apart into such
/// 2 x 2 filters without loss.
struct Axis {
  double x = 0, v = 0;
  double xx = 0, xv = 0, vv = 0;  ///< Covariance.

  void begin(double at, double x_variance, double v_variance) {
    *this = {at, 0, x_variance, 0, v_variance};
  }
  /// `q`: variance the speed gains in a second.
  void predict(double dt, double q) {
    x += v * dt;
    xx += dt * (2 * xv + dt * vv) + q * dt * dt * dt / 3;
    xv += dt * vv + q * dt * dt / 2;
    vv += q * dt;
  }
  /// `r`: variance of the measurement `z`.
  void correct(double z, double r) {
    const double total = xx + r, gain_x = xx / total, gain_v = xv / total;
    const double error = z - x;
    x += gain_x * error;
    v += gain_v * error;
    vv -= gain_v * xv;
    xx *= 1 - gain_x;
    xv *= 1 - gain_x;
  }
};

/// One length without speed: a box's width or height drifts, but to go on shrinking or growing
/// while nobody sees it would be a guess.
struct Length {
  double x = 0, xx = 0;

  void begin(double at, double variance) { *this = {at, variance}; }
  void predict(double dt, double q) { xx += q * dt; }
  void correct(double z, double r) {
    const double gain = xx / (xx + r);
    x += gain * (z - x);
    xx *= 1 - gain;
  }
};

/// Noise in units of the box's height h, so that near and far people are treated alike.
struct MotionNoise {
  double measure_center = 0.05;  ///< Of a detection's centre, standard deviation, h.
  double measure_size = 0.08;    ///< Of a detection's width and height, h.
  double speed_first = 1.2;      ///< Of a new track: walking is about 0.8 h/s, running 2 to 3.
  double speed_change = 1.0;     ///< What the speed changes by in a second, h/s.
  double size_change = 0.12;     ///< What width and height change by in a second, h.
};

/// A box's whole state.
class Motion {
 public:
  /// `box`: finite, with positive sides.
  Motion(const geom::Box& box, const MotionNoise& noise) { begin(box, noise); }
  void begin(const geom::Box& box, const MotionNoise& noise);
  void predict(double seconds, const MotionNoise& noise);
  /// `trust` in (0, 1]: below 1 the measurement is taken for noisier.
  void correct(const geom::Box& box, double trust, const MotionNoise& noise);

  [[nodiscard]] geom::Box box() const;
  [[nodiscard]] float vx() const { return static_cast<float>(cx_.v); }
  [[nodiscard]] float vy() const { return static_cast<float>(cy_.v); }
  /// The squared distance of `box`'s centre from the expected one, in standard deviations of
  /// where a measurement may fall: it grows with the time since the last correction.
  [[nodiscard]] double distance2(const geom::Box& box, const MotionNoise& noise) const;

 private:
  // A box of a fraction of a pixel is noisy by a pixel, not by its height.
  [[nodiscard]] double scale() const { return std::max(height_.x, 4.0); }

  Axis cx_, cy_;
  Length width_, height_;
};

}  // namespace pasu::track
