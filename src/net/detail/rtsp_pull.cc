#include "net/detail/rtsp_pull.h"

#include <algorithm>
#include <random>

#include "base/log.h"
#include "wire/rtsp/description.h"
#include "wire/rtsp/track_choice.h"

namespace pasu::net::detail {
namespace {

uint32_t random_number() {
  std::random_device random;
  return random();
}

media::MediaKind kind_of(const sdp::Media& media) {
  if (media.type == "video") return media::MediaKind::video;
  if (media.type == "audio") return media::MediaKind::audio;
  return media::MediaKind::other;
}

}  // namespace

RtspPull::RtspPull(IoThread& thread, RtspLinkOptions link, const PullOptions& options,
                   PullEvents events)
    : thread_(thread),
      link_options_(std::move(link)),
      options_(options),
      events_(std::make_shared<const PullEvents>(std::move(events))),
      transport_(options.transport),
      ssrc_(random_number()),
      cname_(fmt::format("{:08x}@pasu", random_number())) {  // RFC 7022 4.2
  if (transport_ == ClientTransport::automatic)
    transport_ = link_options_.url.tls ? ClientTransport::tcp : ClientTransport::udp;
}

void RtspPull::start() {
  if (!events_) return;
  RtspLinkOptions options = link_options_;
  options.http = transport_ == ClientTransport::http;
  link_ = std::make_shared<RtspLink>(thread_, std::move(options), shared_from_this());
  update_stats();
  link_->start();
}

void RtspPull::stop() {
  events_ = nullptr;
  if (link_) link_->leave(nullptr);
}

PullStats RtspPull::stats() const {
  std::lock_guard lock(stats_mutex_);
  return stats_;
}

Result<void> RtspPull::begin(rtsp::ClientSession& machine, MonoTime now) {
  machine.describe(now);
  return {};
}

Result<void> RtspPull::on_event(const rtsp::client::Event& event, MonoTime now) {
  return std::visit([&](const auto& e) { return take(e, now); }, event);
}

void RtspPull::on_end(Error why) {
  link_ = nullptr;
  // Servers have many ways to refuse UDP besides 461.
  if (why.code() == Errc::unsupported && may_fall_back()) return fall_back(why.message());
  update_stats();
  if (const auto events = std::exchange(events_, nullptr); events && events->on_end) {
    events->on_end(std::move(why).with(link_options_.url.display()));
  }
}

// Setting up.

Result<void> RtspPull::take(const rtsp::client::Described& event, MonoTime now) {
  tracks_.clear();
  ingest_.reset();
  return set_up(event.sdp, now);
}

Result<void> RtspPull::set_up(const sdp::Session& session, MonoTime now) {
  std::string refused;
  const auto refuse = [&](const Error& why) {
    log::warn("rtsp: {}: a track is left out: {}", link_options_.url.display(), why.message());
    refused += "; " + why.message();
  };
  for (const auto& choice : rtsp::choose_tracks(session)) {
    const sdp::Media& media = session.media[choice.media];
    Track track;
    track.media = choice.media;
    track.kind = kind_of(media);
    auto format = rtsp::payload_format(media);
    if (!format) {
      refuse(format.error());
      continue;
    }
    track.format = std::move(*format);
    if (auto known = rtp::make_depacketizer(track.format); !known) {
      refuse(known.error());
      continue;
    }
    TRY(set_up(track, choice.required, now));
    tracks_.push_back(std::move(track));
  }
  if (tracks_.empty())
    return fail(Errc::unsupported, "no track that can be taken{}; set the camera to H.264 or H.265",
                refused);
  link_->machine().play(std::nullopt, now);
  return {};
}

Result<void> RtspPull::set_up(Track& track, bool required, MonoTime now) {
  rtsp::TrackSetup setup{.media = track.media, .client_port = {}, .required = required};
  if (transport_ == ClientTransport::multicast) setup.delivery = rtsp::Delivery::multicast;
  if (transport_ == ClientTransport::udp) {
    const auto connection = link_->connection();
    track.udp = TRY(RtspPorts::open(thread_, connection->local(), connection->peer()));
    hear(track);
    setup.delivery = rtsp::Delivery::udp;
    setup.client_port = track.udp->ports();
  }
  link_->machine().setup(setup, now);
  return {};
}

void RtspPull::hear(Track& track) {
  track.udp->receive([weak = weak_from_this(), media = track.media](
                         std::span<const Datagram> datagrams, MonoTime now) {
    if (const auto self = weak.lock()) self->on_datagrams(media, datagrams, now);
  });
}

RtspPull::Track* RtspPull::track_of(size_t media) {
  const auto found = std::ranges::find(tracks_, media, &Track::media);
  return found == tracks_.end() ? nullptr : &*found;
}

Result<void> RtspPull::take(const rtsp::client::TrackReady& event, MonoTime) {
  Track* track = track_of(event.media);
  if (track == nullptr) return {};
  track->transport = event.transport;
  if (event.transport.delivery == rtsp::Delivery::multicast) {
    track->udp = TRY(RtspPorts::join(thread_, event.transport, link_->connection()->local()));
    hear(*track);
  } else if (track->udp) {
    track->udp->set_peer(event.transport);
    track->udp->punch(ssrc_);
  }
  return {};
}

Result<void> RtspPull::take(const rtsp::client::TrackRefused& event, MonoTime) {
  if (!event.required) {
    std::erase_if(tracks_, [&](const Track& track) { return track.media == event.media; });
    return {};
  }
  if (may_fall_back()) {
    fall_back(event.reason);
    return {};
  }
  return fail(Errc::unsupported, "the server refuses {}: {} {}; try another transport",
              to_string(transport_), event.status, event.reason);
}

Result<void> RtspPull::take(const rtsp::client::Playing& event, MonoTime now) {
  ingest_.emplace(IngestSink{.tracks =
                                 [this](const hub::Tracks& tracks) {
                                   if (const auto events = events_; events && events->on_tracks)
                                     events->on_tracks(tracks);
                                 },
                             .unit = [this](media::AccessUnit u) { deliver(std::move(u)); }});
  for (const Track& track : tracks_) {
    rtp::InboundOptions options;
    options.reorder = track.transport && track.transport->delivery != rtsp::Delivery::tcp;
    for (const auto& start : event.starts) {
      if (start.media == track.media) options.zero_timestamp = start.rtp_time;
    }
    TRY(ingest_->add(track.format, options));
  }
  last_packet_ = last_unit_ = now;
  report_at_ = now + kReportEvery;
  for (const EarlyPacket& packet : std::exchange(early_, {})) {
    if (packet.track < tracks_.size()) on_packet(tracks_[packet.track], packet.bytes, now);
  }
  return {};
}

// Media.

Result<void> RtspPull::take(const rtsp::client::Frame& event, MonoTime now) {
  if (Track* track = track_of(event.media)) on_packet(*track, event.payload, now);
  return {};
}

void RtspPull::on_datagrams(size_t media, std::span<const Datagram> datagrams, MonoTime now) {
  for (const Datagram& datagram : datagrams) {
    Track* track = track_of(media);
    if (!events_ || track == nullptr) return;
    if (track->udp->accepts(datagram.from)) {
      on_packet(*track, datagram.bytes, now);
    } else {
      ++bad_packets_;
    }
  }
  if (!link_) return;
  link_->machine().touch(now);
  link_->flush();  // A gap may have begun, which has a deadline.
}

void RtspPull::on_packet(const Track& track, ByteView bytes, MonoTime now) {
  const auto index = static_cast<size_t>(&track - tracks_.data());
  if (!ingest_) {
    if (early_.size() < kEarlyPacketsMax) {
      early_.push_back({index, {bytes.begin(), bytes.end()}});
    } else {
      ++bad_packets_;
    }
    return;
  }
  last_packet_ = now;
  packets_came_ = true;
  const uint64_t units_before = units_;
  const auto pushed = ingest_->push(index, bytes, now);
  if (units_ != units_before) last_unit_ = now;
  if (!pushed && ingest_->malformed() == 1) {
    log::warn("rtsp: {}: a packet is dropped: {}; the next ones are counted",
              link_options_.url.display(), pushed.error().message());
  }
  if (rtp::is_rtcp(bytes) || bye_since_) check_bye(now);
}

void RtspPull::deliver(media::AccessUnit unit) {
  const auto events = events_;
  if (!events) return;  // The owner left meanwhile.
  ++units_;
  update_stats();
  if (events->on_unit) events->on_unit(std::move(unit));
}

// Time.

std::optional<MonoTime> RtspPull::deadline() const {
  if (!ingest_) return std::nullopt;
  MonoTime at = std::min(last_packet_ + silence_max(), report_at_);
  at = std::min(at, last_unit_ + options_.no_unit_timeout);
  if (bye_since_) at = std::min(at, *bye_since_ + kByeWait);
  if (const auto media = ingest_->deadline()) at = std::min(at, *media);
  return at;
}

Result<void> RtspPull::on_time(MonoTime now) {
  if (!ingest_) return {};
  ingest_->on_time(now);
  if (!events_) return {};  // The owner left meanwhile.
  if (now >= report_at_) report(now);
  check_bye(now);
  if (bye_since_ && now >= *bye_since_ + kByeWait)
    return fail(Errc::unavailable, "the stream ended");
  if (now >= last_unit_ + options_.no_unit_timeout)
    return fail(Errc::malformed,
                "packets come, but nothing could be made of them for {} s ({} were damaged); check "
                "the camera's codec",
                options_.no_unit_timeout.count() / 1000, ingest_->damage());
  if (now < last_packet_ + silence_max()) return {};
  if (!packets_came_ && may_fall_back()) {
    fall_back("no packet came");
    return {};
  }
  return fail(
      Errc::timeout, "no packet for {} ms by {}; {}", silence_max().count(), to_string(transport_),
      packets_came_ || transport_ == ClientTransport::tcp ? "the camera has stopped sending"
                                                          : "a firewall may be between, try tcp");
}

std::chrono::milliseconds RtspPull::silence_max() const {
  return !packets_came_ && may_fall_back() ? options_.udp_timeout : options_.timeout;
}

// UDP that is refused, or brings nothing.

bool RtspPull::may_fall_back() const {
  return options_.transport == ClientTransport::automatic && transport_ == ClientTransport::udp &&
         !packets_came_ && events_;
}

// From the beginning, because cameras that carry one session only must have let go of it first.
void RtspPull::fall_back(const std::string& why) {
  log::info("rtsp: {}: by UDP: {}; going on by TCP", link_options_.url.display(), why);
  ++fallbacks_;
  transport_ = ClientTransport::tcp;
  tracks_.clear();
  ingest_.reset();
  early_.clear();
  const auto link = std::exchange(link_, nullptr);
  if (!link) return start();
  link->leave([weak = weak_from_this()] {
    if (const auto self = weak.lock()) self->start();
  });
}

void RtspPull::check_bye(MonoTime now) {
  if (!ingest_->ended()) {
    bye_since_.reset();
  } else if (!bye_since_) {
    bye_since_ = now;
  }
}

void RtspPull::report(MonoTime now) {
  report_at_ = now + kReportEvery;
  for (size_t i = 0; i < tracks_.size(); ++i) {
    const Track& track = tracks_[i];
    const auto report = ingest_->track(i).receiver_report(now, ssrc_, cname_);
    if (track.udp) {
      track.udp->punch(ssrc_);
      track.udp->send_rtcp(report);
    } else if (track.transport && track.transport->interleaved) {
      link_->send_frames(interleaved(track.transport->interleaved->rtcp, report));
    }
  }
  update_stats();
}

void RtspPull::update_stats() {
  PullStats stats;
  stats.transport = transport_;
  stats.units = units_;
  stats.bad_packets = bad_packets_;
  stats.fallbacks = fallbacks_;
  if (ingest_ && ingest_->size() == tracks_.size()) {
    stats.bad_packets += ingest_->malformed();
    stats.units_dropped = ingest_->dropped();
    for (size_t i = 0; i < tracks_.size(); ++i) {
      const auto& track = ingest_->track(i);
      stats.packets += track.counters().packets;
      stats.bytes += track.counters().bytes;
      stats.lost += track.counters().lost;
      stats.units_dropped += track.units_dropped();
    }
    if (!tracks_.empty())
      stats.jitter_ms = ingest_->track(0).jitter() * 1000 / tracks_[0].format.clock_rate;
    stats.wall_clock_zero = ingest_->wall_clock_zero();
  }
  std::lock_guard lock(stats_mutex_);
  stats_ = stats;
}

}  // namespace pasu::net::detail
