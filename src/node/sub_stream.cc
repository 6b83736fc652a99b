#include "node/sub_stream.h"

#include <pthread.h>

#include "base/backoff.h"
#include "base/log.h"

namespace pasu::node {
namespace {

constexpr std::chrono::milliseconds kAsleepPatience{250};

}  // namespace

SubStream::SubStream(Options options, SourceFactory open_source, Analyser& analyser, Meter& meter)
    : options_(std::move(options)),
      open_source_(std::move(open_source)),
      analyser_(analyser),
      meter_(meter),
      timeline_(options_.start),
      thread_([this] { supervise(); }) {
  pthread_setname_np(thread_.native_handle(), "sub-stream");
}

void SubStream::ask_to_stop() {
  {
    std::lock_guard lock(mutex_);
    stop_ = true;
  }
  stopped_.notify_all();
}

void SubStream::stop() {
  ask_to_stop();
  if (thread_.joinable()) thread_.join();
}

std::optional<Why> SubStream::trouble() const {
  std::lock_guard lock(mutex_);
  return trouble_;
}

void SubStream::set_trouble(std::optional<Why> why) {
  std::lock_guard lock(mutex_);
  trouble_ = std::move(why);
}

void SubStream::supervise() {
  log::Scope scope("camera " + options_.camera);
  Backoff backoff;
  while (!stop_) {
    const Error error = run_session();
    if (stop_) return;
    analyser_.end();
    Why why = why_lost(error, options_.url);
    why.sentence = "nobody is looked for, because its sub-stream is lost: " + why.sentence;
    if (!trouble()) {
      log::warn("{}", why.sentence);
      backoff.reset();
    }
    set_trouble(std::move(why));
    std::unique_lock lock(mutex_);
    stopped_.wait_for(lock, backoff.next(random_unit()), [&] { return stop_.load(); });
  }
}

Error SubStream::run_session() {
  const auto patience = [this] {
    return analyser_.dozes() ? kAsleepPatience : std::chrono::milliseconds(0);
  };
  const auto opened = open_source_(options_.url, patience, stop_);
  if (!opened) return opened.error();
  Source& source = **opened;
  std::optional<size_t> video;
  timeline_.begin_session(system_clock().now());
  CpuLaps cpu(meter_);
  for (;;) {
    auto next = source.read();
    if (!next) return next.error();
    if (!video || next->new_tracks) {
      const auto track = find_video_track(source.tracks(), log::hide_credentials(options_.url));
      if (!track) return track.error();
      if (auto begun = analyser_.begin(source.tracks()[*track]); !begun) return begun.error();
      video = *track;
    }
    media::AccessUnit& unit = next->unit;
    if (static_cast<size_t>(unit.stream) != *video) continue;
    if (next->new_round) timeline_.begin_round();
    timeline_.place(unit);
    if (unit.key) set_trouble(std::nullopt);
    meter_.unit_to_analyse();
    analyser_.push(std::move(unit));
    cpu.lap();
  }
}

}  // namespace pasu::node
