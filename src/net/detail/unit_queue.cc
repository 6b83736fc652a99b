#include "net/detail/unit_queue.h"

#include <utility>

namespace pasu::net::detail {

bool UnitQueue::push(media::AccessUnit unit) {
  const bool full = units_.size() >= limits_.units || bytes_ + unit.data.size() > limits_.bytes;
  if (full || (broken_.contains(unit.stream) && !unit.key)) {
    broken_.insert(unit.stream);
    ++dropped_;
    return false;
  }
  broken_.erase(unit.stream);
  bytes_ += unit.data.size();
  units_.push_back(std::move(unit));
  return true;
}

std::optional<media::AccessUnit> UnitQueue::pop() {
  if (units_.empty()) return std::nullopt;
  std::optional<media::AccessUnit> unit(std::move(units_.front()));
  units_.pop_front();
  bytes_ -= unit->data.size();
  return unit;
}

}  // namespace pasu::net::detail
