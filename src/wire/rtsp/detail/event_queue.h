// What a machine has to say and its owner has not yet taken.
#pragma once

#include <cstddef>
#include <optional>
#include <utility>
#include <vector>

namespace pasu::rtsp::detail {

/// First in, first out. Keeps the memory of kKept events, since media are many a second; what a
/// burst of tiny frames took beyond that is given back once it is drained.
template <class Event>
class EventQueue {
 public:
  template <class E>
  void push(E&& event) {
    events_.emplace_back(std::forward<E>(event));
  }
  [[nodiscard]] bool empty() const { return events_.empty(); }
  [[nodiscard]] std::optional<Event> pop() {
    if (events_.empty()) return std::nullopt;
    std::optional<Event> event(std::move(events_[next_]));
    if (++next_ == events_.size()) {
      events_.clear();
      if (events_.capacity() > kKept) events_ = {};
      next_ = 0;
    }
    return event;
  }

 private:
  static constexpr size_t kKept = 64;
  std::vector<Event> events_;
  size_t next_ = 0;
};

}  // namespace pasu::rtsp::detail
