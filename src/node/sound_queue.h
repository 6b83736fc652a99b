// Sound on its way beside pictures that take their time: it leaves with the picture of its time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>

#include "media/access_unit.h"

namespace pasu::node {

/// Pictures are decoded, looked at and encoded while sound needs nothing, so it waits here. Over
/// either limit the oldest go, counted. One thread at a time.
class SoundQueue {
 public:
  static constexpr size_t kUnitsMax = 1024;  // 20 s of AAC at 48 kHz.
  static constexpr size_t kBytesMax = 1u << 20;

  void push(media::AccessUnit unit) {
    bytes_ += unit.data.size();
    units_.push_back(std::move(unit));
    while (units_.size() > kUnitsMax || bytes_ > kBytesMax) {
      (void)pop();
      ++dropped_;
    }
  }
  /// The next unit that is not later than `until`.
  [[nodiscard]] std::optional<media::AccessUnit> take(media::Pts until) {
    if (units_.empty() || units_.front().pts > until) return std::nullopt;
    return pop();
  }
  void clear() {
    units_.clear();
    bytes_ = 0;
  }
  [[nodiscard]] uint64_t dropped() const { return dropped_; }

 private:
  media::AccessUnit pop() {
    media::AccessUnit unit = std::move(units_.front());
    units_.pop_front();
    bytes_ -= unit.data.size();
    return unit;
  }

  std::deque<media::AccessUnit> units_;
  size_t bytes_ = 0;
  uint64_t dropped_ = 0;
};

}  // namespace pasu::node
