#include "gate/held_units.h"

namespace pasu::gate {

void HeldUnits::push(const media::AccessUnit& unit, bool mark) {
  if (mark) {
    drop_first(running_at_);
    running_at_ = units_.size();
  } else if (units_.empty()) {
    return;
  }
  units_.push_back(unit);
  bytes_ += unit.data.size();
  const auto is_full = [&] { return units_.size() > kUnitsMax || bytes_ > kBytesMax; };
  if (is_full()) drop_first(running_at_);
  if (is_full()) clear();
}

void HeldUnits::clear() {
  units_.clear();
  running_at_ = bytes_ = 0;
}

std::span<const media::AccessUnit> HeldUnits::running() const {
  return std::span(units_).subspan(running_at_);
}

void HeldUnits::drop_first(size_t count) {
  for (size_t i = 0; i < count; ++i) bytes_ -= units_[i].data.size();
  units_.erase(units_.begin(), units_.begin() + static_cast<ptrdiff_t>(count));
  running_at_ -= count;
}

}  // namespace pasu::gate
