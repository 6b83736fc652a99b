// For tests: waiting for what other threads do, with a deadline.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>

namespace pasu::net {

/// State that threads change under change() and a test waits for.
template <class T>
class Watched {
 public:
  template <class F>
  void change(F&& body) {
    std::lock_guard lock(mutex_);
    body(value_);
    changed_.notify_all();  // Under the lock: who waited may destroy this at once.
  }
  /// Whether `condition` became true within 20 s.
  [[nodiscard]] bool wait(const std::function<bool(const T&)>& condition) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, std::chrono::seconds(20), [&] { return condition(value_); });
  }
  [[nodiscard]] T get() const {
    std::lock_guard lock(mutex_);
    return value_;
  }

 private:
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  T value_{};
};

/// For conditions that nobody announces: looks again every millisecond, for 20 s.
[[nodiscard]] inline bool eventually(const std::function<bool()>& condition) {
  std::mutex mutex;
  std::condition_variable never;
  std::unique_lock lock(mutex);
  for (int i = 0; i < 20'000; ++i) {
    if (condition()) return true;
    never.wait_for(lock, std::chrono::milliseconds(1));
  }
  return false;
}

}  // namespace pasu::net
