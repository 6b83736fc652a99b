#include "job/detail/bench_publishers.h"

#include <algorithm>

#include "job/detail/push_feed.h"

namespace pasu::job {
namespace {

constexpr std::chrono::seconds kReadyWait{20};
constexpr std::chrono::milliseconds kStopCheck{50};
constexpr std::chrono::milliseconds kSpread{40};  // Over which the publishers' first pictures come.

}  // namespace

struct BenchPublishers::Publisher {
  explicit Publisher(size_t pictures) : pushed_at(pictures) {}
  std::unique_ptr<PushFeed> feed;
  std::unique_ptr<net::PushSession> session;
  std::optional<media::AccessUnit> next;
  MonoTime begun{};
  size_t number = 0;                            // Of the next picture in the clip.
  std::vector<std::atomic<int64_t>> pushed_at;  // Nanoseconds of MonoTime.
};

BenchPublishers::BenchPublishers(const BenchClip& clip) : clip_(clip) {}

Result<std::unique_ptr<BenchPublishers>> BenchPublishers::start(
    const BenchClip& clip, const std::vector<std::string>& urls, const net::PushOptions& options,
    const std::atomic<bool>& stop) {
  std::unique_ptr<BenchPublishers> out(new BenchPublishers(clip));
  for (const auto& url : urls) TRY(out->add(url, options, stop));
  TRY(out->wait_ready(stop));
  const MonoTime now = system_clock().now();
  for (size_t i = 0; i < urls.size(); ++i) {
    out->publishers_[i]->begun = now + kSpread * i / urls.size();
  }
  out->pacer_ = std::thread([raw = out.get()] { raw->push_all(); });
  return out;
}

BenchPublishers::~BenchPublishers() {
  stop_ = true;
  if (pacer_.joinable()) pacer_.join();
  publishers_.clear();  // Before the thread that they say good-bye on.
}

Result<void> BenchPublishers::add(const std::string& url, const net::PushOptions& options,
                                  const std::atomic<bool>& stop) {
  auto made = std::make_unique<Publisher>(clip_.pictures());
  PushPlan plan;
  plan.input = clip_.path();
  plan.loop = true;
  made->feed = TRY(PushFeed::open(plan, stop));
  made->next = TRY(made->feed->next());
  net::PushEvents events;
  events.on_ready = [this] {
    std::lock_guard lock(mutex_);
    ++ready_;
    changed_.notify_all();
  };
  events.on_end = [this](Error error) {
    std::lock_guard lock(mutex_);
    if (!failure_) failure_ = std::move(error);
    changed_.notify_all();
  };
  made->session = TRY(net::push(thread_, url, made->feed->tracks(), options, std::move(events)));
  publishers_.push_back(std::move(made));
  return {};
}

Result<void> BenchPublishers::wait_ready(const std::atomic<bool>& stop) {
  const MonoTime deadline = system_clock().now() + kReadyWait;
  std::unique_lock lock(mutex_);
  while (ready_ < publishers_.size()) {
    if (failure_) return tl::unexpected<Error>(*failure_);
    if (stop) return fail(Errc::cancelled, "stopped");
    if (system_clock().now() > deadline)
      return fail(Errc::timeout, "only {} of {} publishers were taken within {} s", ready_,
                  publishers_.size(), kReadyWait.count());
    changed_.wait_for(lock, kStopCheck);
  }
  return {};
}

void BenchPublishers::push_all() {
  const auto due = [](const auto& p) { return p->begun + p->next->dts; };
  while (!stop_) {
    Publisher& first = **std::ranges::min_element(publishers_, {}, due);
    const MonoTime at = first.begun + first.next->dts;
    const MonoTime now = system_clock().now();
    if (at > now) {
      std::this_thread::sleep_for(std::min<MonoTime::duration>(at - now, kStopCheck));
      continue;
    }
    if (first.next->stream == 0) {
      first.pushed_at[first.number] = now.time_since_epoch().count();
      first.number = (first.number + 1) % clip_.pictures();
    }
    first.session->push(std::move(*first.next));
    auto next = first.feed->next();
    if (!next || !*next) {  // A clip that was read once is read again: its file is gone.
      std::lock_guard lock(mutex_);
      failure_ = next ? Error(Errc::io, "the clip ended") : next.error();
      return;
    }
    first.next = std::move(*next);
  }
}

MonoTime BenchPublishers::pushed_at(size_t publisher, size_t number) const {
  return MonoTime(MonoTime::duration(publishers_[publisher]->pushed_at[number].load()));
}

std::optional<Error> BenchPublishers::failure() const {
  std::lock_guard lock(mutex_);
  return failure_;
}

}  // namespace pasu::job
