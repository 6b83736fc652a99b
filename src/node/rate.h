// How much a second: of frames, bytes or CPU time.
#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>

#include "base/clock.h"

namespace pasu::node {

/// The mean over the last few whole seconds. One thread at a time.
class Rate {
 public:
  static constexpr int kSeconds = 5;

  void add(double amount, MonoTime now) {
    advance(now);
    current_ += amount;
  }
  [[nodiscard]] double per_second(MonoTime now) {
    advance(now);
    double sum = 0;
    const int seconds = static_cast<int>(std::min<int64_t>(filled_, kSeconds));
    for (int i = 0; i < seconds; ++i) sum += past_[static_cast<size_t>(i)];
    return seconds > 0 ? sum / seconds : 0;
  }

 private:
  void advance(MonoTime now) {
    if (!started_) {
      second_ = now;
      started_ = true;
    }
    while (now - second_ >= std::chrono::seconds(1)) {
      // A long silence needs no walk through its every second.
      if (now - second_ > std::chrono::seconds(2 * kSeconds))
        second_ = now - std::chrono::seconds(kSeconds + 1);
      past_[static_cast<size_t>(filled_ % kSeconds)] = current_;
      current_ = 0;
      ++filled_;
      second_ += std::chrono::seconds(1);
    }
  }

  std::array<double, kSeconds> past_{};
  double current_ = 0;
  int64_t filled_ = 0;
  MonoTime second_{};
  bool started_ = false;
};

}  // namespace pasu::node
