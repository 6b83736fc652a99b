#include <algorithm>
#include <chrono>
#include <cmath>
#include <condition_variable>
#include <mutex>

#include "av/decoder.h"
#include "av/demuxer.h"
#include "base/clock.h"
#include "base/process_usage.h"
#include "detect/detector.h"
#include "job/detect_bench.h"

namespace pasu::job {
namespace {

double part_of(std::vector<double>& sorted, double part) {
  const auto at = static_cast<size_t>(std::lround(part * static_cast<double>(sorted.size() - 1)));
  return sorted[at];
}

// Keeps a number of frames under way for a while.
class Load {
 public:
  Load(detect::Detector& detector, const std::vector<media::Frame>& frames, int under_way_max)
      : detector_(detector), frames_(frames), under_way_max_(under_way_max) {}

  // Latencies in milliseconds of all that was submitted within `seconds`.
  Result<std::vector<double>> run(double seconds, const std::atomic<bool>& stop) {
    latencies_.clear();
    const MonoTime end =
        system_clock().now() + std::chrono::nanoseconds(static_cast<int64_t>(seconds * 1e9));
    while (!stop && system_clock().now() < end) {
      {
        std::unique_lock lock(mutex_);
        room_.wait(lock, [&] { return under_way_ < under_way_max_; });
        if (error_) break;
        ++under_way_;
      }
      submit(frames_[next_++ % frames_.size()].share());
    }
    std::unique_lock lock(mutex_);
    room_.wait(lock, [&] { return under_way_ == 0; });
    if (error_) return tl::unexpected(*error_);
    if (stop) return fail(Errc::cancelled, "stopped");
    return latencies_;
  }

 private:
  void submit(media::Frame frame) {
    const MonoTime begun = system_clock().now();
    detector_.submit(std::move(frame), [this, begun](const auto& found) {
      const double ms =
          std::chrono::duration<double, std::milli>(system_clock().now() - begun).count();
      std::lock_guard lock(mutex_);
      if (!found) error_ = found.error();
      latencies_.push_back(ms);
      --under_way_;
      room_.notify_one();  // Under the lock: the last answer may end this object.
    });
  }

  detect::Detector& detector_;
  const std::vector<media::Frame>& frames_;
  const int under_way_max_;
  size_t next_ = 0;
  std::mutex mutex_;
  std::condition_variable room_;
  int under_way_ = 0;
  std::optional<Error> error_;
  std::vector<double> latencies_;
};

}  // namespace

Result<ModelCost> bench_model(const ModelBenchOptions& options,
                              const std::vector<media::Frame>& frames,
                              const std::atomic<bool>& stop) {
  if (frames.empty()) return fail(Errc::invalid_argument, "no picture to measure with");
  detect::DetectorOptions detector_options;
  detector_options.model = options.model;
  detector_options.input = options.input;
  detector_options.streams = options.streams;
  detector_options.batch_max = options.batch;
  const auto detector = TRY(detect::Detector::open(detector_options));
  Load load(*detector, frames, options.streams * options.batch);
  TRY(load.run(options.seconds / 4, stop));

  const MonoTime begun = system_clock().now();
  const double cpu_begun = process_cpu_seconds();
  auto latencies = TRY(load.run(options.seconds, stop));
  const double cpu = process_cpu_seconds() - cpu_begun;
  const double wall = std::chrono::duration<double>(system_clock().now() - begun).count();
  if (latencies.empty()) return fail(Errc::timeout, "{}: gave no answer in time", options.model);
  std::ranges::sort(latencies);
  const auto images = static_cast<double>(latencies.size());
  const detect::DetectorInfo& info = detector->info();
  return ModelCost{.model = info.name,
                   .input = info.input,
                   .precision = info.precision,
                   .streams = options.streams,
                   .batch = options.batch,
                   .images_per_cpu_second = cpu > 0 ? images / cpu : 0,
                   .images_per_second = images / wall,
                   .latency_p50_ms = part_of(latencies, 0.5),
                   .latency_p95_ms = part_of(latencies, 0.95)};
}

Result<std::vector<media::Frame>> read_frames(const std::string& clip, size_t count) {
  const auto demuxer = TRY(av::Demuxer::open(clip));
  const media::StreamInfo* stream = av::find_video(demuxer->info());
  if (stream == nullptr) return fail(Errc::unsupported, "{}: has no video in it", clip);
  const auto decoder = TRY(with_context(av::VideoDecoder::create(*stream), clip));
  std::vector<media::Frame> frames;
  while (frames.size() < count) {
    auto unit = TRY(demuxer->read());
    if (!unit) decoder->finish();
    if (unit && unit->stream != stream->index) continue;
    if (unit) TRY(with_context(decoder->push(*unit), clip));
    while (auto frame = TRY(with_context(decoder->take(), clip)))
      if (frames.size() < count) frames.push_back(std::move(*frame));
    if (!unit) break;
  }
  if (frames.empty()) return fail(Errc::malformed, "{}: no frame in it could be decoded", clip);
  return frames;
}

}  // namespace pasu::job
