#include <chrono>
#include <condition_variable>
#include <mutex>

#include "node/source.h"

namespace pasu::node {
namespace {

// A stop comes without news.
constexpr auto kStopCheck = std::chrono::milliseconds(50);

class Bell final : public hub::Waiter {
 public:
  void on_news(hub::Urgency) override {
    {
      std::lock_guard lock(mutex_);
      rung_ = true;
    }
    ready_.notify_one();
  }
  void wait(std::chrono::milliseconds most) {
    std::unique_lock lock(mutex_);
    ready_.wait_for(lock, most, [&] { return rung_; });
    rung_ = false;
  }

 private:
  std::mutex mutex_;
  std::condition_variable ready_;
  bool rung_ = false;
};

class PublishedSource final : public Source {
 public:
  PublishedSource(std::shared_ptr<hub::Stream> stream, Patience patience,
                  const std::atomic<bool>& stop)
      : stream_(std::move(stream)), patience_(std::move(patience)), stop_(stop) {
    if (!patience_) stream_->add_waiter(bell_);
  }
  ~PublishedSource() override { stream_->remove_waiter(*bell_); }

  Result<void> open() {
    while (!stream_->state().live) {
      if (stop_) return fail(Errc::cancelled, "stopped");
      bell_->wait(kStopCheck);
    }
    reader_ = stream_->read_units();
    const hub::StreamState state = stream_->state();
    tracks_ = state.tracks;
    generation_ = state.generation;
    TRY(find_video_track(*tracks_, stream_->name()));
    return {};
  }

  const hub::Tracks& tracks() const override { return *tracks_; }

  Result<Unit> read() override {
    while (reader_->take(hub::TakeLimits{.items = 1}, taken_) == 0) {
      if (stop_) return fail(Errc::cancelled, "stopped");
      if (!stream_->state().live)
        return fail(Errc::unavailable, "{}: its publisher left", stream_->name());
      bell_->wait(patience_ ? patience_() : kStopCheck);
    }
    Unit out;
    out.unit = std::move(taken_.front().unit);
    if (taken_.front().generation != generation_) {
      const hub::StreamState state = stream_->state();
      tracks_ = state.tracks;
      generation_ = taken_.front().generation;
      out.new_tracks = true;
    }
    taken_.clear();
    return out;
  }

 private:
  const std::shared_ptr<hub::Stream> stream_;
  const Patience patience_;
  const std::atomic<bool>& stop_;
  const std::shared_ptr<Bell> bell_ = std::make_shared<Bell>();
  std::unique_ptr<hub::Reader<hub::Unit>> reader_;
  std::shared_ptr<const hub::Tracks> tracks_;
  uint64_t generation_ = 0;
  std::vector<hub::Unit> taken_;
};

}  // namespace

Result<std::unique_ptr<Source>> open_published_source(const std::shared_ptr<hub::Stream>& stream,
                                                      Patience patience,
                                                      const std::atomic<bool>& stop) {
  auto source = std::make_unique<PublishedSource>(stream, std::move(patience), stop);
  TRY(source->open());
  return source;
}

}  // namespace pasu::node
