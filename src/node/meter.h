// What a camera costs and delivers: rates, CPU time, drops by cause.
#pragma once

#include <ctime>
#include <map>
#include <mutex>
#include <string>

#include "base/clock.h"
#include "base/metrics.h"
#include "node/node.h"
#include "node/rate.h"
#include "node/source.h"

namespace pasu::node {

/// CPU time of the calling thread in milliseconds.
[[nodiscard]] inline double thread_cpu_ms() {
  timespec t{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return static_cast<double>(t.tv_sec) * 1e3 + static_cast<double>(t.tv_nsec) * 1e-6;
}

/// One camera's figures. Thread-safe.
class Meter {
 public:
  Meter(const std::string& camera, const Clock& clock, double inference_cpu_ms);

  void unit_arrived(size_t bytes);
  /// Of the stream that is analysed.
  void unit_to_analyse();
  void frame_decoded();
  void decode_failed();
  /// `replayed`: of the time before a wake, which is late by nature.
  void frame_analysed(MonoTime arrival, bool replayed);
  void pictures_inferred(size_t count);
  /// `cause` is one of a few fixed words.
  void drop(const std::string& cause, uint64_t count = 1);
  /// `now` of a session; `before` is what was told last.
  void lost(const Source::Losses& now, const Source::Losses& before);
  void reconnected();
  void cpu_used(double ms);

  struct Health {
    double source_fps = 0;  ///< Of the stream that is analysed.
    double decoded_fps = 0, failed_fps = 0, analysed_fps = 0;
  };
  [[nodiscard]] Health health();
  [[nodiscard]] CameraFigures figures();

 private:
  const std::string camera_;
  const Clock& clock_;
  const double inference_cpu_ms_;
  std::mutex mutex_;
  Rate units_, bytes_, to_analyse_, decoded_, failed_, analysed_, cpu_;
  double latency_ms_ = 0;
  struct Dropped {
    uint64_t count = 0;
    metrics::Counter total;
  };
  std::map<std::string, Dropped> drops_;
  uint64_t reconnects_ = 0;
  metrics::Counter units_total_, bytes_total_, decoded_total_, analysed_total_, reconnects_total_;
  metrics::Counter packets_lost_total_, packets_bad_total_, units_damaged_total_;
  metrics::Histogram latency_;
};

/// Adds the CPU time of the thread to `meter` from construction to destruction.
class CpuScope {
 public:
  explicit CpuScope(Meter& meter) : meter_(meter), start_ms_(thread_cpu_ms()) {}
  ~CpuScope() { meter_.cpu_used(thread_cpu_ms() - start_ms_); }
  CpuScope(const CpuScope&) = delete;
  CpuScope& operator=(const CpuScope&) = delete;

 private:
  Meter& meter_;
  double start_ms_;
};

/// The same for a thread that works all along: looked at when kEvery has passed, as a look is a
/// system call.
class CpuLaps {
 public:
  static constexpr std::chrono::milliseconds kEvery{100};
  explicit CpuLaps(Meter& meter) : meter_(meter), start_ms_(thread_cpu_ms()) {}
  void lap() {
    const MonoTime now = system_clock().now();
    if (now < next_) return;
    next_ = now + kEvery;
    const double now_ms = thread_cpu_ms();
    meter_.cpu_used(now_ms - start_ms_);
    start_ms_ = now_ms;
  }

 private:
  Meter& meter_;
  double start_ms_;
  MonoTime next_{};
};

}  // namespace pasu::node
