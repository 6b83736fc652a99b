#include "train/data/detail/similar_pictures.h"

namespace pasu::data::detail {

std::optional<SimilarPictures::Name> SimilarPictures::add(const Looks& looks, Name name) {
  std::optional<Name> found;
  for (size_t part = 0; part < kParts; ++part) {
    const auto key = static_cast<uint16_t>(looks.bits[part / 4] >> (16 * (part % 4)));
    auto& bucket = by_part_[part][key];
    for (size_t i = 0; i < bucket.size() && !found; ++i)
      if (all_[bucket[i]].looks.distance(looks) <= kDistanceMax) found = all_[bucket[i]].name;
    if (bucket.size() < kSharedMax) bucket.push_back(static_cast<uint32_t>(all_.size()));
  }
  all_.push_back({.looks = looks, .name = name});
  return found;
}

}  // namespace pasu::data::detail
