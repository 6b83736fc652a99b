// The access units since the last key frame, so that a new reader has its first picture at once.
#pragma once

#include <vector>

#include "media/access_unit.h"

namespace pasu::hub {

/// Shares the units' bytes. A GOP over either limit is forgotten until the next key frame.
class GopCache {
 public:
  static constexpr size_t kUnitsMax = 1000;
  static constexpr size_t kBytesMax = 16u << 20;

  void push(const media::AccessUnit& unit);
  void clear();
  /// Beginning with a key frame, in decoding order; empty where there has been none.
  [[nodiscard]] const std::vector<media::AccessUnit>& units() const { return units_; }

 private:
  std::vector<media::AccessUnit> units_;
  size_t bytes_ = 0;
};

}  // namespace pasu::hub
