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

  void on_news() override {
    if (pending_.exchange(true)) return;
    if (const auto owner = owner_.lock()) owner->mark(shared_from_this());
  }

  void call() {
    pending_ = false;
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
  std::atomic<bool> pending_ = false;
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

void FanOut::mark(std::shared_ptr<Fan> fan) {
  std::lock_guard lock(mutex_);
  if (closed_) return;
  marked_.push_back(std::move(fan));
  if (scheduled_) return;
  scheduled_ = true;
  thread_.post([self = shared_from_this()] { self->begin_round(); });
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
