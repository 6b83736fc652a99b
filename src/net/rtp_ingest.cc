#include "net/rtp_ingest.h"

#include <algorithm>

namespace pasu::net {
Result<size_t> RtpIngest::add(const rtp::PayloadFormat& format, rtp::InboundOptions options) {
  const bool has_zero = options.zero_timestamp.has_value();
  tracks_.push_back({
    TRY(rtp::InboundTrack::create(format, options))
    , has_zero
  });
  return tracks_.size() - 1;
}

void RtpIngest::push(size_t track, ByteView packet, MonoTime now) {
  if (!began_) began_ = now;
  if (!tracks_[track].inbound.push(packet, now)) ++malformed_;
  take_units(tracks_[track], now);
}

std::optional<MonoTime> RtpIngest::deadline() const {
  std::optional<MonoTime> due;
  const auto consider = [&](MonoTime at) { due = due ? std::min(*due, at) : at; };
  if (!told_ && began_ && !held_.empty()) consider(*began_ + kTracksWait);
  for (const auto& track : tracks_) {
    if (const auto at = track.inbound.deadline()) consider(*at);
  }
  return due;
}

void RtpIngest::on_time(MonoTime now) {
  for (auto& track : tracks_) {
    if (!track.inbound.on_time(now)) ++malformed_;
    take_units(track, now);
  }
  tell_tracks_if_ready(now);
}

void RtpIngest::take_units(Track& track, MonoTime now) {
  while (auto unit = track.inbound.take()) {
    place(track, *unit, now);
    if (told_) {
      deliver(track, std::move(*unit));
      continue;
    }
    held_bytes_ += unit->data.size();
    held_.push_back({number_of(track), std::move(*unit)});
    if (held_.size() > kHeldUnitsMax || held_bytes_ > kHeldBytesMax) {
      dropped_ += held_.size();
      held_.clear();
      held_bytes_ = 0;
    }
  }
  tell_tracks_if_ready(now);
}

// Onto the session's timeline.
void RtpIngest::place(Track& track, media::AccessUnit& unit, MonoTime now) {
  if (!sync_) {
    std::vector<rtp::TrackSync::TrackStart> starts;
    for (const auto& each : tracks_) starts.push_back({.told = each.has_zero});
    sync_.emplace(starts);
  }
  sync_->place(number_of(track), track.inbound.wall_clock_zero(), now, unit);
}

void RtpIngest::deliver(Track& track, media::AccessUnit unit) {
  if (track.changes != track.inbound.changes() || (!track.told && track.inbound.ready())) {
    tell_tracks();
  }
  if (!track.told) {
    ++dropped_;
    return;
  }
  unit.stream = track.stream;
  sink_.unit(std::move(unit));
}

void RtpIngest::tell_tracks_if_ready(MonoTime now) {
  if (told_ || !began_) return;
  const auto ready = [](const Track& track) { return track.inbound.ready(); };
  const bool all = std::ranges::all_of(tracks_, ready);
  const bool some = std::ranges::any_of(tracks_, ready) && now - *began_ >= kTracksWait;
  if (!all && !some) return;
  told_ = true;
  tell_tracks();
  for (auto& held : std::exchange(held_, {})) deliver(tracks_[held.track], std::move(held.unit));
  held_bytes_ = 0;
}

void RtpIngest::tell_tracks() {
  std::vector<media::StreamInfo> infos;
  for (auto& track : tracks_) {
    track.told = track.inbound.ready();
    track.changes = track.inbound.changes();
    if (!track.told) continue;
    track.stream = static_cast<int>(infos.size());
    infos.push_back(track.inbound.stream_info());
    infos.back().index = track.stream;
  }
  sink_.tracks(infos);
}

}  // namespace pasu::net
