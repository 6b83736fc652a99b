// The two clocks: monotonic for durations and deadlines, UTC for what is stored and shown.
#pragma once

#include <chrono>
#include <string>

namespace pasu {

using MonoTime = std::chrono::steady_clock::time_point;
/// Wall-clock time, always UTC, in microseconds since 1970.
using UtcTime = std::chrono::sys_time<std::chrono::microseconds>;

/// Read only at the edges; machines take `now` as an argument. See docs/design/time.md.
class Clock {
 public:
  virtual ~Clock() = default;
  [[nodiscard]] virtual MonoTime now() const = 0;
  [[nodiscard]] virtual UtcTime utc() const = 0;
};

/// The computer's own clocks. Thread-safe.
[[nodiscard]] const Clock& system_clock();

/// A clock that stands still until a test moves it.
class ManualClock final : public Clock {
 public:
  [[nodiscard]] MonoTime now() const override { return MonoTime(elapsed_); }
  [[nodiscard]] UtcTime utc() const override {
    return UtcTime(std::chrono::duration_cast<std::chrono::microseconds>(elapsed_));
  }
  void advance(std::chrono::nanoseconds by) { elapsed_ += by; }

 private:
  std::chrono::nanoseconds elapsed_{std::chrono::hours(24)};
};

/// "2026-11-24T04:41:00.123Z" (RFC 3339, milliseconds).
[[nodiscard]] std::string to_rfc3339(UtcTime time);

}  // namespace pasu
