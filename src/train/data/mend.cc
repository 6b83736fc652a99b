#include "train/data/check.h"
#include "train/data/detail/box_rules.h"

namespace pasu::data {
namespace {

void mend_picture(Picture& picture, const CheckOptions& options, Mended& out) {
  std::vector<Object> kept;
  for (Object object : picture.objects) {
    const bool own_area = object.area != object.box.w * object.box.h;
    Box box = object.box;
    if (box.w < 0 || box.h < 0) {
      box = detail::turned(box);
      ++out.boxes_turned;
    }
    if (picture.size != geom::Size{} && detail::reach(box, picture.size) > 0) {
      const bool counts = detail::reach(box, picture.size) > options.outside_pixels;
      box = detail::clipped(box, picture.size);
      out.boxes_clipped += counts && box.w > 0;
    }
    if (!(box.w > 0 && box.h > 0)) {
      ++out.boxes_dropped;
      continue;
    }
    if (box != object.box && !own_area) object.area = box.w * box.h;
    object.box = box;
    kept.push_back(object);
  }
  const auto twice = detail::repeated(kept, options.repeated_iou);
  for (auto it = twice.rbegin(); it != twice.rend(); ++it)
    kept.erase(kept.begin() + static_cast<std::ptrdiff_t>(it->second));
  out.boxes_merged += twice.size();
  picture.objects = std::move(kept);
}

}  // namespace

Mended mend(std::vector<Split>& splits, const CheckReport& report, const CheckOptions& options) {
  Mended out;
  for (size_t s = 0; s < splits.size(); ++s) {
    Split& split = splits[s];
    std::vector<size_t> kept;
    for (size_t i = 0; i < split.set.pictures.size(); ++i)
      if (!report.unusable[s][i]) kept.push_back(i);
    out.pictures_dropped += split.set.pictures.size() - kept.size();
    if (kept.size() < split.set.pictures.size()) split.keep(kept);
    for (Picture& picture : split.set.pictures) mend_picture(picture, options, out);
  }
  return out;
}

}  // namespace pasu::data
