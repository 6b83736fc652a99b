#include "net/detail/rtmp_push.h"

#include "base/log.h"

namespace pasu::net::detail {

using rtmp::ClientSession;

RtmpPush::RtmpPush(IoThread& thread, RtmpLinkOptions link, hub::Tracks tracks, PushEvents events)
    : thread_(thread),
      link_options_(std::move(link)),
      tracks_(std::move(tracks)),
      events_(std::make_shared<const PushEvents>(std::move(events))) {
  stats_.transport = ClientTransport::tcp;
}

void RtmpPush::start() {
  if (!events_) return;
  link_ = std::make_shared<RtmpLink>(thread_, link_options_, shared_from_this());
  link_->start();
}

void RtmpPush::stop() {
  events_ = nullptr;
  if (ready_) send_waiting();
  ready_ = false;
  if (const auto link = std::exchange(link_, nullptr)) link->leave();
}

void RtmpPush::push(media::AccessUnit unit) {
  std::lock_guard lock(mutex_);
  queue_.push(std::move(unit));
  if (std::exchange(drain_posted_, true)) return;
  thread_.post([self = shared_from_this()] { self->drain(); });
}

PushStats RtmpPush::stats() const {
  std::lock_guard lock(mutex_);
  PushStats stats = stats_;
  stats.dropped = queue_.dropped();
  stats.waiting_bytes = queue_.bytes();
  return stats;
}

Result<void> RtmpPush::on_event(ClientSession::Event event, MonoTime) {
  if (std::holds_alternative<ClientSession::Started>(event)) {
    ready_ = true;
    {
      std::lock_guard lock(mutex_);
      stats_.ready = true;
    }
    if (const auto events = events_; events && events->on_ready) events->on_ready();
    send_waiting();
  } else if (const auto* stopped = std::get_if<ClientSession::Stopped>(&event)) {
    return fail(Errc::unavailable, "the server ended the stream: {}", stopped->reason);
  }
  return {};
}

void RtmpPush::on_drained(MonoTime) { send_waiting(); }

void RtmpPush::on_end(Error why) {
  link_ = nullptr;
  ready_ = false;
  {
    std::lock_guard lock(mutex_);
    stats_.ready = false;
  }
  if (const auto events = std::exchange(events_, nullptr); events && events->on_end)
    events->on_end(std::move(why).with(link_options_.url.to_string()));
}

void RtmpPush::drain() {
  {
    std::lock_guard lock(mutex_);
    drain_posted_ = false;
  }
  send_waiting();
}

void RtmpPush::send_waiting() {
  while (ready_ && link_ && link_->machine().started() && link_->unsent_bytes() < kUnsentBytesMax) {
    std::optional<media::AccessUnit> unit;
    {
      std::lock_guard lock(mutex_);
      unit = queue_.pop();
    }
    if (!unit) return;
    send(std::move(*unit));
  }
}

void RtmpPush::send(media::AccessUnit unit) {
  auto& machine = link_->machine();
  const bool first = !shift_;
  if (first) shift_ = unit.dts < media::Pts(0) ? kFirstAt - unit.dts : media::Pts(0);
  unit.dts += *shift_;
  unit.pts += *shift_;
  Result<void> sent = first ? machine.set_streams(tracks_, unit.dts) : Result<void>();
  if (sent) {
    sent = machine.write(unit);
  } else {
    shift_.reset();
  }
  link_->flush();
  {
    std::lock_guard lock(mutex_);
    ++(sent ? stats_.units : stats_.refused);
    if (sent) stats_.bytes += unit.data.size();
  }
  if (!sent && !std::exchange(refusal_logged_, true)) {
    log::warn("rtmp: {}: a unit is not sent: {}; the next ones are counted",
              link_options_.url.to_string(), sent.error().message());
  }
}

}  // namespace pasu::net::detail
