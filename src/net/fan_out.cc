#include "net/fan_out.h"

#include <algorithm>
#include <atomic>

#include "net/io_threads.h"

namespace pasu::net {

// The followers of one stream on this thread.
class FanOut::Fan final : public hub::Waiter, public std::enable_shared_from_this<Fan> {
 public:
  Fan(std::weak_ptr<FanOut> owner, std::shared_ptr<hub::Stream> stream)
      : owner_(std::move(owner)), stream_(std::move(stream)) {}

  // The stream's lock keeps these calls apart.
  void on_news(hub::Urgency urgency) override {
    const Pending wanted = urgency == hub::Urgency::prompt ? Pending::prompt : Pending::relaxed;
    Pending before = pending_.load();
    while (before < wanted && !pending_.compare_exchange_weak(before, wanted)) continue;
    if (before >= wanted) return;
    if (const auto owner = owner_.lock())
      owner->mark(shared_from_this(), urgency, before == Pending::none);
  }

  void call() {
    pending_ = Pending::none;
    // Followers may leave, and new ones come, while they are called.
    for (size_t i = 0; i < followers_.size(); ++i) {
      if (followers_[i] != nullptr) followers_[i]->on_news();
    }
    std::erase(followers_, nullptr);
  }

  void add(Follower& follower) {
    followers_.push_back(&follower);
    ++count_;
  }
  // True where that was the last.
  bool remove(const Follower& follower) {
    const auto at = std::ranges::find(followers_, &follower);
    if (at != followers_.end()) {
      *at = nullptr;
      --count_;
    }
    return count_ == 0;
  }
  [[nodiscard]] hub::Stream& stream() const { return *stream_; }

 private:
  const std::weak_ptr<FanOut> owner_;
  const std::shared_ptr<hub::Stream> stream_;
  enum class Pending { none, relaxed, prompt };
  std::atomic<Pending> pending_ = Pending::none;
  std::vector<Follower*> followers_;
  size_t count_ = 0;
};

void FanOut::follow(const std::shared_ptr<hub::Stream>& stream, Follower& follower) {
  auto& fan = fans_[stream.get()];
  if (!fan) {
    fan = std::make_shared<Fan>(weak_from_this(), stream);
    stream->add_waiter(fan);
  }
  fan->add(follower);
}

void FanOut::unfollow(const hub::Stream& stream, const Follower& follower) {
  const auto at = fans_.find(&stream);
  if (at == fans_.end() || !at->second->remove(follower)) return;
  const auto fan = at->second;
  fans_.erase(at);
  fan->stream().remove_waiter(*fan);
}

void FanOut::mark(const std::shared_ptr<Fan>& fan, hub::Urgency urgency, bool first) {
  std::lock_guard lock(mutex_);
  if (closed_) return;
  if (first) marked_.push_back(fan);
  if (scheduled_) return;
  if (urgency == hub::Urgency::prompt) {
    scheduled_ = true;
    thread_.post([self = shared_from_this()] { self->begin_round(); });
    return;
  }
  if (marked_.size() == 1) relaxed_due_ = system_clock().now() + kRelaxedWait;
  if (relaxed_scheduled_) return;
  relaxed_scheduled_ = true;
  thread_.post_after(kRelaxedWait, [self = shared_from_this()] { self->begin_relaxed_round(); });
}

// The timer is not set back by rounds that come before it: it looks again.
void FanOut::begin_relaxed_round() {
  {
    std::lock_guard lock(mutex_);
    relaxed_scheduled_ = false;
    if (marked_.empty() || scheduled_) return;
    if (const auto left = relaxed_due_ - system_clock().now(); left > MonoTime::duration::zero()) {
      relaxed_scheduled_ = true;
      thread_.post_after(left, [self = shared_from_this()] { self->begin_relaxed_round(); });
      return;
    }
  }
  round();
}

void FanOut::begin_round() {
  const auto since = system_clock().now() - last_round_;
  if (since >= kRoundEvery) return round();
  thread_.post_after(kRoundEvery - since, [self = shared_from_this()] { self->round(); });
}

void FanOut::round() {
  last_round_ = system_clock().now();
  std::vector<std::shared_ptr<Fan>> fans;
  {
    std::lock_guard lock(mutex_);
    fans.swap(marked_);
    scheduled_ = false;
  }
  for (const auto& fan : fans) fan->call();
}

void FanOut::close() {
  // Not in the destructor: a publisher may be the last to hold this, under its stream's lock.
  const auto fans = std::exchange(fans_, {});
  for (const auto& [stream, fan] : fans) fan->stream().remove_waiter(*fan);
  std::lock_guard lock(mutex_);
  closed_ = true;
  marked_.clear();
}

}  // namespace pasu::net
