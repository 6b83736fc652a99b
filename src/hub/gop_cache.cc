#include "hub/gop_cache.h"

namespace pasu::hub {

void GopCache::push(const media::AccessUnit& unit) {
  if (unit.key) clear();
  if (units_.empty() && !unit.key) return;
  if (units_.size() >= kUnitsMax || bytes_ + unit.data.size() > kBytesMax) {
    clear();
    return;
  }
  units_.push_back(unit);
  bytes_ += unit.data.size();
}

void GopCache::clear() {
  units_.clear();
  bytes_ = 0;
}

}  // namespace pasu::hub
