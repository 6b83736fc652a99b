// Waiting that can be stopped.
#pragma once

#include <algorithm>
#include <atomic>
#include <thread>

#include "base/clock.h"
#include "base/result.h"

namespace pasu::bench {

/// Errors: cancelled, within 100 ms of `stop`.
[[nodiscard]] inline Result<void> pass_time(MonoTime::duration time,
                                            const std::atomic<bool>& stop) {
  constexpr auto kLook = std::chrono::milliseconds(100);
  const MonoTime until = system_clock().now() + time;
  for (MonoTime now = system_clock().now(); now < until; now = system_clock().now()) {
    if (stop) return fail(Errc::cancelled, "stopped");
    std::this_thread::sleep_until(std::min<MonoTime>(until, now + kLook));
  }
  return {};
}

}  // namespace pasu::bench
