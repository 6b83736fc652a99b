// Cameras against activity, as a picture.
#pragma once

#include <string>
#include <vector>

namespace pasu::bench {

struct CurvePoint {
  double active = 0;   ///< Share of cameras with somebody in view.
  double cameras = 0;  ///< That the machine takes then.
};
struct Curve {
  std::string name;
  std::vector<CurvePoint> points;  ///< By rising activity.
};

/// An SVG with its axes labelled, readable on light and dark pages.
[[nodiscard]] std::string curve_svg(const std::string& title, std::vector<Curve> curves);

}  // namespace pasu::bench
