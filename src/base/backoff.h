// How long to wait before calling somebody again who was lost.
#pragma once

#include <algorithm>
#include <chrono>
#include <cmath>

namespace pasu {

/// Doubling pauses, each shortened at random, so that hundreds who lost the same server or switch
/// do not come back in the same second.
class Backoff {
 public:
  struct Options {
    std::chrono::milliseconds first{1000};
    std::chrono::milliseconds last{30000};
    double spread = 0.5;  ///< The part of a pause that chance may take away, in [0, 1].
  };

  Backoff() = default;
  explicit Backoff(const Options& options) : options_(options) {}

  /// `random` in [0, 1).
  [[nodiscard]] std::chrono::milliseconds next(double random) {
    const auto full = next_;
    next_ = std::min(next_ * 2, options_.last);
    return std::chrono::milliseconds(
        std::llround(static_cast<double>(full.count()) * (1 - options_.spread * random)));
  }
  /// It works again.
  void reset() { next_ = options_.first; }

 private:
  Options options_;
  std::chrono::milliseconds next_ = options_.first;
};

/// By chance in [0, 1), for Backoff::next(). From any thread.
[[nodiscard]] double random_unit();

}  // namespace pasu
