#include <algorithm>
#include <thread>

#include "av/demuxer.h"
#include "base/clock.h"
#include "base/log.h"
#include "node/source.h"

namespace pasu::node {
namespace {

// Long waits are cut into pieces, so that a stop is noticed.
bool sleep_until(MonoTime deadline, const std::atomic<bool>& stop) {
  constexpr auto kPiece = std::chrono::milliseconds(50);
  for (;;) {
    if (stop.load()) return false;
    const auto now = std::chrono::steady_clock::now();
    if (now >= deadline) return true;
    std::this_thread::sleep_for(std::min<std::chrono::nanoseconds>(deadline - now, kPiece));
  }
}

class AvSource final : public Source {
 public:
  AvSource(std::unique_ptr<av::Demuxer> demuxer, media::StreamInfo video, std::string name,
           const std::atomic<bool>& stop)
      : demuxer_(std::move(demuxer)),
        video_(std::move(video)),
        name_(std::move(name)),
        stop_(stop) {}

  const media::StreamInfo& video() const override { return video_; }

  Result<Unit> read() override {
    Unit out;
    for (;;) {
      auto unit = TRY(demuxer_->read());
      if (stop_.load()) return fail(Errc::cancelled, "stopped");
      if (unit && unit->stream != video_.index) continue;
      if (unit) {
        out.unit = std::move(*unit);
        break;
      }
      TRY(begin_round());
      out.new_round = true;
    }
    ++units_in_round_;
    if (demuxer_->is_file()) TRY(pace(out));
    return out;
  }

 private:
  Result<void> begin_round() {
    if (!demuxer_->is_file())
      return fail(Errc::unavailable, "{}: the stream ended; check the camera if that happens often",
                  name_);
    if (units_in_round_ == 0)
      return fail(Errc::malformed, "{}: no video frame in it; copy or record it again", name_);
    units_in_round_ = 0;
    return demuxer_->rewind();
  }

  // Releases units at the speed they were recorded at.
  Result<void> pace(const Unit& next) {
    const auto now = std::chrono::steady_clock::now();
    const media::Pts dts = next.unit.dts;
    if (!due_) {
      due_ = now;
    } else if (next.new_round) {
      *due_ += step_;
    } else {
      // A file's broken times must not stop it for hours or make it race.
      const media::Pts distance = std::clamp(dts - last_dts_, media::Pts(0), kGapMax);
      if (distance > media::Pts(0)) step_ = distance;
      *due_ += distance;
    }
    last_dts_ = dts;
    // After a stall (a suspended computer, an overloaded one) go on from now rather than catch up.
    if (now - *due_ > std::chrono::seconds(2)) *due_ = now;
    if (!sleep_until(*due_, stop_)) return fail(Errc::cancelled, "stopped");
    return {};
  }

  static constexpr media::Pts kGapMax = std::chrono::seconds(10);

  std::unique_ptr<av::Demuxer> demuxer_;
  media::StreamInfo video_;
  std::string name_;
  const std::atomic<bool>& stop_;
  uint64_t units_in_round_ = 0;
  std::optional<MonoTime> due_;
  media::Pts last_dts_{0};
  media::Pts step_{std::chrono::milliseconds(40)};
};

}  // namespace

Result<std::unique_ptr<Source>> open_av_source(const std::string& url,
                                               const std::atomic<bool>& stop) {
  const std::string name = log::hide_credentials(url);
  av::DemuxerOptions options;
  options.stop = &stop;
  auto demuxer = TRY(av::Demuxer::open(url, options));
  const media::StreamInfo* video = av::find_video(demuxer->info());
  if (video == nullptr)
    return fail(Errc::unsupported, "{}: no video in it; pasu watches pictures, check the address",
                name);
  media::StreamInfo info = *video;
  return std::make_unique<AvSource>(std::move(demuxer), std::move(info), name, stop);
}

}  // namespace pasu::node
