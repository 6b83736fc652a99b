#include "job/detail/bench_readers.h"

#include <algorithm>

namespace pasu::job {
namespace {

double ms_between(MonoTime from, MonoTime to) {
  return std::chrono::duration<double, std::milli>(to - from).count();
}

}  // namespace

struct BenchReaders::Reader {
  size_t publisher = 0;
  MonoTime called{};
  int video = -1;  // Track.
  bool playing = false, ended = false;
  std::optional<size_t> last;  // Number of the picture before.
  int until_latency = 0;
  std::unique_ptr<net::PullSession> session;
};

BenchReaders::BenchReaders(const BenchClip& clip, const BenchPublishers* publishers,
                           net::PullOptions options)
    : clip_(clip), publishers_(publishers), options_(std::move(options)) {}

BenchReaders::~BenchReaders() {
  for (const auto& reader : readers_) reader->session.reset();
  thread_.run([] {});  // The last calls of sessions that were just stopped are over.
}

Result<void> BenchReaders::add(const std::string& url, size_t publisher) {
  auto made = std::make_unique<Reader>();
  Reader& reader = *made;
  reader.publisher = publisher;
  reader.called = system_clock().now();
  net::PullEvents events;
  events.on_tracks = [&reader](const hub::Tracks& tracks) {
    for (size_t i = 0; i < tracks.size(); ++i) {
      if (tracks[i].kind == media::MediaKind::video) reader.video = static_cast<int>(i);
    }
  };
  events.on_unit = [this, &reader](const media::AccessUnit& unit) { on_unit(reader, unit); };
  events.on_end = [this, &reader](const Error& error) {
    if (std::exchange(reader.ended, true)) return;
    if (reader.playing) --totals_.playing;
    if (totals_.failed++ == 0) totals_.first_failure = error.message();
  };
  reader.session = TRY(net::pull(thread_, url, options_, std::move(events)));
  readers_.push_back(std::move(made));
  return {};
}

void BenchReaders::on_unit(Reader& reader, const media::AccessUnit& unit) {
  if (unit.stream != reader.video) return;
  const MonoTime now = system_clock().now();
  if (!reader.playing) {
    if (!unit.key) return;
    reader.playing = true;
    ++totals_.playing;
    totals_.first_picture_ms.push_back(static_cast<float>(ms_between(reader.called, now)));
  }
  ++totals_.pictures;
  const auto number = clip_.number(unit.data);
  if (!number) return;
  if (reader.last) {
    const size_t count = clip_.pictures();
    const size_t ahead = (*number + count - *reader.last) % count;
    // Back a little is a repetition: gst-rtsp-server plays pictures again when a reader joins.
    if (ahead > 0 && ahead < count / 2) totals_.lost += ahead - 1;
  }
  reader.last = number;
  if (publishers_ == nullptr || --reader.until_latency > 0) return;
  reader.until_latency = kLatencyEvery;
  if (totals_.latency_ms.size() < kLatenciesMax)
    totals_.latency_ms.push_back(
        static_cast<float>(ms_between(publishers_->pushed_at(reader.publisher, *number), now)));
}

ReaderTotals BenchReaders::totals(bool forget) {
  ReaderTotals out;
  thread_.run([&] {
    out = totals_;
    if (!forget) return;
    totals_.pictures = 0;
    totals_.latency_ms.clear();
  });
  return out;
}

}  // namespace pasu::job
