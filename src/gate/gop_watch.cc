#include "gate/gop_watch.h"

#include <algorithm>

namespace pasu::gate {

void GopWatch::push(media::Pts pts, bool key) {
  // Frames out of order are a fraction of a second early; beyond, the clock jumped.
  constexpr media::Pts kReorder = std::chrono::seconds(1), kJump = std::chrono::seconds(20);
  if (since_ && (pts + kReorder < newest_ || pts - newest_ > kJump)) restart();
  newest_ = since_ ? std::max(newest_, pts) : pts;
  if (!since_) since_ = pts;
  if (key) {
    if (last_key_) {
      distances_[next_] = pts - *last_key_;
      next_ = (next_ + 1) % distances_.size();
      count_ = std::min(count_ + 1, distances_.size());
      long_ = *apart() > apart_max_;
    }
    since_ = last_key_ = pts;
  } else if (running() > apart_max_ + apart_max_ / 2) {
    long_ = true;
  }
}

void GopWatch::restart() {
  since_.reset();
  last_key_.reset();
}

std::optional<media::Pts> GopWatch::apart() const {
  const auto& [a, b, c] = distances_;
  if (count_ == 0) return std::nullopt;
  if (count_ == 1) return a;
  if (count_ == 2) return std::min(a, b);
  return std::max(std::min(a, b), std::min(std::max(a, b), c));
}

}  // namespace pasu::gate
