// A bounded queue between threads, with a name for what it does when full.
#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <utility>

#include "base/assert.h"
#include "base/metrics.h"

namespace pasu::flow {

enum class Overflow {
  block,        ///< push() waits for room: for files, where nothing may be lost.
  drop_oldest,  ///< The newest wins: for live pictures.
  drop_newest,  ///< What is queued wins.
};

/// Many producers, many consumers. Every drop is counted. close() lets consumers drain what is
/// left.
template <class T>
class Queue {
 public:
  struct Options {
    size_t capacity = 1;
    Overflow overflow = Overflow::block;
    metrics::Counter dropped;
  };

  explicit Queue(Options options) : options_(std::move(options)) { ASSERT(options_.capacity > 0); }

  /// False where `value` was not queued: the queue is closed, or full under drop_newest.
  bool push(T value) {
    std::unique_lock lock(mutex_);
    if (options_.overflow == Overflow::block)
      room_.wait(lock, [&] { return closed_ || items_.size() < options_.capacity; });
    if (closed_) return false;
    if (items_.size() >= options_.capacity) {
      ++drops_;
      options_.dropped.add();
      if (options_.overflow == Overflow::drop_newest) return false;
      items_.pop_front();
    }
    items_.push_back(std::move(value));
    lock.unlock();
    ready_.notify_one();
    return true;
  }

  /// Waits for an item; nothing once the queue is closed and empty.
  std::optional<T> pop() {
    std::unique_lock lock(mutex_);
    ready_.wait(lock, [&] { return closed_ || !items_.empty(); });
    return take(lock);
  }
  /// As pop(), giving up after `patience`.
  std::optional<T> pop_for(std::chrono::nanoseconds patience) {
    std::unique_lock lock(mutex_);
    ready_.wait_for(lock, patience, [&] { return closed_ || !items_.empty(); });
    return take(lock);
  }
  std::optional<T> try_pop() {
    std::unique_lock lock(mutex_);
    return take(lock);
  }

  /// No more pushes; waiting producers return. Idempotent.
  void close() {
    {
      std::lock_guard lock(mutex_);
      closed_ = true;
    }
    ready_.notify_all();
    room_.notify_all();
  }
  /// Drops what is queued.
  void clear() {
    {
      std::lock_guard lock(mutex_);
      items_.clear();
    }
    room_.notify_all();
  }
  /// Closed and drained: pop() will return nothing for ever.
  [[nodiscard]] bool finished() const {
    std::lock_guard lock(mutex_);
    return closed_ && items_.empty();
  }
  [[nodiscard]] size_t size() const {
    std::lock_guard lock(mutex_);
    return items_.size();
  }
  [[nodiscard]] uint64_t drops() const {
    std::lock_guard lock(mutex_);
    return drops_;
  }

 private:
  std::optional<T> take(std::unique_lock<std::mutex>& lock) {
    if (items_.empty()) return std::nullopt;
    std::optional<T> value(std::move(items_.front()));
    items_.pop_front();
    lock.unlock();
    room_.notify_one();
    return value;
  }

  const Options options_;
  mutable std::mutex mutex_;
  std::condition_variable ready_, room_;
  std::deque<T> items_;
  bool closed_ = false;
  uint64_t drops_ = 0;
};

}  // namespace pasu::flow
