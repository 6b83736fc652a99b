#include "net/pull_reader.h"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <utility>

#include "net/detail/unit_queue.h"

namespace pasu::net {
namespace {

constexpr auto kStopLook = std::chrono::milliseconds(50);

}  // namespace

struct PullReader::Shared {
  // Tracks hold from the unit with this number on.
  struct Change {
    uint64_t from = 0;
    std::shared_ptr<const hub::Tracks> tracks;
  };

  mutable std::mutex mutex;
  std::condition_variable news;
  detail::UnitQueue queue{{.units = kUnitsMax, .bytes = kBytesMax}};
  uint64_t pushed = 0, popped = 0;
  std::deque<Change> changes;
  std::optional<Error> end;
  // The reader waits, and for a key unit; it looks by itself after a while.
  bool is_patient = false;

  void add(hub::Tracks tracks) {
    std::lock_guard lock(mutex);
    // A reader that does not read must not collect them: the last one counts.
    if (!changes.empty() && changes.back().from == pushed) changes.pop_back();
    changes.push_back({pushed, std::make_shared<const hub::Tracks>(std::move(tracks))});
    news.notify_one();
  }
  void add(media::AccessUnit unit) {
    std::lock_guard lock(mutex);
    const bool waits = is_patient && !unit.key;
    if (queue.push(std::move(unit))) ++pushed;
    if (!waits) news.notify_one();
  }
  void finish(Error why) {
    std::lock_guard lock(mutex);
    end = std::move(why);
    news.notify_one();
  }
  // What holds for the unit that is read next; nothing where nothing changed.
  std::shared_ptr<const hub::Tracks> take_change() {
    std::shared_ptr<const hub::Tracks> last;
    while (!changes.empty() && changes.front().from <= popped) {
      last = std::move(changes.front().tracks);
      changes.pop_front();
    }
    return last;
  }
};

PullReader::PullReader(const std::atomic<bool>& stop)
    : shared_(std::make_shared<Shared>()), stop_(stop) {}

PullReader::~PullReader() = default;

Result<std::unique_ptr<PullReader>> PullReader::open(IoThread& thread, const std::string& url,
                                                     const PullOptions& options,
                                                     const std::atomic<bool>& stop) {
  std::unique_ptr<PullReader> reader(new PullReader(stop));
  PullEvents events;
  events.on_tracks = [shared = reader->shared_](hub::Tracks t) { shared->add(std::move(t)); };
  events.on_unit = [shared = reader->shared_](media::AccessUnit u) { shared->add(std::move(u)); };
  events.on_end = [shared = reader->shared_](Error why) { shared->finish(std::move(why)); };
  reader->session_ = TRY(pull(thread, url, options, std::move(events)));
  TRY(reader->wait_for_tracks());
  return reader;
}

Result<void> PullReader::wait_for_tracks() {
  std::unique_lock lock(shared_->mutex);
  while (!tracks_) {
    if (stop_.load()) return fail(Errc::cancelled, "stopped");
    if (auto tracks = shared_->take_change()) {
      tracks_ = std::move(tracks);
      ++changes_;
    } else if (shared_->end) {
      return tl::unexpected(*shared_->end);
    } else {
      shared_->news.wait_for(lock, kStopLook);
    }
  }
  return {};
}

Result<std::optional<media::AccessUnit>> PullReader::read(std::chrono::milliseconds patience) {
  std::unique_lock lock(shared_->mutex);
  const auto look = std::max<std::chrono::milliseconds>(kStopLook, patience);
  for (;;) {
    shared_->is_patient = patience.count() > 0;
    if (stop_.load()) return fail(Errc::cancelled, "stopped");
    if (!shared_->queue.empty()) break;
    if (shared_->end) {
      if (shared_->end->code() == Errc::unavailable) return std::nullopt;
      return tl::unexpected(*shared_->end);
    }
    shared_->news.wait_for(lock, look);
  }
  if (auto tracks = shared_->take_change()) {
    tracks_ = std::move(tracks);
    ++changes_;
  }
  ++shared_->popped;
  return shared_->queue.pop();
}

uint64_t PullReader::overflowed() const {
  std::lock_guard lock(shared_->mutex);
  return shared_->queue.dropped();
}

}  // namespace pasu::net
