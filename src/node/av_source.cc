#include <algorithm>
#include <thread>
#include <utility>

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
  // `tracks` begins with the video; AccessUnit::stream is the demuxer's number until here.
  AvSource(std::unique_ptr<av::Demuxer> demuxer, hub::Tracks tracks, std::string name,
           const std::atomic<bool>& stop)
      : demuxer_(std::move(demuxer)),
        tracks_(std::move(tracks)),
        name_(std::move(name)),
        stop_(stop) {}

  const hub::Tracks& tracks() const override { return tracks_; }

  Result<Unit> read() override {
    Unit out;
    for (;;) {
      auto unit = TRY(demuxer_->read());
      if (stop_.load()) return fail(Errc::cancelled, "stopped");
      if (!unit) {
        TRY(begin_round());
        out.new_round = true;
        continue;
      }
      const auto at = std::ranges::find(tracks_, unit->stream, &media::StreamInfo::index);
      if (at == tracks_.end()) continue;
      out.unit = std::move(*unit);
      out.unit.stream = static_cast<int>(at - tracks_.begin());
      break;
    }
    // The sound of a file lies beside its pictures, which set the pace.
    if (out.unit.stream != 0) {
      round_pending_ |= out.new_round;
      out.new_round = false;
      return out;
    }
    out.new_round |= std::exchange(round_pending_, false);
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
  hub::Tracks tracks_;
  std::string name_;
  const std::atomic<bool>& stop_;
  uint64_t units_in_round_ = 0;
  bool round_pending_ = false;  // A round began with sound; its first picture is to come.
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
  hub::Tracks tracks{*video};
  for (const media::StreamInfo& stream : demuxer->info().streams)
    if (stream.kind == media::MediaKind::audio && tracks.size() == 1) tracks.push_back(stream);
  return std::make_unique<AvSource>(std::move(demuxer), std::move(tracks), name, stop);
}

}  // namespace pasu::node
