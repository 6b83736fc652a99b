// The threads on which all sockets live.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <vector>

#include "base/clock.h"

namespace pasu::net {

class FanOut;
namespace detail {
struct IoThreadImpl;
}

/// One thread with one event loop. What belongs to a connection lives on one of these and needs no
/// locks.
class IoThread {
 public:
  IoThread();
  /// Connections still open are dropped; see release().
  ~IoThread();
  IoThread(const IoThread&) = delete;
  IoThread& operator=(const IoThread&) = delete;

  /// Runs `task` on this thread, soon; in the order of the calls. From any thread.
  void post(std::function<void()> task);
  /// As post(), after `delay`.
  void post_after(std::chrono::nanoseconds delay, std::function<void()> task);
  /// Runs `task` with all others of the thread's next round, within kRoundEvery: many things done
  /// on one waking. On this thread only.
  void in_round(std::function<void()> task);
  static constexpr std::chrono::milliseconds kRoundEvery{20};
  /// Runs `task` on this thread and waits for it; at once where this is the thread, or the
  /// loop has ended.
  void run(const std::function<void()>& task);
  [[nodiscard]] bool is_current() const;

  /// What wakes this thread's readers of streams. On this thread only.
  [[nodiscard]] FanOut& fan_out();

  /// Ends the loop and waits for it. What was posted and has not run never will.
  void stop();
  /// After stop(): destroys all that still waits on this loop. What lives on one thread may own
  /// what lives on another, so all loops release before the first is destroyed.
  void release();

  /// For net/ alone.
  [[nodiscard]] detail::IoThreadImpl& impl() { return *impl_; }

 private:
  std::unique_ptr<detail::IoThreadImpl> impl_;
};

/// A fixed number of them. They outlive everything that runs on them.
class IoThreads {
 public:
  explicit IoThreads(size_t count);
  /// All loops end, then all release.
  ~IoThreads();

  /// One after the other. From any thread.
  [[nodiscard]] IoThread& next() { return *threads_[next_++ % threads_.size()]; }
  [[nodiscard]] size_t size() const { return threads_.size(); }
  [[nodiscard]] IoThread& operator[](size_t index) { return *threads_[index]; }

 private:
  std::vector<std::unique_ptr<IoThread>> threads_;
  std::atomic<size_t> next_ = 0;
};

}  // namespace pasu::net
