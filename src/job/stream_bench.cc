#include "job/stream_bench.h"

#include <algorithm>
#include <cmath>
#include <thread>

#include "base/clock.h"
#include "base/open_files.h"
#include "base/process_usage.h"
#include "job/detail/bench_clip.h"
#include "job/detail/bench_publishers.h"
#include "job/detail/bench_readers.h"
#include "job/process_tree.h"

namespace pasu::job {
namespace {

constexpr std::chrono::milliseconds kReaderEvery{4};  // 250 a second.
constexpr std::chrono::milliseconds kNewcomerEvery{20};
constexpr std::chrono::milliseconds kStopCheck{20};
constexpr std::chrono::seconds kSettle{2};

std::string numbered(std::string url, int number) {
  if (const size_t at = url.find('%'); at != std::string::npos)
    url.replace(at, 1, std::to_string(number));
  return url;
}

Percentiles percentiles(std::vector<float> samples) {
  if (samples.empty()) return {};
  std::ranges::sort(samples);
  const auto at = [&](double part) {
    return static_cast<double>(
        samples[static_cast<size_t>(std::lround(part * static_cast<double>(samples.size() - 1)))]);
  };
  return {samples.size(), at(0.5), at(0.99)};
}

class Run {
 public:
  Run(const StreamLoad& load, const std::atomic<bool>& stop) : load_(load), stop_(stop) {}

  Result<StreamCost> run() {
    raise_open_files_limit();  // Each reader by UDP has two sockets a track.
    clip_ = TRY(BenchClip::load(load_.clip, stop_));
    if (load_.publishers > 0) TRY(publish());
    options_.transport = load_.transport;
    readers_.emplace(clip_, publishers_.get(), options_);
    TRY(bring_readers());
    StreamCost out;
    out.first_picture_ms = TRY(bring_newcomers());
    TRY(wait(kSettle));
    TRY(measure(out));
    return out;
  }

 private:
  Result<void> publish() {
    std::vector<std::string> urls;
    for (int i = 0; i < load_.publishers; ++i) urls.push_back(numbered(load_.url, i));
    net::PushOptions options;
    options.transport = net::ClientTransport::tcp;
    publishers_ = TRY(BenchPublishers::start(clip_, urls, options, stop_));
    return {};
  }

  Result<void> add(BenchReaders& readers, int index) {
    const int streams = load_.publishers > 0 ? load_.publishers : load_.streams;
    const int stream = index % streams;
    return readers.add(numbered(load_.url, stream), static_cast<size_t>(stream));
  }

  Result<void> bring_readers() {
    for (int i = 0; i < load_.readers; ++i) {
      TRY(add(*readers_, i));
      TRY(wait(kReaderEvery));
    }
    const MonoTime deadline = system_clock().now() + load_.patience;
    for (;;) {
      const ReaderTotals totals = readers_->totals();
      if (totals.playing + totals.failed >= load_.readers || system_clock().now() > deadline) {
        if (totals.playing > 0) return {};
        return fail(Errc::unavailable, "{}: no reader has a picture{}{}", load_.url,
                    totals.first_failure.empty() ? "" : ": ", totals.first_failure);
      }
      TRY(wait(kStopCheck));
    }
  }

  Result<Percentiles> bring_newcomers() {
    std::vector<float> all;
    for (int i = 0; i < load_.newcomers; ++i) {
      BenchReaders one(clip_, publishers_.get(), options_);
      TRY(add(one, i));
      const MonoTime deadline = system_clock().now() + load_.patience;
      for (;;) {
        TRY(wait(std::chrono::milliseconds(1)));
        const ReaderTotals totals = one.totals();
        all.insert(all.end(), totals.first_picture_ms.begin(), totals.first_picture_ms.end());
        if (!totals.first_picture_ms.empty() || totals.failed > 0) break;
        if (system_clock().now() > deadline) break;
      }
      TRY(wait(kNewcomerEvery));
    }
    return percentiles(std::move(all));
  }

  Result<void> measure(StreamCost& out) {
    (void)readers_->totals(true);
    const MonoTime begun = system_clock().now();
    const double own_before = process_cpu_seconds();
    TreeUsage before;
    if (load_.server > 0) before = TRY(tree_usage(load_.server));
    TRY(wait(std::chrono::duration_cast<std::chrono::milliseconds>(
        std::chrono::duration<double>(load_.seconds))));
    TreeUsage after;
    if (load_.server > 0) after = TRY(tree_usage(load_.server));
    const double own = process_cpu_seconds() - own_before;
    ReaderTotals totals = readers_->totals();
    out.seconds = std::chrono::duration<double>(system_clock().now() - begun).count();
    out.readers = totals.playing;
    out.failed = load_.readers - totals.playing;
    out.first_failure = totals.first_failure;
    out.pictures = totals.pictures;
    out.lost = totals.lost;
    out.latency_ms = percentiles(std::move(totals.latency_ms));
    const double reader_seconds = out.seconds * std::max(totals.playing, 1);
    out.cpu_ms_per_reader_second = 1e3 * (after.cpu_seconds - before.cpu_seconds) / reader_seconds;
    out.generator_cpu_ms_per_reader_second = 1e3 * own / reader_seconds;
    out.rss_mb = after.rss_mb;
    return {};
  }

  // Errors: cancelled, and why a publisher ended.
  Result<void> wait(std::chrono::milliseconds time) const {
    const MonoTime until = system_clock().now() + time;
    for (;;) {
      if (stop_) return fail(Errc::cancelled, "stopped");
      if (publishers_) {
        if (auto failure = publishers_->failure()) return tl::unexpected(std::move(*failure));
      }
      const MonoTime now = system_clock().now();
      if (now >= until) return {};
      std::this_thread::sleep_for(std::min<MonoTime::duration>(until - now, kStopCheck));
    }
  }

  const StreamLoad& load_;
  const std::atomic<bool>& stop_;
  net::PullOptions options_;
  BenchClip clip_;
  std::unique_ptr<BenchPublishers> publishers_;
  std::optional<BenchReaders> readers_;
};

}  // namespace

Result<StreamCost> bench_stream(const StreamLoad& load, const std::atomic<bool>& stop) {
  return Run(load, stop).run();
}

}  // namespace pasu::job
