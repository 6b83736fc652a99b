#include "gate/closer_look.h"

#include <algorithm>
#include <cmath>

#include "geom/nms.h"

namespace pasu::gate {
namespace {

// How much larger a region is seen than the whole, and how much a picture must exceed the input.
constexpr float kCloser = 2.5f, kWorthwhile = 3;
// People of so many pixels of the input, and more, are seen well enough in the whole.
constexpr float kSmall = 40;
constexpr float kInside = 0.7f;  // Of a box, inside another.
constexpr float kSameIou = 0.5f;
constexpr float kEdge = 3;  // Pixels.

bool holds_centre(const geom::Box& region, const geom::Box& box) {
  const float x = box.x + box.w / 2, y = box.y + box.h / 2;
  return x >= region.x && x < region.right() && y >= region.y && y < region.bottom();
}

float part_inside(const geom::Box& inner, const geom::Box& outer) {
  return geom::intersection_area(inner, outer) / inner.area();
}

}  // namespace

media::Pts& CloserLook::looked_at(const geom::Box& box, geom::Size frame) {
  const auto place = [](float centre, int size, int cells) {
    return std::clamp(
        static_cast<int>(centre * static_cast<float>(cells) / static_cast<float>(size)), 0,
        cells - 1);
  };
  const int column = place(box.x + box.w / 2, frame.width, kColumns);
  const int row = place(box.y + box.h / 2, frame.height, kRows);
  return looked_[static_cast<size_t>(row * kColumns + column)];
}

std::span<const geom::Box> CloserLook::choose(geom::Size frame, std::span<const geom::Box> moved,
                                              std::span<const geom::Box> people, media::Pts pts) {
  chosen_.clear();
  wishes_.clear();
  const auto width = static_cast<float>(frame.width), height = static_cast<float>(frame.height);
  const float smaller = std::max(width / static_cast<float>(options_.input.width),
                                 height / static_cast<float>(options_.input.height));
  if (options_.a_frame <= 0 || smaller < kWorthwhile) return {};
  for (const geom::Box& m : moved) {
    const geom::Box box{m.x * width, m.y * height, m.w * width, m.h * height};
    wishes_.push_back({box, looked_at(box, frame)});
  }
  for (const geom::Box& p : people)
    if (p.h < kSmall * smaller) wishes_.push_back({p, looked_at(p, frame)});
  std::ranges::stable_sort(wishes_, {}, &Wish::looked);

  const float scale = std::max(1.f, smaller / kCloser);
  const float w = std::min(width, scale * static_cast<float>(options_.input.width));
  const float h = std::min(height, scale * static_cast<float>(options_.input.height));
  for (const Wish& wish : wishes_) {
    if (static_cast<int>(chosen_.size()) >= options_.a_frame) break;
    if (std::ranges::any_of(chosen_, [&](const auto& c) { return holds_centre(c, wish.box); }))
      continue;
    chosen_.push_back({std::clamp(wish.box.x + wish.box.w / 2 - w / 2, 0.f, width - w),
                       std::clamp(wish.box.y + wish.box.h / 2 - h / 2, 0.f, height - h), w, h});
  }
  for (const Wish& wish : wishes_)
    for (const geom::Box& region : chosen_)
      if (holds_centre(region, wish.box)) looked_at(wish.box, frame) = pts;
  return chosen_;
}

media::Frame part_of(const media::Frame& frame, const geom::Box& region) {
  const auto even = [](float at) { return static_cast<int>(at) & ~1; };
  const int x = std::clamp(even(region.x), 0, std::max(frame.width - 2, 0) & ~1);
  const int y = std::clamp(even(region.y), 0, std::max(frame.height - 2, 0) & ~1);
  media::Frame out = frame.share();
  out.width = std::clamp(static_cast<int>(std::lround(region.w)), 1, frame.width - x);
  out.height = std::clamp(static_cast<int>(std::lround(region.h)), 1, frame.height - y);
  for (int i = 0; i < media::plane_count(frame.format); ++i) {
    const auto [px, py] = media::plane_size(frame.format, x, y, i);
    auto& plane = out.planes[static_cast<size_t>(i)];
    plane.data += static_cast<ptrdiff_t>(py) * plane.stride +
                  static_cast<ptrdiff_t>(px) * media::samples_per_pixel(frame.format, i);
  }
  return out;
}

void add_part(std::vector<geom::Detection>& all, std::span<const geom::Detection> found,
              const geom::Box& region, geom::Size size) {
  const auto width = static_cast<float>(size.width), height = static_cast<float>(size.height);
  const float left = static_cast<float>(static_cast<int>(region.x) & ~1);
  const float top = static_cast<float>(static_cast<int>(region.y) & ~1);
  const size_t whole = all.size();
  for (geom::Detection one : found) {
    const bool cut = (one.box.x < kEdge && left > 0) || (one.box.y < kEdge && top > 0) ||
                     (one.box.x + one.box.w > region.w - kEdge && left + region.w < width - 1) ||
                     (one.box.y + one.box.h > region.h - kEdge && top + region.h < height - 1);
    if (cut) continue;
    one.box.x += left;
    one.box.y += top;
    const bool inside = std::any_of(
        all.begin(), all.begin() + static_cast<ptrdiff_t>(whole), [&](const geom::Detection& d) {
          return geom::iou(d.box, one.box) < kSameIou && part_inside(one.box, d.box) > kInside;
        });
    if (!inside) all.push_back(one);
  }
  if (all.size() > whole) geom::nms(all, {.iou = kSameIou});
}

}  // namespace pasu::gate
