#include "train/eval/ground_truth.h"

#include <algorithm>
#include <cmath>

namespace pasu::eval {
namespace {

constexpr size_t kTruthsMax = size_t{1} << 31;

bool is_finite(const data::Object& object) {
  const data::Box& b = object.box;
  return std::isfinite(b.x) && std::isfinite(b.y) && std::isfinite(b.w) && std::isfinite(b.h) &&
         std::isfinite(object.area);
}

Result<void> check_ids(std::span<const int64_t> ids, const char* what) {
  const auto twice = std::ranges::adjacent_find(ids);
  if (twice == ids.end()) return {};
  return fail(Errc::malformed, "{} id {} is there twice; ids must differ", what, *twice);
}

// Formats without ids leave 0 everywhere; one single 0 is an id.
bool has_ids(const data::DataSet& set) {
  size_t zeros = 0;
  for (const auto& picture : set.pictures)
    zeros += static_cast<size_t>(
        std::ranges::count_if(picture.objects, [](const auto& o) { return o.id == 0; }));
  return zeros <= 1;
}

}  // namespace

Result<GroundTruth> ground_truth(const data::DataSet& set) {
  GroundTruth out;
  out.categories = set.categories;
  std::ranges::sort(out.categories, {}, &data::Category::id);
  std::vector<int64_t> categories;
  for (const auto& category : out.categories) categories.push_back(category.id);
  TRY(check_ids(categories, "category"));
  size_t count = 0;
  for (const auto& picture : set.pictures) {
    out.pictures.push_back(picture.id);
    count += picture.objects.size();
  }
  std::ranges::sort(out.pictures);
  TRY(check_ids(out.pictures, "picture"));
  if (count > kTruthsMax) return fail(Errc::too_large, "more than {} objects", kTruthsMax);

  const bool with_ids = has_ids(set);
  const IdPlaces category_of(categories), picture_of(out.pictures);
  out.truths.reserve(count);
  for (const auto& picture : set.pictures) {
    const uint32_t place = *picture_of.find(picture.id);
    for (const auto& object : picture.objects) {
      const auto category = category_of.find(object.category);
      if (!category)
        return fail(Errc::malformed,
                    "picture {} ({}): annotation {} is of category {}, which is not listed",
                    picture.id, picture.file, object.id, object.category);
      if (!is_finite(object))
        return fail(Errc::malformed,
                    "picture {} ({}): annotation {} has a box or area that is no finite number",
                    picture.id, picture.file, object.id);
      out.truths.push_back({.category = *category,
                            .picture = place,
                            .box = object.box,
                            .area = object.area,
                            .crowd = object.crowd,
                            .difficult = object.difficult,
                            .id_is_zero = with_ids && object.id == 0});
    }
  }
  return out;
}

IdPlaces::IdPlaces(std::span<const int64_t> ids) : ids_(ids) {
  if (ids.empty()) return;
  // Unsigned: the ends may lie further apart than an int64_t reaches.
  const uint64_t reach = static_cast<uint64_t>(ids.back()) - static_cast<uint64_t>(ids.front());
  if (reach >= 16 * ids.size() + 4096) return;
  table_.assign(static_cast<size_t>(reach) + 1, kNone);
  for (size_t i = 0; i < ids.size(); ++i)
    table_[static_cast<uint64_t>(ids[i]) - static_cast<uint64_t>(ids.front())] =
        static_cast<uint32_t>(i);
}

std::optional<uint32_t> IdPlaces::find(int64_t id) const {
  if (ids_.empty() || id < ids_.front() || id > ids_.back()) return std::nullopt;
  if (!table_.empty()) {
    const uint32_t place = table_[static_cast<uint64_t>(id) - static_cast<uint64_t>(ids_.front())];
    return place == kNone ? std::nullopt : std::optional(place);
  }
  const auto at = std::ranges::lower_bound(ids_, id);
  if (at == ids_.end() || *at != id) return std::nullopt;
  return static_cast<uint32_t>(at - ids_.begin());
}

}  // namespace pasu::eval
