#include "train/load/detail/sample_maker.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "train/load/detail/color.h"
#include "train/load/detail/degrade.h"
#include "train/load/detail/ssd_crop.h"
#include "train/load/detail/view.h"

namespace pasu::train::detail {
namespace {

struct Tile {
  int x = 0, y = 0;
  geom::Size size;
};

/// A whole picture in a part of a mosaic leaves much surround: less often than in a whole input.
constexpr float kPlainInPart = 0.4f;

enum class Shows { anybody, crop, nobody };  // `crop`: SSD's.
constexpr float kDull = 0.5f;                // Of those that show nobody.

/// How a mosaic divides the input: at most three columns by three rows.
std::vector<Tile> mosaic_tiles(geom::Size input, const Augmentation& augmentation, Random& random) {
  const auto cut = [&](int side, float at) {
    return std::clamp(static_cast<int>(std::lround(static_cast<float>(side) * at)), 1, side - 1);
  };
  std::vector<int> xs = {0, input.width}, ys = {0, input.height};
  const auto divide = [&](std::vector<int>& at, int side) {
    at.insert(at.begin() + 1, cut(side, random.between(0.35f, 0.65f)));
  };
  const float kind = random.uniform();
  if (kind < augmentation.mosaic_of_two) {
    const bool beside = random.chance(0.5f);
    divide(beside ? xs : ys, beside ? input.width : input.height);
  } else if (kind < augmentation.mosaic_of_two + augmentation.mosaic_of_nine) {
    for (auto* at : {&xs, &ys}) {
      const int side = at->back();
      *at = {0, cut(side, random.between(0.28f, 0.38f)), cut(side, random.between(0.62f, 0.72f)),
             side};
    }
  } else {
    divide(xs, input.width);
    divide(ys, input.height);
  }
  std::vector<Tile> out;
  for (size_t j = 0; j + 1 < ys.size(); ++j)
    for (size_t i = 0; i + 1 < xs.size(); ++i)
      out.push_back({xs[i], ys[j], {xs[i + 1] - xs[i], ys[j + 1] - ys[j]}});
  return out;
}

class Maker {
 public:
  Maker(PictureSet& pictures, const SampleJob& job, Random& random)
      : pictures_(pictures), job_(job), random_(random) {}

  Result<Batch::Entry> make(std::span<uint8_t> rgb) {
    static const Augmentation kNone = Augmentation::none();
    const Augmentation& a = job_.plan.augmentation != nullptr ? *job_.plan.augmentation : kNone;
    const geom::Size size = job_.plan.size;
    Batch::Entry out;
    const bool empty = a.empty > 0 && random_.chance(a.empty);
    const Shows shows = empty                        ? Shows::nobody
                        : random_.chance(a.ssd_crop) ? Shows::crop
                                                     : Shows::anybody;
    // Three tiles across 32 pixels are the least that is still a picture.
    const bool mosaic = random_.chance(a.mosaic) && shows == Shows::anybody && size.width >= 96 &&
                        size.height >= 96;
    if (!mosaic) {
      TRY(draw({0, 0, size}, a, shows, job_.picture, rgb.data(), out));
      if (empty && out.truths.empty() && random_.chance(kDull))
        make_dull(rgb, random_.log_between(a.empty_contrast), random_.between(a.empty_light));
    } else {
      const auto row_bytes = static_cast<size_t>(size.width) * 3;
      std::vector<uint8_t> pixels;
      for (const Tile& tile : mosaic_tiles(size, a, random_)) {
        const bool first = tile.x == 0 && tile.y == 0;
        const auto tile_bytes = static_cast<size_t>(tile.size.width) * 3;
        pixels.resize(tile_bytes * static_cast<size_t>(tile.size.height));
        TRY(draw(tile, a, Shows::anybody, first ? job_.picture : any(), pixels.data(), out));
        for (int y = 0; y < tile.size.height; ++y)
          std::memcpy(rgb.data() + static_cast<size_t>(tile.y + y) * row_bytes +
                          static_cast<size_t>(tile.x) * 3,
                      pixels.data() + static_cast<size_t>(y) * tile_bytes, tile_bytes);
      }
    }
    vary_color(rgb, size, a, random_);
    degrade(rgb, size, a, random_);
    fill_surround(rgb);
    return out;
  }

 private:
  [[nodiscard]] size_t any() { return job_.others[random_.below(job_.others.size())]; }

  /// Draws `picture`, or another one where it does not decode.
  Result<void> draw(const Tile& tile, const Augmentation& a, Shows shows, size_t picture,
                    uint8_t* rgb, Batch::Entry& out) {
    auto decoded = pictures_.decode(picture);
    for (int tries = 1; !decoded; ++tries) {
      if (tries == Loader::kTriesMax)
        return fail(Errc::malformed, "{} pictures one after another did not decode; the last: {}",
                    tries, decoded.error().message());
      picture = any();
      decoded = pictures_.decode(picture);
    }
    const media::Frame& frame = (*decoded)->frame;
    const geom::Size frame_size{frame.width, frame.height};
    auto boxes = frame_boxes(**decoded, pictures_.picture(picture));
    const SetOptions& set = pictures_.set_of(picture);
    const ViewOptions options{
        .augmentation = a,
        .tile = tile.size,
        .stretch = a.width_jitter > 0 ? random_.between(set.stretch_min, set.stretch_max) : 1,
        .fill = job_.plan.fill,
        .part = tile.size != job_.plan.size};
    View view;
    std::optional<View> empty;
    if (shows == Shows::nobody) empty = empty_view(frame_size, boxes, options, random_);
    if (empty) {
      view = *empty;
    } else if (shows == Shows::crop) {
      const Crop part = ssd_crop(frame_size, boxes, random_);
      view = plain_view({part.width, part.height}, options);
      view.crop = part;
    } else {
      const bool plain = random_.chance(options.part ? a.plain * kPlainInPart : a.plain);
      view = plain ? plain_view(frame_size, options)
                   : random_view(frame_size, boxes, options, random_);
    }
    view.flip = random_.chance(a.flip);
    keep_surround(tile, view);
    draw_view(frame, view, rgb);
    if (out.name.empty()) {
      out.name = pictures_.name(picture);
      out.picture = picture;
    }
    const float area_max = a.ignore_above_area * static_cast<float>(job_.plan.size.width) *
                           static_cast<float>(job_.plan.size.height);
    for (Truth truth : seen_boxes(view, boxes, a)) {
      truth.ignore = truth.ignore || truth.width() * truth.height() > area_max;
      truth.x1 += static_cast<float>(tile.x);
      truth.x2 += static_cast<float>(tile.x);
      truth.y1 += static_cast<float>(tile.y);
      truth.y2 += static_cast<float>(tile.y);
      out.truths.push_back(truth);
    }
    return {};
  }

  struct Area {
    int x1, y1, x2, y2;
  };

  /// The areas of `tile` beside the picture.
  void keep_surround(const Tile& tile, const View& view) {
    const geom::Letterbox& box = view.box;
    const int from = view.flip ? tile.size.width - box.offset_x - box.scaled.width : box.offset_x;
    const int left = tile.x + from, right = left + box.scaled.width;
    const int top = tile.y + box.offset_y, bottom = top + box.scaled.height;
    const int end_x = tile.x + tile.size.width, end_y = tile.y + tile.size.height;
    surround_.push_back({tile.x, tile.y, end_x, top});
    surround_.push_back({tile.x, bottom, end_x, end_y});
    surround_.push_back({tile.x, top, left, bottom});
    surround_.push_back({right, top, end_x, bottom});
  }

  /// The server's surround is always the same: it comes after the camera.
  void fill_surround(std::span<uint8_t> rgb) const {
    const auto row_bytes = static_cast<size_t>(job_.plan.size.width) * 3;
    for (const Area& area : surround_)
      for (int y = area.y1; area.x2 > area.x1 && y < area.y2; ++y)
        std::memset(
            rgb.data() + static_cast<size_t>(y) * row_bytes + static_cast<size_t>(area.x1) * 3,
            geom::Letterbox::kFill, static_cast<size_t>(area.x2 - area.x1) * 3);
  }

  std::vector<Area> surround_;
  PictureSet& pictures_;
  const SampleJob& job_;
  Random& random_;
};

}  // namespace

Result<Batch::Entry> make_sample(PictureSet& pictures, const SampleJob& job, Random random,
                                 std::span<uint8_t> rgb) {
  return Maker(pictures, job, random).make(rgb);
}

}  // namespace pasu::train::detail
