#include "net/rtp_ingest.h"

#include <algorithm>

namespace pasu::net {

Result<size_t> RtpIngest::add(const rtp::PayloadFormat& format, rtp::InboundOptions options) {
  auto inbound = TRY(rtp::InboundTrack::create(format, options));
  tracks_.push_back({std::move(inbound), options.zero_timestamp.has_value()});
  return tracks_.size() - 1;
}

Result<void> RtpIngest::push(size_t track, ByteView packet, MonoTime now) {
  if (!began_) began_ = now;
  auto pushed = tracks_[track].inbound.push(packet, now);
  if (!pushed) ++malformed_;
  take_units(tracks_[track], now);
  return pushed;
}

std::optional<MonoTime> RtpIngest::deadline() const {
  std::optional<MonoTime> due;
  const auto consider = [&](MonoTime at) { due = due ? std::min(*due, at) : at; };
  if (!told_ && !held_.empty()) consider(*began_ + tracks_wait());
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
}

uint64_t RtpIngest::damage() const {
  uint64_t out = malformed_ + dropped_;
  for (const auto& track : tracks_)
    out += track.inbound.counters().lost + track.inbound.units_dropped();
  return out;
}

void RtpIngest::take_units(Track& track, MonoTime now) {
  while (auto unit = track.inbound.take()) {
    place(track, *unit, now);
    if (told_) {
      deliver(track, std::move(*unit));
    } else {
      hold(track, std::move(*unit));
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

void RtpIngest::hold(Track& track, media::AccessUnit unit) {
  held_bytes_ += unit.data.size();
  held_.push_back({number_of(track), std::move(unit)});
  if (held_.size() <= kHeldUnitsMax && held_bytes_ <= kHeldBytesMax) return;
  dropped_ += held_.size();
  held_.clear();
  held_bytes_ = 0;
}

void RtpIngest::deliver(Track& track, media::AccessUnit unit) {
  const bool late = !track.place && track.inbound.ready();
  if (late || track.changes != track.inbound.changes()) tell_tracks();
  if (!track.place) {
    ++dropped_;
    return;
  }
  unit.stream = *track.place;
  sink_.unit(std::move(unit));
}

std::chrono::seconds RtpIngest::tracks_wait() const {
  const auto pictures = [](const Track& track) {
    return track.inbound.stream_info().kind == media::MediaKind::video;
  };
  const bool some = std::ranges::any_of(tracks_, pictures);
  const bool some_ready = std::ranges::any_of(
      tracks_, [&](const Track& track) { return pictures(track) && track.inbound.ready(); });
  return some && !some_ready ? kPicturesWait : kTracksWait;
}

void RtpIngest::tell_tracks_if_ready(MonoTime now) {
  if (told_ || held_.empty()) return;
  const auto ready = [](const Track& track) { return track.inbound.ready(); };
  if (!std::ranges::all_of(tracks_, ready) && now < *began_ + tracks_wait()) return;
  tell_tracks();
  for (auto& held : std::exchange(held_, {})) deliver(tracks_[held.track], std::move(held.unit));
  held_bytes_ = 0;
}

void RtpIngest::tell_tracks() {
  told_ = true;
  for (auto& track : tracks_) {
    if (!track.place && track.inbound.ready()) track.place = places_++;
    track.changes = track.inbound.changes();
  }
  std::vector<media::StreamInfo> infos(static_cast<size_t>(places_));
  for (const auto& track : tracks_) {
    if (!track.place) continue;
    auto& info = infos[static_cast<size_t>(*track.place)];
    info = track.inbound.stream_info();
    info.index = *track.place;
  }
  sink_.tracks(infos);
}

bool RtpIngest::ended() const {
  return std::ranges::all_of(tracks_, [](const Track& track) { return track.inbound.ended(); });
}

std::optional<UtcTime> RtpIngest::wall_clock_zero() const {
  if (tracks_.empty() || !sync_) return std::nullopt;
  const auto zero = tracks_[0].inbound.wall_clock_zero();
  if (!zero) return zero;
  return *zero - std::chrono::duration_cast<UtcTime::duration>(sync_->offset(0));
}

}  // namespace pasu::net
