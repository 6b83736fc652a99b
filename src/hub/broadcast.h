// A log of shared items that many readers follow: each is a cursor in it, none has a queue.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>
#include <utility>
#include <vector>

namespace pasu::hub {

/// One reader's place in a Broadcast. A plain value; a new one begins at the last start.
struct Cursor {
  enum class State {
    fresh,    ///< Has had nothing: waits for a start, and what passes meanwhile is no loss.
    reading,  ///< Goes on at `next`.
    lagging,  ///< Was too slow: waits for a start, and what passes meanwhile is lost.
  };
  State state = State::fresh;
  uint64_t epoch = 0;  ///< How often the log had been cleared.
  uint64_t next = 0;
  uint64_t lost = 0;  ///< Items this reader never got because it was slow.
};

struct BroadcastLimits {
  size_t items_max = 4096;
  size_t bytes_max = 16u << 20;
  /// Kept although older than two GOPs, so that streams of nothing but starts have a past too.
  size_t items_kept = 64;
};

/// What one take() may give.
struct TakeLimits {
  size_t items = 64;
  size_t bytes = 256u << 10;  ///< The first item comes however large it is.
};

/// Numbered immutable items, of which the last are held: the running GOP and the one before it,
/// less where that is over the limits. Where a reader may begin is a "start": a key frame, or any
/// item of a stream without video.
///
/// A reader that falls off the end goes on at the newest start, alone, and knows what it lost.
/// Copying a T must be cheap (counted bytes). Thread-safe; neither side waits for the other longer
/// than it takes to copy a few handles.
template <class T>
class Broadcast {
 public:
  explicit Broadcast(BroadcastLimits limits = {}) : limits_(limits) {}

  void publish(T item, size_t bytes, bool start) {
    std::lock_guard lock(mutex_);
    const uint64_t number = end_.load(std::memory_order_relaxed);
    if (start) {
      previous_start_ = last_start_;
      last_start_ = number;
    }
    bytes_ += bytes;
    items_.push_back({std::move(item), bytes});
    end_.store(number + 1, std::memory_order_release);
    trim();
  }

  /// Appends the cursor's next items to `out` and moves it; returns how many.
  size_t take(Cursor& cursor, const TakeLimits& limits, std::vector<T>& out) const {
    std::lock_guard lock(mutex_);
    if (!settle(cursor)) return 0;
    const uint64_t end = end_.load(std::memory_order_relaxed);
    size_t items = 0, bytes = 0;
    while (cursor.next < end && items < limits.items) {
      const Slot& slot = items_[cursor.next - first()];
      if (items > 0 && bytes + slot.bytes > limits.bytes) break;
      out.push_back(slot.item);
      bytes += slot.bytes;
      ++items;
      ++cursor.next;
    }
    return items;
  }

  /// Whether take() might give something. Takes no lock: an item being published may be missed.
  [[nodiscard]] bool has_news(const Cursor& cursor) const {
    return cursor.next < end_.load(std::memory_order_acquire);
  }

  /// Forgets all items: what follows does not continue them. Readers wait for the next start.
  void clear() {
    std::lock_guard lock(mutex_);
    items_.clear();
    bytes_ = 0;
    last_start_ = previous_start_ = kNone;
    ++epoch_;
  }

  /// The items from the last start on, in order.
  [[nodiscard]] std::vector<T> running_gop() const {
    std::lock_guard lock(mutex_);
    std::vector<T> out;
    if (last_start_ == kNone) return out;
    for (size_t i = last_start_ - first(); i < items_.size(); ++i) out.push_back(items_[i].item);
    return out;
  }

  [[nodiscard]] size_t size() const {
    std::lock_guard lock(mutex_);
    return items_.size();
  }
  [[nodiscard]] size_t bytes() const {
    std::lock_guard lock(mutex_);
    return bytes_;
  }

 private:
  static constexpr uint64_t kNone = ~uint64_t{0};
  struct Slot {
    T item;
    size_t bytes;
  };

  uint64_t first() const { return end_.load(std::memory_order_relaxed) - items_.size(); }

  // Makes the cursor point at an item held or at the end; false where it must wait for a start.
  bool settle(Cursor& cursor) const {
    if (cursor.epoch != epoch_) {
      cursor.epoch = epoch_;
      cursor.state = Cursor::State::fresh;
    }
    if (cursor.state == Cursor::State::reading) {
      if (cursor.next >= first()) return true;
      cursor.state = Cursor::State::lagging;
    }
    const bool has_start = last_start_ != kNone && last_start_ >= cursor.next;
    const uint64_t to = has_start ? last_start_ : end_.load(std::memory_order_relaxed);
    if (cursor.state == Cursor::State::lagging) cursor.lost += to - cursor.next;
    cursor.next = to;
    if (has_start) cursor.state = Cursor::State::reading;
    return has_start;
  }

  void trim() {
    while (over_limits() || (past_is_droppable() && items_.size() > limits_.items_kept)) {
      if (first() == last_start_) last_start_ = kNone;
      bytes_ -= items_.front().bytes;
      items_.pop_front();
    }
  }
  bool over_limits() const {
    return items_.size() > limits_.items_max || bytes_ > limits_.bytes_max;
  }
  // Whether the oldest item is before the GOP that came before the running one.
  bool past_is_droppable() const {
    if (last_start_ == kNone) return false;
    return first() < (previous_start_ == kNone ? last_start_ : previous_start_);
  }

  const BroadcastLimits limits_;
  mutable std::mutex mutex_;
  std::deque<Slot> items_;
  size_t bytes_ = 0;
  std::atomic<uint64_t> end_ = 0;  // The number of the item published next; written under the lock.
  uint64_t last_start_ = kNone, previous_start_ = kNone;  // kNone: there is none, or no longer.
  uint64_t epoch_ = 0;
};

}  // namespace pasu::hub
