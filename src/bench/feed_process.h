// The cameras' process of a benchmark: started, told what to play, ended.
#pragma once

#include <atomic>
#include <memory>
#include <sys/types.h>

#include "base/result.h"
#include "bench/camera_plan.h"
#include "job/scratch.h"

namespace pasu::bench {

/// Ends with this.
class FeedProcess {
 public:
  /// Starts this program's `bench feed` and waits until it serves. Errors: unavailable (it ended,
  /// with what it said); timeout; cancelled.
  [[nodiscard]] static Result<std::unique_ptr<FeedProcess>> start(const FeedPlan& plan,
                                                                  const std::atomic<bool>& stop);
  ~FeedProcess();
  FeedProcess(const FeedProcess&) = delete;
  FeedProcess& operator=(const FeedProcess&) = delete;

  [[nodiscard]] int port() const { return port_; }
  /// User and system time so far. Errors: unavailable (it ended).
  [[nodiscard]] Result<double> cpu_seconds() const;

 private:
  FeedProcess() = default;
  job::Scratch scratch_;
  pid_t pid_ = 0;
  int port_ = 0;
};

}  // namespace pasu::bench
