#include "job/push.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <random>
#include <thread>

#include "base/log.h"
#include "job/detail/push_feed.h"

namespace pasu::job {
namespace {

constexpr auto kStopCheck = std::chrono::milliseconds(50);

// What the session's thread tells ours.
struct News {
  std::mutex mutex;
  std::condition_variable changed;
  bool ready = false;
  std::optional<Error> end;
};

class Pusher {
 public:
  Pusher(const PushPlan& plan, net::IoThread& thread, Progress& progress,
         const std::atomic<bool>& stop)
      : plan_(plan), thread_(thread), progress_(progress), stop_(stop) {}

  Result<PushOutcome> run() {
    feed_ = TRY(PushFeed::open(plan_, stop_));
    TRY(call());
    TRY(wait_until_ready());
    progress_.begin(log::hide_credentials(plan_.url));
    begun_ = std::chrono::steady_clock::now();
    for (;;) {
      auto unit = TRY(feed_->next());
      if (!unit || !wait_for(unit->dts)) break;
      keep_connected();
      send(std::move(*unit));
    }
    linger();
    return outcome();
  }

 private:
  Result<void> call() {
    news_ = std::make_shared<News>();
    net::PushEvents events;
    events.on_ready = [news = news_] {
      std::lock_guard lock(news->mutex);
      news->ready = true;
      news->changed.notify_all();
    };
    events.on_end = [news = news_](Error error) {
      std::lock_guard lock(news->mutex);
      news->end = std::move(error);
      news->changed.notify_all();
    };
    needs_key_ = feed_->has_video();
    feed_->want_key();
    session_ =
        TRY(net::push(thread_, plan_.url, feed_->tracks(), plan_.options, std::move(events)));
    return {};
  }

  Result<void> wait_until_ready() {
    std::unique_lock lock(news_->mutex);
    while (!news_->ready && !news_->end) {
      if (stop_) return fail(Errc::cancelled, "stopped before the server answered");
      news_->changed.wait_for(lock, kStopCheck);
    }
    if (news_->end) return tl::unexpected<Error>(*news_->end);
    return {};
  }

  // Until this unit's time; false where it was stopped.
  bool wait_for(media::Pts dts) {
    if (!feed_->is_file()) return !stop_;
    if (!first_dts_) first_dts_ = dts;
    const auto due = begun_ + (dts - *first_dts_);
    for (;;) {
      if (stop_) return false;
      const auto now = std::chrono::steady_clock::now();
      // After a stall go on from now rather than catch up.
      if (now - due > std::chrono::seconds(2)) begun_ += now - due;
      if (now >= due) return true;
      std::this_thread::sleep_for(std::min<std::chrono::nanoseconds>(due - now, kStopCheck));
    }
  }

  void keep_connected() {
    if (session_) {
      std::optional<Error> end;
      bool ready = false;
      {
        std::lock_guard lock(news_->mutex);
        end = news_->end;
        ready = news_->ready;
      }
      if (ready) backoff_.reset();
      if (!end) return;
      count_session();
      session_.reset();
      const auto wait = backoff_.next(std::uniform_real_distribution<double>(0, 1)(random_));
      retry_at_ = std::chrono::steady_clock::now() + wait;
      progress_.clear();
      log::warn("{}: {}; trying again in {:.1f} s", log::hide_credentials(plan_.url),
                end->message(), std::chrono::duration<double>(wait).count());
      return;
    }
    if (std::chrono::steady_clock::now() < retry_at_) return;
    ++outcome_.reconnects;
    // What could be called once can be called again.
    if (auto called = call(); !called) log::warn("{}", called.error().message());
  }

  void send(media::AccessUnit unit) {
    const bool picture = feed_->has_video() && unit.stream == 0;
    const bool main = picture || !feed_->has_video();
    if (!session_ || (needs_key_ && !(picture && unit.key))) {
      ++outcome_.dropped;
      return;
    }
    needs_key_ = false;
    if (main) progress_.update(++outcome_.frames, part(unit.dts));
    session_->push(std::move(unit));
  }

  // What is queued leaves before we do.
  void linger() {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(2);
    while (session_ && session_->stats().waiting_bytes > 0 && !stop_ &&
           std::chrono::steady_clock::now() < deadline)
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }

  PushOutcome outcome() {
    progress_.clear();
    if (session_) count_session();
    session_.reset();
    return outcome_;
  }
  void count_session() { outcome_.dropped += session_->stats().dropped; }

  std::optional<double> part(media::Pts dts) const {
    if (plan_.loop || feed_->duration() <= media::Pts(0)) return std::nullopt;
    return media::to_seconds(dts) / media::to_seconds(feed_->duration());
  }

  const PushPlan& plan_;
  net::IoThread& thread_;
  Progress& progress_;
  const std::atomic<bool>& stop_;
  std::unique_ptr<PushFeed> feed_;
  std::shared_ptr<News> news_;
  std::unique_ptr<net::PushSession> session_;
  bool needs_key_ = false;
  std::chrono::steady_clock::time_point begun_, retry_at_;
  std::optional<media::Pts> first_dts_;
  Backoff backoff_{kPushBackoff};
  std::mt19937 random_{std::random_device{}()};
  PushOutcome outcome_;
};

}  // namespace

Result<PushOutcome> push(const PushPlan& plan, net::IoThread& thread, Progress& progress,
                         const std::atomic<bool>& stop) {
  return Pusher(plan, thread, progress, stop).run();
}

}  // namespace pasu::job
