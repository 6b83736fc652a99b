#include "bench/curve_svg.h"

#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/format.h>

#include "base/markup.h"

namespace pasu::bench {
namespace {

constexpr double kWidth = 720, kHeight = 400, kLeft = 64, kRight = 168, kTop = 44, kBottom = 48;
constexpr std::array kColours{"#2f7ed8", "#d9822b", "#4a9e5c", "#b34d8b", "#7a6fd0"};
constexpr std::array kActivities{0.0, 0.1, 0.2, 0.5, 1.0};

// A round number of lines up to `most`.
double step_of(double most) {
  const double rough = std::max(most, 1.0) / 5, power = std::pow(10, std::floor(std::log10(rough)));
  for (const double factor : {1.0, 2.0, 5.0})
    if (rough <= factor * power) return factor * power;
  return 10 * power;
}

double x_of(double active) { return kLeft + active * (kWidth - kLeft - kRight); }

std::string text(double x, double y, const char* anchor, const std::string& words) {
  return fmt::format("<text x=\"{:.0f}\" y=\"{:.0f}\" text-anchor=\"{}\">{}</text>\n", x, y, anchor,
                     escaped_markup(words));
}

}  // namespace

std::string curve_svg(const std::string& title, std::vector<Curve> curves) {
  // The lowest first: labels of curves that end together then go up from each other.
  std::ranges::sort(curves, {},
                    [](const Curve& c) { return c.points.empty() ? 0 : c.points.back().cameras; });
  double most = 0;
  for (const Curve& curve : curves)
    for (const CurvePoint& point : curve.points) most = std::max(most, point.cameras);
  const double step = step_of(most);
  const int steps = static_cast<int>(std::ceil(std::max(most, 1.0) / step));
  const double top = step * steps;
  const auto y_of = [&](double cameras) {
    return kHeight - kBottom - cameras / top * (kHeight - kTop - kBottom);
  };
  std::string out = fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {0:.0f} {1:.0f}\" width=\"{0:.0f}\" "
      "height=\"{1:.0f}\" font-family=\"sans-serif\" font-size=\"13\" fill=\"#808488\">\n",
      kWidth, kHeight);
  out += text(kLeft, 22, "start", title);
  for (int i = 0; i <= steps; ++i) {
    const double cameras = step * i;
    out += fmt::format(
        "<line x1=\"{:.0f}\" x2=\"{:.0f}\" y1=\"{:.1f}\" y2=\"{:.1f}\" stroke=\"#808488\" "
        "stroke-opacity=\"0.3\"/>\n",
        kLeft, kWidth - kRight, y_of(cameras), y_of(cameras));
    out += text(kLeft - 8, y_of(cameras) + 4, "end", fmt::format("{:.0f}", cameras));
  }
  for (const double active : kActivities)
    out +=
        text(x_of(active), kHeight - kBottom + 20, "middle", fmt::format("{:.0f} %", 100 * active));
  out +=
      text((kLeft + kWidth - kRight) / 2, kHeight - 8, "middle", "cameras with somebody in view");
  double last_label = -100;
  for (size_t i = 0; i < curves.size(); ++i) {
    const char* colour = kColours[i % kColours.size()];
    std::string line;
    for (const CurvePoint& point : curves[i].points) {
      line += fmt::format("{:.1f},{:.1f} ", x_of(point.active), y_of(point.cameras));
      out += fmt::format("<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"3.5\" fill=\"{}\"/>\n",
                         x_of(point.active), y_of(point.cameras), colour);
    }
    out += fmt::format("<polyline points=\"{}\" fill=\"none\" stroke=\"{}\" stroke-width=\"2\"/>\n",
                       line, colour);
    if (curves[i].points.empty()) continue;
    const CurvePoint& end = curves[i].points.back();
    const double y =
        last_label < 0 ? y_of(end.cameras) : std::min(y_of(end.cameras), last_label - 16);
    last_label = y;
    out += fmt::format("<text x=\"{:.0f}\" y=\"{:.0f}\" fill=\"{}\">{}</text>\n",
                       x_of(end.active) + 10, y + 4, colour, escaped_markup(curves[i].name));
  }
  return out + "</svg>\n";
}

}  // namespace pasu::bench
