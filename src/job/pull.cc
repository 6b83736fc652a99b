#include "job/pull.h"

#include <algorithm>

#include "av/muxer.h"
#include "base/log.h"
#include "net/pull_reader.h"

namespace pasu::job {
namespace {

class Recording {
 public:
  Recording(const PullPlan& plan, Progress& progress) : plan_(plan), progress_(progress) {}

  Result<void> open(const hub::Tracks& tracks) {
    const auto video = std::ranges::find(tracks, media::MediaKind::video, &media::StreamInfo::kind);
    main_track_ = video == tracks.end() ? 0 : static_cast<int>(video - tracks.begin());
    has_video_ = video != tracks.end();
    muxer_ = TRY(av::FileMuxer::create(plan_.output, tracks));
    progress_.begin(log::hide_credentials(plan_.url));
    return {};
  }

  // False once all is recorded that was asked for.
  Result<bool> write(media::AccessUnit unit) {
    const bool main = unit.stream == main_track_;
    if (!start_) {
      if (!main || (has_video_ && !unit.key)) return true;
      start_ = unit.dts;
    }
    unit.pts -= *start_;
    unit.dts -= *start_;
    if (unit.dts < media::Pts(0)) return true;
    if (plan_.duration && unit.dts >= *plan_.duration) return !main;
    if (main) {
      ++outcome_.frames;
      outcome_.length = std::max(outcome_.length, unit.pts);
      progress_.update(outcome_.frames, part());
    }
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
  std::optional<double> part() const {
    if (!plan_.duration) return std::nullopt;
    return media::to_seconds(outcome_.length) / media::to_seconds(*plan_.duration);
  }

  const PullPlan& plan_;
  Progress& progress_;
  std::unique_ptr<av::FileMuxer> muxer_;
  int main_track_ = 0;
  bool has_video_ = false;
  std::optional<media::Pts> start_;
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
