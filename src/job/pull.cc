#include "job/pull.h"

#include <algorithm>

#include "av/muxer.h"
#include "base/log.h"
#include "net/pull_reader.h"

namespace pasu::job {
namespace {

// How long a track that lags behind, or has stopped, is waited for.
constexpr media::Pts kOthersWait = std::chrono::seconds(1);
// RTMP tells whole milliseconds, so a distance may be one too short.
constexpr media::Pts kRounding = std::chrono::milliseconds(1);

class Recording {
 public:
  Recording(const PullPlan& plan, Progress& progress) : plan_(plan), progress_(progress) {}

  Result<void> open(const hub::Tracks& tracks) {
    const auto video = std::ranges::find(tracks, media::MediaKind::video, &media::StreamInfo::kind);
    main_track_ = video == tracks.end() ? 0 : static_cast<int>(video - tracks.begin());
    has_video_ = video != tracks.end();
    ended_.resize(tracks.size());
    muxer_ = TRY(av::FileMuxer::create(plan_.output, tracks));
    progress_.begin(log::hide_credentials(plan_.url));
    return {};
  }

  // False once all is recorded that was asked for.
  Result<bool> write(media::AccessUnit unit) {
    const bool main = unit.stream == main_track_;
    if (!start_) {
      if (!main || (has_video_ && !unit.key)) return true;
      start_ = unit.pts;
      zero_ = unit.dts;
    }
    if (unit.dts < zero_ || unit.pts + kRounding < *start_) return true;
    if (plan_.duration && is_past_end(unit)) return !is_done(unit, main);
    if (main) {
      ++outcome_.frames;
      last_ = std::max(last_, unit.pts - *start_);
      outcome_.length = last_ + mean_distance();
      progress_.update(outcome_.frames, part());
    }
    unit.pts -= zero_;
    unit.dts -= zero_;
    TRY(muxer_->write(unit));
    return true;
  }

  Result<PullOutcome> finish(const net::PullStats& stats, std::optional<Error> cut) {
    progress_.clear();
    if (outcome_.frames == 0) {
      if (cut) return tl::unexpected<Error>(std::move(*cut));
      return fail(Errc::unavailable, "{}: no picture came", log::hide_credentials(plan_.url));
    }
    TRY(muxer_->finish());
    outcome_.stats = stats;
    outcome_.cut = std::move(cut);
    return outcome_;
  }

 private:
  // A track ends at its first unit, in decoding order, that would be shown too late. B frames
  // behind it could not be decoded without it.
  bool is_past_end(const media::AccessUnit& unit) {
    const auto track = static_cast<size_t>(unit.stream);
    if (unit.pts - *start_ + kRounding >= *plan_.duration) ended_[track] = true;
    return ended_[track];
  }
  // All tracks have ended, or the others have had their time.
  bool is_done(const media::AccessUnit& unit, bool main) const {
    if (main && unit.dts - *start_ >= *plan_.duration + kOthersWait) return true;
    return std::ranges::all_of(ended_, [](bool ended) { return ended; });
  }

  // How long a picture is shown, which live streams do not say.
  media::Pts mean_distance() const {
    const auto distances = static_cast<int64_t>(outcome_.frames) - 1;
    return distances > 0 ? last_ / distances : media::Pts(0);
  }
  std::optional<double> part() const {
    if (!plan_.duration) return std::nullopt;
    return media::to_seconds(outcome_.length) / media::to_seconds(*plan_.duration);
  }

  const PullPlan& plan_;
  Progress& progress_;
  std::unique_ptr<av::FileMuxer> muxer_;
  int main_track_ = 0;
  bool has_video_ = false;
  std::optional<media::Pts> start_;  // Of the first picture.
  media::Pts zero_{0};               // Of the file: when that one is decoded.
  std::vector<bool> ended_;          // By track.
  media::Pts last_{0};               // Of the main track, from the start on.
  PullOutcome outcome_;
};

}  // namespace

Result<PullOutcome> pull(const PullPlan& plan, net::IoThread& thread, Progress& progress,
                         const std::atomic<bool>& stop) {
  const auto reader = TRY(net::PullReader::open(thread, plan.url, plan.options, stop));
  Recording recording(plan, progress);
  TRY(recording.open(reader->tracks()));
  const uint64_t changes = reader->changes();
  for (;;) {
    auto unit = reader->read();
    if (!unit && unit.error().code() == Errc::cancelled)
      return recording.finish(reader->stats(), std::nullopt);
    if (!unit) return recording.finish(reader->stats(), unit.error());
    if (!*unit)
      return recording.finish(reader->stats(),
                              plan.duration
                                  ? std::optional(Error(Errc::unavailable, "the stream ended"))
                                  : std::nullopt);
    if (reader->changes() != changes)
      return recording.finish(
          reader->stats(),
          Error(Errc::unsupported,
                "the stream changed its tracks or size; a file holds one kind: record again"));
    const auto more = recording.write(std::move(**unit));
    if (!more) return tl::unexpected<Error>(more.error());
    if (!*more) return recording.finish(reader->stats(), std::nullopt);
  }
}

}  // namespace pasu::job
