// How long to wait before trying a lost camera again.
#pragma once

#include <algorithm>
#include <chrono>
#include <cmath>

namespace pasu::node {

/// 1, 2, 4 ... 30 seconds, each shortened by up to half at random, so that hundreds of cameras
/// behind one switch do not come back in the same second.
class Backoff {
 public:
  static constexpr std::chrono::milliseconds kFirst{1000};
  static constexpr std::chrono::milliseconds kLast{30000};

  /// `random` in [0, 1).
  [[nodiscard]] std::chrono::milliseconds next(double random) {
    const auto full = next_;
    next_ = std::min(next_ * 2, kLast);
    return std::chrono::milliseconds(
        std::llround(static_cast<double>(full.count()) * (1 - random / 2)));
  }
  /// The camera works again.
  void reset() { next_ = kFirst; }

 private:
  std::chrono::milliseconds next_ = kFirst;
};

}  // namespace pasu::node
