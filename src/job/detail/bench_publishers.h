// The publishers of a streaming benchmark: one clip, in real time, each beginning a little later.
#pragma once

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "job/detail/bench_clip.h"
#include "net/client.h"

namespace pasu::job {

/// Push from their own two threads until destroyed.
class BenchPublishers {
 public:
  /// Waits until all servers took their stream. `clip` outlives this. Errors: those of net::push;
  /// timeout; cancelled.
  [[nodiscard]] static Result<std::unique_ptr<BenchPublishers>> start(
      const BenchClip& clip, const std::vector<std::string>& urls, const net::PushOptions& options,
      const std::atomic<bool>& stop);
  ~BenchPublishers();

  /// When that picture of the clip was pushed last; the epoch where it never was. Any thread.
  [[nodiscard]] MonoTime pushed_at(size_t publisher, size_t number) const;
  /// Why a publisher ended, if one has.
  [[nodiscard]] std::optional<Error> failure() const;

 private:
  struct Publisher;
  explicit BenchPublishers(const BenchClip& clip);
  Result<void> add(const std::string& url, const net::PushOptions& options,
                   const std::atomic<bool>& stop);
  Result<void> wait_ready(const std::atomic<bool>& stop);
  void push_all();

  const BenchClip& clip_;
  net::IoThread thread_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  size_t ready_ = 0;
  std::optional<Error> failure_;
  std::atomic<bool> stop_ = false;
  std::vector<std::unique_ptr<Publisher>> publishers_;
  std::thread pacer_;
};

}  // namespace pasu::job
