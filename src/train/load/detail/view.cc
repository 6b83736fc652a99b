#include "train/load/detail/view.h"

#include <algorithm>
#include <cmath>
#include <tuple>
#include <utility>

#include "pixel/letterbox.h"

namespace pasu::train::detail {
namespace {

/// A picture without people is shown at scales around its letterbox's.
constexpr Range kEmptyScale = {0.7f, 2.5f};
constexpr int kEmptyTries = 8;
/// A smaller picture is mostly surround. Tiles of mosaics, where people are small anyway, are
/// filled.
constexpr float kLeastOfFit = 0.7f, kLeastOfFitInPart = 1;
/// How far past its edges, in parts of its size, the person that a view is drawn for may be cut,
/// and how often that is allowed.
constexpr float kCutPart = 0.4f, kCutChance = 0.3f;

/// The frame's stretch of one axis that a tile shows, and where.
struct AxisView {
  int from = 0, length = 0;    // Frame px.
  int offset = 0, scaled = 1;  // Tile px.
};

/// `at`: where in the tile the window begins in frame px; it may reach outside the picture, where
/// surround is seen.
AxisView axis_view(int frame, int tile, float scale, float at) {
  AxisView out;
  const float window = static_cast<float>(tile) / scale;
  if (window >= static_cast<float>(frame)) {
    out.length = frame;
    out.scaled =
        std::clamp(static_cast<int>(std::lround(static_cast<float>(frame) * scale)), 1, tile);
    out.offset = std::clamp(static_cast<int>(std::lround(-at * scale)), 0, tile - out.scaled);
    return out;
  }
  out.length = std::clamp(static_cast<int>(std::lround(window)), 1, frame);
  out.from = std::clamp(static_cast<int>(std::lround(at)), 0, frame - out.length) & ~1;
  out.scaled = tile;
  return out;
}

View view_of(geom::Size frame, geom::Size tile, float scale_x, float scale_y, float x, float y) {
  const AxisView across = axis_view(frame.width, tile.width, scale_x, x);
  const AxisView down = axis_view(frame.height, tile.height, scale_y, y);
  View out;
  out.crop = {across.from, down.from, across.length, down.length};
  out.box.source = {across.length, down.length};
  out.box.input = tile;
  out.box.scaled = {across.scaled, down.scaled};
  out.box.offset_x = across.offset;
  out.box.offset_y = down.offset;
  out.box.scale_x = static_cast<float>(across.scaled) / static_cast<float>(across.length);
  out.box.scale_y = static_cast<float>(down.scaled) / static_cast<float>(down.length);
  out.box.scale = std::min(out.box.scale_x, out.box.scale_y);
  return out;
}

/// Where a window of `window` begins, so that it shows [low, high) of the frame, or is within it
/// where that is longer.
float begin_for(float low, float high, float window, float frame, Random& random) {
  const float slack = random.chance(kCutChance) ? kCutPart * (high - low) : 0;
  const float first = std::min(low, high - window) - slack,
              last = std::max(low, high - window) + slack;
  const float at = random.between(first, last);
  // A window larger than the picture may lie anywhere around it, a smaller one inside.
  return window >= frame ? random.between(frame - window, 0) : std::clamp(at, 0.f, frame - window);
}

}  // namespace

std::vector<FrameBox> frame_boxes(const PictureSet::Decoded& decoded,
                                  const data::Picture& picture) {
  std::vector<FrameBox> out;
  const auto width = static_cast<float>(decoded.frame.width);
  const auto height = static_cast<float>(decoded.frame.height);
  for (const data::Object& object : picture.objects) {
    const data::Box& b = object.box;
    const auto x = [&](double at) {
      return std::clamp(static_cast<float>(at) * decoded.scale_x, 0.f, width);
    };
    const auto y = [&](double at) {
      return std::clamp(static_cast<float>(at) * decoded.scale_y, 0.f, height);
    };
    const FrameBox box{x(b.x), y(b.y), x(b.x + b.w), y(b.y + b.h), &object};
    if (box.x2 > box.x1 && box.y2 > box.y1) out.push_back(box);
  }
  return out;
}

View plain_view(geom::Size frame, const ViewOptions& options) {
  View out;
  out.crop = {0, 0, frame.width, frame.height};
  if (options.fill) {
    out.box = geom::Letterbox::stretch(frame, options.tile);
    return out;
  }
  const geom::Size shape{
      std::max(1, static_cast<int>(std::lround(static_cast<float>(frame.width) * options.stretch))),
      frame.height};
  out.box = geom::Letterbox::fit(shape, options.tile);
  out.box.source = frame;
  if (shape.width != frame.width)
    out.box.scale_x = static_cast<float>(out.box.scaled.width) / static_cast<float>(frame.width);
  return out;
}

View random_view(geom::Size frame, const std::vector<FrameBox>& boxes, const ViewOptions& options,
                 Random& random) {
  const Augmentation& augmentation = options.augmentation;
  const auto frame_w = static_cast<float>(frame.width), frame_h = static_cast<float>(frame.height);
  const auto tile_w = static_cast<float>(options.tile.width);
  const auto tile_h = static_cast<float>(options.tile.height);
  float factor = options.stretch;
  if (random.chance(augmentation.width_jitter))
    factor *= random.log_between(augmentation.width_factor);
  const float fit = std::min(tile_w / (frame_w * factor), tile_h / frame_h);

  std::vector<const FrameBox*> people;
  for (const FrameBox& box : boxes)
    if (!box.object->crowd) people.push_back(&box);
  const FrameBox* person = people.empty() ? nullptr : people[random.below(people.size())];
  float scale = fit * random.log_between(kEmptyScale);
  if (person != nullptr) {
    Range height = augmentation.person_height;
    height.max *= tile_h / 192;
    scale = random.log_between(height) / (person->y2 - person->y1);
  }
  const float least = fit * (options.part ? kLeastOfFitInPart : kLeastOfFit);
  scale = std::clamp(scale, std::min(least, augmentation.enlarge_max), augmentation.enlarge_max);

  const float scale_x = scale * factor;
  const float window_w = tile_w / scale_x, window_h = tile_h / scale;
  const float x1 = person != nullptr ? person->x1 : 0,
              x2 = person != nullptr ? person->x2 : frame_w;
  const float y1 = person != nullptr ? person->y1 : 0,
              y2 = person != nullptr ? person->y2 : frame_h;
  const float x = begin_for(x1, x2, window_w, frame_w, random);
  const float y = begin_for(y1, y2, window_h, frame_h, random);
  return view_of(frame, options.tile, scale_x, scale, x, y);
}

std::optional<View> empty_view(geom::Size frame, const std::vector<FrameBox>& boxes,
                               const ViewOptions& options, Random& random) {
  const auto frame_w = static_cast<float>(frame.width), frame_h = static_cast<float>(frame.height);
  const auto tile_w = static_cast<float>(options.tile.width);
  const auto tile_h = static_cast<float>(options.tile.height);
  for (int tries = 0; tries < kEmptyTries; ++tries) {
    const float part = random.log_between(options.augmentation.empty_side);
    const float scale = std::max(tile_w / (frame_w * part), tile_h / (frame_h * part));
    const float width = tile_w / scale, height = tile_h / scale;
    const float x = random.uniform() * (frame_w - width), y = random.uniform() * (frame_h - height);
    const bool free = std::ranges::none_of(boxes, [&](const FrameBox& box) {
      return box.x1 < x + width && box.x2 > x && box.y1 < y + height && box.y2 > y;
    });
    if (free) return view_of(frame, options.tile, scale, scale, x, y);
  }
  return std::nullopt;
}

std::vector<Truth> seen_boxes(const View& view, const std::vector<FrameBox>& boxes,
                              const Augmentation& augmentation) {
  std::vector<Truth> out;
  const geom::Letterbox& to = view.box;
  const auto left = static_cast<float>(to.offset_x), top = static_cast<float>(to.offset_y);
  const auto right = static_cast<float>(to.offset_x + to.scaled.width);
  const auto bottom = static_cast<float>(to.offset_y + to.scaled.height);
  const auto tile_width = static_cast<float>(to.input.width);
  for (const FrameBox& box : boxes) {
    const auto x = [&](float at) {
      return (at - static_cast<float>(view.crop.x)) * to.scale_x + left;
    };
    const auto y = [&](float at) {
      return (at - static_cast<float>(view.crop.y)) * to.scale_y + top;
    };
    Truth truth{.x1 = std::clamp(x(box.x1), left, right),
                .y1 = std::clamp(y(box.y1), top, bottom),
                .x2 = std::clamp(x(box.x2), left, right),
                .y2 = std::clamp(y(box.y2), top, bottom),
                .label = static_cast<int>(box.object->category),
                .score = static_cast<float>(box.object->score),
                .ignore = box.object->crowd};
    if (truth.x2 <= truth.x1 || truth.y2 <= truth.y1) continue;
    const float whole = (x(box.x2) - x(box.x1)) * (y(box.y2) - y(box.y1));
    const float visible = truth.width() * truth.height() / whole;
    // What is left of a crowd is a crowd.
    if (visible < augmentation.visible_drop && !truth.ignore) continue;
    truth.ignore = truth.ignore || visible < augmentation.visible_ignore ||
                   truth.height() < augmentation.ignore_below_height;
    if (view.flip)
      std::tie(truth.x1, truth.x2) = std::pair(tile_width - truth.x2, tile_width - truth.x1);
    out.push_back(truth);
  }
  return out;
}

void draw_view(const media::Frame& frame, const View& view, uint8_t* rgb) {
  media::Frame part = frame.share();
  part.width = view.crop.width;
  part.height = view.crop.height;
  for (int p = 0; p < media::plane_count(frame.format); ++p) {
    const auto [column, row] = media::plane_size(frame.format, view.crop.x, view.crop.y, p);
    media::Plane& plane = part.planes[static_cast<size_t>(p)];
    plane.data += std::ptrdiff_t{row} * plane.stride +
                  std::ptrdiff_t{column} * media::samples_per_pixel(frame.format, p);
  }
  pixel::letterbox_u8(part, view.box, pixel::ChannelOrder::rgb, rgb);
  if (!view.flip) return;
  const auto width = static_cast<size_t>(view.box.input.width);
  for (int y = 0; y < view.box.input.height; ++y) {
    uint8_t* row = rgb + static_cast<size_t>(y) * width * 3;
    for (size_t i = 0, j = width - 1; i < j; ++i, --j)
      for (size_t c = 0; c < 3; ++c) std::swap(row[i * 3 + c], row[j * 3 + c]);
  }
}

}  // namespace pasu::train::detail
