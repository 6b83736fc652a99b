#include "wire/rtp/track_sync.h"

#include <algorithm>
#include <utility>

namespace pasu::rtp {

TrackSync::TrackSync(const std::vector<TrackStart>& tracks) {
  for (const TrackStart& start : tracks) {
    Track track;
    track.told = start.told;
    tracks_.push_back(track);
    all_told_ = all_told_ && start.told;
  }
  for (Track& track : tracks_) track.reported = all_told_;  // That is exact already.
}

void TrackSync::place(size_t index, std::optional<UtcTime> wall_clock_zero, MonoTime now,
                      media::AccessUnit& unit) {
  Track& track = tracks_[index];
  track.wall_clock_zero = wall_clock_zero;
  if (!reference_) {
    reference_ = index;
    reference_at_ = now;
    reference_dts_ = unit.dts;
  }
  const bool first = !track.begun;
  if (first) begin(track, now, unit);
  follow_reports(track);
  unit.pts += track.offset;
  unit.dts += track.offset;
  if (!first && unit.dts <= track.last_dts) {  // It was moved back.
    unit.dts = track.last_dts + media::Pts(1);
    unit.pts = std::max(unit.pts, unit.dts);
  }
  track.last_dts = unit.dts;
}

void TrackSync::begin(Track& track, MonoTime now, const media::AccessUnit& unit) {
  track.begun = true;
  if (all_told_ || &track == &tracks_[*reference_]) return;
  const auto later = std::chrono::duration_cast<media::Pts>(now - reference_at_);
  track.offset = reference_dts_ + later - unit.dts;
}

void TrackSync::follow_reports(Track& track) {
  const Track& reference = tracks_[*reference_];
  if (&track == &reference || !track.wall_clock_zero || !reference.wall_clock_zero) return;
  const auto apart = *track.wall_clock_zero - *reference.wall_clock_zero;
  if (std::chrono::abs(apart) > kApartMax) return;
  const media::Pts offset = reference.offset + apart;
  const bool first = !std::exchange(track.reported, true);
  if (offset == track.offset || (!first && std::chrono::abs(offset - track.offset) <= kTolerance))
    return;
  if (track.last_dts != media::Pts(0)) ++moves_;
  track.offset = offset;
}

}  // namespace pasu::rtp
