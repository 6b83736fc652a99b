#include "net/detail/rtsp_push.h"

#include <algorithm>
#include <random>

#include "base/log.h"
#include "wire/rtp/rtcp.h"
#include "wire/rtsp/description.h"

namespace pasu::net::detail {
namespace {

// As it is where the server kept the channel that was asked for.
Bytes on_channel(const rtp::PacketBatch& batch, uint8_t channel) {
  if (batch.offsets.empty() || batch.data.data()[batch.offsets[0] + 1] == channel)
    return batch.data;
  std::vector<uint8_t> copy(batch.data.data(), batch.data.data() + batch.data.size());
  for (const uint32_t offset : batch.offsets) copy[offset + 1] = channel;
  return Bytes::copy(copy);
}

}  // namespace

Result<std::shared_ptr<RtspPush>> RtspPush::create(IoThread& thread, RtspLinkOptions link,
                                                   const hub::Tracks& tracks,
                                                   const PushOptions& options, PushEvents events) {
  if (tracks.empty()) return fail(Errc::invalid_argument, "nothing to publish: no tracks");
  std::shared_ptr<RtspPush> push(new RtspPush(thread, std::move(link), options, std::move(events)));
  push->sdp_ = TRY(rtsp::describe(tracks, "pasu"));
  std::random_device random;
  for (size_t i = 0; i < tracks.size(); ++i) {
    rtp::PacketizerOptions packets;
    packets.payload_type = push->sdp_.media[i].payload_type().value_or(0);
    packets.ssrc = random();
    packets.first_sequence = static_cast<uint16_t>(random());
    packets.first_timestamp = random();
    packets.channel = static_cast<uint8_t>(2 * i);
    Track track;
    track.packetizer = TRY(rtp::Packetizer::create(tracks[i], packets));
    push->tracks_.push_back(std::move(track));
  }
  return push;
}

RtspPush::RtspPush(IoThread& thread, RtspLinkOptions link, const PushOptions& options,
                   PushEvents events)
    : thread_(thread),
      link_options_(std::move(link)),
      options_(options),
      events_(std::make_shared<const PushEvents>(std::move(events))),
      transport_(options.transport) {
  if (transport_ == ClientTransport::automatic) transport_ = ClientTransport::tcp;
  stats_.transport = transport_;
}

void RtspPush::start() {
  if (!events_) return;
  RtspLinkOptions options = link_options_;
  options.http = transport_ == ClientTransport::http;
  link_ = std::make_shared<RtspLink>(thread_, std::move(options), shared_from_this());
  link_->start();
}

void RtspPush::stop() {
  events_ = nullptr;
  if (!link_) return;
  if (recording_) send_waiting(system_clock().now());
  recording_ = false;
  link_->leave(nullptr);
}

void RtspPush::push(media::AccessUnit unit) {
  std::lock_guard lock(mutex_);
  queue_.push(std::move(unit));
  if (std::exchange(drain_posted_, true)) return;
  thread_.post([self = shared_from_this()] { self->drain(); });
}

PushStats RtspPush::stats() const {
  std::lock_guard lock(mutex_);
  PushStats stats = stats_;
  stats.dropped = queue_.dropped();
  stats.waiting_bytes = queue_.bytes();
  return stats;
}

// The session.

Result<void> RtspPush::begin(rtsp::ClientSession& machine, MonoTime now) {
  return machine.announce(sdp_, now);
}

Result<void> RtspPush::on_event(const rtsp::client::Event& event, MonoTime now) {
  if (std::holds_alternative<rtsp::client::Announced>(event)) return set_up(now);
  if (const auto* ready = std::get_if<rtsp::client::TrackReady>(&event)) {
    Track& track = tracks_[ready->media];
    track.transport = ready->transport;
    if (track.udp) track.udp->set_peer(ready->transport);
  }
  if (const auto* refused = std::get_if<rtsp::client::TrackRefused>(&event)) {
    return fail(Errc::unsupported, "the server refuses {}: {} {}; try another transport",
                to_string(transport_), refused->status, refused->reason);
  }
  if (std::holds_alternative<rtsp::client::Recording>(event)) return recording(now);
  return {};
}

Result<void> RtspPush::set_up(MonoTime now) {
  for (size_t i = 0; i < tracks_.size(); ++i) {
    tracks_[i].transport.reset();
    rtsp::TrackSetup setup{.media = i, .client_port = {}};
    if (transport_ == ClientTransport::udp) {
      const auto connection = link_->connection();
      tracks_[i].udp = TRY(RtspPorts::open(thread_, connection->local(), connection->peer()));
      setup.delivery = rtsp::Delivery::udp;
      setup.client_port = tracks_[i].udp->ports();
    }
    link_->machine().setup(setup, now);
  }
  link_->machine().record(now);
  return {};
}

Result<void> RtspPush::recording(MonoTime now) {
  recording_ = true;
  {
    std::lock_guard lock(mutex_);
    stats_.ready = true;
  }
  if (const auto events = events_; events && events->on_ready) events->on_ready();
  send_waiting(now);
  return {};
}

void RtspPush::on_end(Error why) {
  link_ = nullptr;
  recording_ = false;
  {
    std::lock_guard lock(mutex_);
    stats_.ready = false;
  }
  if (const auto events = std::exchange(events_, nullptr); events && events->on_end)
    events->on_end(std::move(why).with(link_options_.url.display()));
}

// Media.

void RtspPush::drain() {
  {
    std::lock_guard lock(mutex_);
    drain_posted_ = false;
  }
  if (!recording_) return;
  send_waiting(system_clock().now());
  if (link_) link_->flush();
}

Result<void> RtspPush::on_drained(MonoTime now) {
  if (recording_) send_waiting(now);
  return {};
}

void RtspPush::send_waiting(MonoTime now) {
  while (link_ && !retry_at_ && link_->unsent_bytes() < kUnsentBytesMax) {
    std::optional<media::AccessUnit> unit;
    {
      std::lock_guard lock(mutex_);
      unit = queue_.pop();
    }
    if (!unit) return;
    send(std::move(*unit), now);
  }
}

void RtspPush::send(media::AccessUnit unit, MonoTime now) {
  const auto index = static_cast<size_t>(unit.stream);
  Result<rtp::PacketBatch> batch =
      index < tracks_.size() ? tracks_[index].packetizer->push(unit)
                             : fail(Errc::invalid_argument,
                                    "a unit of stream {}, which was not announced", unit.stream);
  {
    std::lock_guard lock(mutex_);
    ++(batch ? stats_.units : stats_.refused);
    if (batch) stats_.bytes += unit.data.size();
  }
  if (!batch) {
    if (!std::exchange(refusal_logged_, true)) {
      log::warn("rtsp: {}: a unit is not sent: {}; the next ones are counted",
                link_options_.url.display(), batch.error().message());
    }
    return;
  }
  Track& track = tracks_[index];
  track.last_dts = unit.dts;
  // The report first: receivers then know from the first packet on where the track stands.
  if (!track.report_at) report(track, now);
  send_batch(track, *batch, now);
}

void RtspPush::send_batch(Track& track, const rtp::PacketBatch& batch, MonoTime now) {
  if (track.udp) {
    std::vector<ByteView> packets;
    for (size_t i = 0; i < batch.size(); ++i) packets.push_back(batch.packet(i));
    track.udp->send_rtp(batch.data, packets);
    if (track.udp->blocked()) retry_at_ = now + kRetryAfter;
  } else if (track.transport && track.transport->interleaved) {
    link_->send_frames(on_channel(batch, track.transport->interleaved->rtp));
  }
}

// Reports and time.

// RFC 3550 6.4.1. All tracks' reports lie on one line from stream time to wall-clock time, so that
// receivers can set them side by side exactly.
void RtspPush::report(Track& track, MonoTime now) {
  track.report_at = now + kReportEvery;
  const UtcTime utc = system_clock().utc();
  const auto at = std::chrono::duration_cast<UtcTime::duration>(track.last_dts);
  if (!wall_clock_zero_ || std::chrono::abs(*wall_clock_zero_ + at - utc) > kDriftMax)
    wall_clock_zero_ = utc - at;
  rtp::SenderReport report;
  report.ssrc = track.packetizer->options().ssrc;
  report.ntp = rtp::to_ntp(*wall_clock_zero_ + at);
  report.timestamp = track.packetizer->timestamp_of(track.last_dts);
  report.packets = static_cast<uint32_t>(track.packetizer->packets());
  report.octets = static_cast<uint32_t>(track.packetizer->payload_bytes());
  const auto bytes = rtp::write_report(report, fmt::format("{:08x}@pasu", report.ssrc));
  if (track.udp) return track.udp->send_rtcp(bytes);
  if (!track.transport || !track.transport->interleaved) return;
  link_->send_frames(interleaved(track.transport->interleaved->rtcp, bytes));
}

std::optional<MonoTime> RtspPush::deadline() const {
  std::optional<MonoTime> at = retry_at_;
  if (!recording_) return std::nullopt;
  for (const Track& track : tracks_) {
    if (track.report_at) at = at ? std::min(*at, *track.report_at) : *track.report_at;
  }
  return at;
}

Result<void> RtspPush::on_time(MonoTime now) {
  if (!recording_) return {};
  if (retry_at_ && now >= *retry_at_) {
    retry_at_.reset();
    for (Track& track : tracks_) {
      if (!track.udp || !track.udp->blocked()) continue;
      track.udp->send_rest();
      if (track.udp->blocked()) retry_at_ = now + kRetryAfter;
    }
    send_waiting(now);
  }
  for (Track& track : tracks_) {
    if (track.report_at && now >= *track.report_at) report(track, now);
  }
  return {};
}

}  // namespace pasu::net::detail
