// Access units that wait for somebody slow.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <set>

#include "media/access_unit.h"

namespace pasu::net::detail {

/// Bounded: a unit that does not fit is dropped, and so are all of its track's that follow until
/// the next key unit that fits, because they build upon it. For one thread at a time.
class UnitQueue {
 public:
  struct Limits {
    size_t units = 0;
    size_t bytes = 0;
  };
  explicit UnitQueue(Limits limits) : limits_(limits) {}

  /// False: dropped.
  bool push(media::AccessUnit unit);
  [[nodiscard]] std::optional<media::AccessUnit> pop();

  [[nodiscard]] bool empty() const { return units_.empty(); }
  [[nodiscard]] size_t bytes() const { return bytes_; }
  [[nodiscard]] uint64_t dropped() const { return dropped_; }

 private:
  const Limits limits_;
  std::deque<media::AccessUnit> units_;
  size_t bytes_ = 0;
  std::set<int> broken_;  // Tracks that wait for a key unit.
  uint64_t dropped_ = 0;
};

}  // namespace pasu::net::detail
