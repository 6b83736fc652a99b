#include "net/detail/rtmp_pull.h"

#include <algorithm>

namespace pasu::net::detail {

using rtmp::ClientSession;

RtmpPull::RtmpPull(IoThread& thread, RtmpLinkOptions link, PullEvents events)
    : thread_(thread),
      link_options_(std::move(link)),
      events_(std::make_shared<const PullEvents>(std::move(events))) {
  stats_.transport = ClientTransport::tcp;
}

void RtmpPull::start() {
  if (!events_) return;
  link_ = std::make_shared<RtmpLink>(thread_, link_options_, shared_from_this());
  link_->start();
}

void RtmpPull::stop() {
  events_ = nullptr;
  if (const auto link = std::exchange(link_, nullptr)) link->leave();
}

PullStats RtmpPull::stats() const {
  std::lock_guard lock(stats_mutex_);
  return stats_;
}

Result<void> RtmpPull::on_event(ClientSession::Event event, MonoTime) {
  if (auto* changed = std::get_if<rtmp::StreamsChanged>(&event)) {
    last_dts_.resize(std::max(last_dts_.size(), changed->streams.size()));
    const auto events = events_;
    if (events && events->on_tracks) events->on_tracks(std::move(changed->streams));
  } else if (auto* unit = std::get_if<media::AccessUnit>(&event)) {
    take(std::move(*unit));
  } else if (const auto* stopped = std::get_if<ClientSession::Stopped>(&event)) {
    return fail(Errc::unavailable, "the stream ended: {}", stopped->reason);
  }
  return {};
}

void RtmpPull::take(media::AccessUnit unit) {
  place(unit);
  {
    std::lock_guard lock(stats_mutex_);
    ++stats_.units;
    ++stats_.packets;
    stats_.bytes += unit.data.size();
    stats_.units_dropped = link_->machine().media_dropped();
  }
  const auto events = events_;
  if (events && events->on_unit) events->on_unit(std::move(unit));
}

// Times that begin near 0 and grow, whatever the sender counts from.
void RtmpPull::place(media::AccessUnit& unit) {
  constexpr media::Pts kStep = std::chrono::milliseconds(1);
  if (!shift_) shift_ = -unit.dts;
  if (unit.dts + *shift_ < latest_ - kRestart) shift_ = latest_ + kStep - unit.dts;
  unit.dts += *shift_;
  unit.pts += *shift_;
  auto& last = last_dts_[static_cast<size_t>(unit.stream)];
  if (last && unit.dts <= *last) unit.dts = *last + kStep;
  unit.pts = std::max(unit.pts, unit.dts);
  last = unit.dts;
  latest_ = std::max(latest_, unit.dts);
}

void RtmpPull::on_end(Error why) {
  link_ = nullptr;
  if (const auto events = std::exchange(events_, nullptr); events && events->on_end)
    events->on_end(std::move(why).with(link_options_.url.to_string()));
}

}  // namespace pasu::net::detail
