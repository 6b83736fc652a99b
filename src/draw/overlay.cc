#include "draw/overlay.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>

#include "draw/detail/canvas.h"
#include "draw/detail/typesetter.h"

namespace pasu::draw {
namespace {

/// Okabe and Ito, "Color Universal Design" (2008), without its black.
constexpr std::array<uint32_t, 7> kPalette = {0xE69F00, 0x56B4E9, 0x009E73, 0xF0E442,
                                              0x0072B2, 0xD55E00, 0xCC79A7};

/// The edge that keeps every colour visible on every ground: black, 35 %.
constexpr Ink kEdge{0x000000, 90};

/// A rounded corner: a quarter of a ring of width `line` and outer radius `radius`, or of a disc
/// where they are equal, in its four turns.
class Corner {
 public:
  Corner(int radius, int line) : radius_(radius) {
    for (Mask& mask : turns_) mask = Mask(radius, radius);
    for (int y = 0; y < radius; ++y)
      for (int x = 0; x < radius; ++x) {
        const double distance = std::hypot(radius - x - 0.5, radius - y - 0.5);
        const double disc = std::clamp(radius - distance + 0.5, 0.0, 1.0);
        const double hole = std::clamp(radius - line - distance + 0.5, 0.0, 1.0);
        const auto alpha = static_cast<uint8_t>(std::lround(255 * (disc - hole)));
        turns_[0].at(x, y) = alpha;
        turns_[1].at(radius - 1 - x, y) = alpha;
        turns_[2].at(x, radius - 1 - y) = alpha;
        turns_[3].at(radius - 1 - x, radius - 1 - y) = alpha;
      }
  }

  [[nodiscard]] int radius() const { return radius_; }
  void top_left(Canvas& canvas, const Rect& r, Ink ink) const {
    canvas.paint(turns_[0], r.x, r.y, ink);
  }
  void top_right(Canvas& canvas, const Rect& r, Ink ink) const {
    canvas.paint(turns_[1], r.x + r.width - radius_, r.y, ink);
  }
  void bottom_left(Canvas& canvas, const Rect& r, Ink ink) const {
    canvas.paint(turns_[2], r.x, r.y + r.height - radius_, ink);
  }
  void bottom_right(Canvas& canvas, const Rect& r, Ink ink) const {
    canvas.paint(turns_[3], r.x + r.width - radius_, r.y + r.height - radius_, ink);
  }

 private:
  int radius_;
  std::array<Mask, 4> turns_;
};

/// Sizes in pixels and the shapes that follow from them. Lines are even, as box corners are, so
/// that a line's chroma is its own.
struct Style {
  int line;
  int edge;  // of kEdge around the line
  int type;
  int padding;
  Corner line_corner;
  Corner edge_corner;
  Corner plate_corner;

  explicit Style(int frame_height)
      : line(2 * std::max(1, static_cast<int>(std::lround(frame_height / 720.0)))),
        edge(line / 2),
        type(std::clamp(static_cast<int>(std::lround(frame_height / 40.0)), 11, 96)),
        padding((type + 1) / 3),
        line_corner(2 * line, line),
        edge_corner(2 * line + edge, edge),
        plate_corner(2 * line, 2 * line) {}
};

/// A line along the inside of `rect`. A rectangle too small for round corners gets square ones.
void outline(Canvas& canvas, const Rect& rect, int line, const Corner& corner, Ink ink) {
  const int short_side = std::min(rect.width, rect.height);
  if (short_side <= 2 * line) {
    canvas.fill(rect, ink);
    return;
  }
  const bool round = short_side >= 2 * corner.radius();
  const int inset = round ? corner.radius() : line;
  const int top = round ? corner.radius() : 0;
  canvas.fill({rect.x + top, rect.y, rect.width - 2 * top, line}, ink);
  canvas.fill({rect.x + top, rect.y + rect.height - line, rect.width - 2 * top, line}, ink);
  canvas.fill({rect.x, rect.y + inset, line, rect.height - 2 * inset}, ink);
  canvas.fill({rect.x + rect.width - line, rect.y + inset, line, rect.height - 2 * inset}, ink);
  if (!round) return;
  corner.top_left(canvas, rect, ink);
  corner.top_right(canvas, rect, ink);
  corner.bottom_left(canvas, rect, ink);
  corner.bottom_right(canvas, rect, ink);
}

/// `rect` filled, all corners rounded but the bottom left one.
void plate(Canvas& canvas, const Rect& rect, const Corner& corner, Ink ink) {
  const int radius = corner.radius();
  canvas.fill({rect.x + radius, rect.y, rect.width - 2 * radius, rect.height}, ink);
  canvas.fill({rect.x, rect.y + radius, radius, rect.height - radius}, ink);
  canvas.fill({rect.x + rect.width - radius, rect.y + radius, radius, rect.height - 2 * radius},
              ink);
  corner.top_left(canvas, rect, ink);
  corner.top_right(canvas, rect, ink);
  corner.bottom_right(canvas, rect, ink);
}

/// Black or white, whichever is easier to read on `rgb` (WCAG 2.1 relative luminance).
uint32_t ink_on(uint32_t rgb) {
  const auto linear = [&](int shift) {
    const double value = ((rgb >> shift) & 0xff) / 255.0;
    return value <= 0.04045 ? value / 12.92 : std::pow((value + 0.055) / 1.055, 2.4);
  };
  const double luminance = 0.2126 * linear(16) + 0.7152 * linear(8) + 0.0722 * linear(0);
  return luminance > 0.179 ? 0x000000 : 0xffffff;
}

int even(double value) { return 2 * static_cast<int>(std::lround(value / 2)); }

/// The mark's box on even pixels; empty where nothing of it can be seen.
Rect visible_rect(const geom::Box& box, const media::Frame& frame) {
  const bool drawable = std::isfinite(box.x) && std::isfinite(box.y) && box.w > 0 && box.h > 0 &&
                        box.x < static_cast<float>(frame.width) &&
                        box.y < static_cast<float>(frame.height) && box.right() > 0 &&
                        box.bottom() > 0;
  if (!drawable) return {};
  // Beyond this far outside, where a line ends cannot be seen.
  constexpr double kMargin = 512;
  const int x1 = even(std::max<double>(box.x, -kMargin));
  const int y1 = even(std::max<double>(box.y, -kMargin));
  const int x2 = even(std::min<double>(box.right(), frame.width + kMargin));
  const int y2 = even(std::min<double>(box.bottom(), frame.height + kMargin));
  return {x1, y1, std::max(2, x2 - x1), std::max(2, y2 - y1)};
}

/// Above the box, or in its top where there is no room above.
void draw_label(Canvas& canvas, const media::Frame& frame, const Style& style, const Rect& box,
                const std::string& text, uint32_t color) {
  const Mask letters = Typesetter::of_system().line(text, style.type);
  const int width = (letters.width + 2 * style.padding + 1) & ~1;
  const int height = (letters.height + 3) & ~1;
  const int left = std::clamp(box.x, 0, std::max(0, frame.width - width) & ~1);
  const int above = box.y - height;
  const int top = above >= 0 ? above : std::max(0, box.y + style.line);
  plate(canvas, {left, top, width, height}, style.plate_corner, {color});
  canvas.paint(letters, left + style.padding, top + (height - letters.height) / 2, {ink_on(color)});
}

media::NewFrame copy_of(const media::Frame& frame) {
  media::NewFrame out = media::new_frame(frame.format, frame.width, frame.height);
  out.frame.matrix = frame.matrix;
  out.frame.full_range = frame.full_range;
  out.frame.key = frame.key;
  out.frame.damaged = frame.damaged;
  out.frame.pts = frame.pts;
  for (int p = 0; p < media::plane_count(frame.format); ++p) {
    const auto [width, height] = media::plane_size(frame.format, frame.width, frame.height, p);
    const auto bytes =
        static_cast<size_t>(width) * static_cast<size_t>(media::samples_per_pixel(frame.format, p));
    const auto i = static_cast<size_t>(p);
    for (int y = 0; y < height; ++y)
      std::memcpy(out.planes[i] + static_cast<std::ptrdiff_t>(y) * out.frame.planes[i].stride,
                  frame.planes[i].data + static_cast<std::ptrdiff_t>(y) * frame.planes[i].stride,
                  bytes);
  }
  return out;
}

}  // namespace

uint32_t palette_color(uint32_t color_id) { return kPalette[color_id % kPalette.size()]; }

media::Frame draw_marks(const media::Frame& frame, std::span<const Mark> marks) {
  if (!frame) return {};
  media::NewFrame out = copy_of(frame);
  Canvas canvas(out);
  const Style style(frame.height);
  for (const Mark& mark : marks) {
    const Rect box = visible_rect(mark.box, frame);
    if (box.width == 0) continue;
    outline(canvas, box.grown(style.edge), style.edge, style.edge_corner, kEdge);
    outline(canvas, box, style.line, style.line_corner, {palette_color(mark.color_id)});
  }
  // After all boxes: no line goes through a label.
  for (const Mark& mark : marks) {
    const Rect box = visible_rect(mark.box, frame);
    if (box.width == 0 || mark.text.empty()) continue;
    draw_label(canvas, frame, style, box, mark.text, palette_color(mark.color_id));
  }
  return std::move(out.frame);
}

}  // namespace pasu::draw
