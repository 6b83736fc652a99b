// The units a sleeping camera may have to decode after all: since the last key frame that was
// looked at, and since the one before.
#pragma once

#include <span>
#include <vector>

#include "media/access_unit.h"

namespace pasu::gate {

/// Shares the units' bytes. One thread at a time.
class HeldUnits {
 public:
  /// Over either, what is before the last mark goes first, then all of it until the next one.
  static constexpr size_t kUnitsMax = 240;
  static constexpr size_t kBytesMax = 8u << 20;

  /// `mark`: a key frame that was not skipped.
  void push(const media::AccessUnit& unit, bool mark);
  void clear();
  /// From the last mark on, in decoding order; empty where there is none, or it was too much.
  [[nodiscard]] std::span<const media::AccessUnit> running() const;
  /// From the mark before that on; as running() where there is none.
  [[nodiscard]] std::span<const media::AccessUnit> with_previous() const { return units_; }

 private:
  void drop_first(size_t count);

  std::vector<media::AccessUnit> units_;  // Empty, or begins with a mark.
  size_t running_at_ = 0;                 // Where the last mark is.
  size_t bytes_ = 0;
};

}  // namespace pasu::gate
