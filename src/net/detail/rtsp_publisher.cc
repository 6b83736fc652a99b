#include "net/detail/rtsp_publisher.h"

#include <algorithm>
#include <random>

#include "base/log.h"
#include "wire/rtsp/description.h"

namespace pasu::net::detail {

RtspPublisher::RtspPublisher(Connection& connection, RtspContext& context)
    : connection_(connection),
      context_(context),
      ingest_({.tracks =
                   [this](const std::vector<media::StreamInfo>& tracks) {
                     if (auto set = publication_->set_tracks(tracks); !set) {
                       connection_.close(std::move(set).error());
                     }
                   },
               .unit = [this](media::AccessUnit unit) { publication_->publish(std::move(unit)); }}),
      ssrc_(std::random_device()()) {
  ++context_.publishers;
}

RtspPublisher::~RtspPublisher() {
  for (const auto& media : media_) {
    if (media.delivery != rtsp::Delivery::udp) continue;
    for (const auto& from : media.from) context_.udp->forget(from);
  }
  --context_.publishers;
  context_.media_dropped_total.add(static_cast<double>(ingest_.damage()));
}

Result<std::unique_ptr<RtspPublisher>> RtspPublisher::create(
    Connection& connection, RtspContext& context, const rtsp::server::Announce& announce) {
  std::unique_ptr<RtspPublisher> publisher(new RtspPublisher(connection, context));
  bool understood = false;
  for (const auto& media : announce.sdp.media) {
    auto format = rtsp::payload_format(media);
    auto& made = publisher->media_.emplace_back();
    if (!format || !rtp::make_depacketizer(*format)) continue;
    made.format = std::move(*format);
    understood = true;
  }
  if (!understood) return fail(Errc::unsupported, "no media that is understood");
  publisher->publication_ = TRY(context.registry.publish(announce.path));
  return publisher;
}

Result<rtsp::SetupAnswer> RtspPublisher::set_up(const rtsp::server::Setup& setup) {
  rtsp::SetupAnswer answer;
  Media& media = media_.at(setup.track);
  media.delivery = setup.transport.delivery;
  const bool udp = media.delivery == rtsp::Delivery::udp;
  if (udp && !context_.udp) return fail(Errc::unsupported, "UDP is off");
  if (media.format) {
    media.track = TRY(ingest_.add(*media.format, {.reorder = udp}));
  }
  if (udp) {
    const auto& ports = *setup.transport.client_port;
    media.from = {connection_.peer().with_port(ports.rtp),
                  connection_.peer().with_port(ports.rtcp)};
    answer.server_port = context_.udp->ports();
    answer.source = connection_.local().host();
    expect(setup.track);
  } else {
    media.rtcp_channel = setup.transport.interleaved->rtcp;
  }
  return answer;
}

void RtspPublisher::expect(size_t media) {
  for (const auto& from : media_[media].from) {
    context_.udp->expect(
        from, connection_.thread(),
        [this, media, life = std::weak_ptr(life_)](bool, ByteView bytes, MonoTime now) {
          if (life.expired()) return;
          push(media, bytes, now);
          if (on_datagram) on_datagram(now);
        });
  }
}

void RtspPublisher::record(MonoTime now) {
  recording_ = true;
  report_at_ = now + kReportEvery;
  log::info("rtsp: {} publishes '{}'", connection_.peer().text(), publication_->stream().name());
}

void RtspPublisher::push(size_t media, ByteView packet, MonoTime now) {
  if (!recording_ || media >= media_.size() || !media_[media].track) return;
  (void)ingest_.push(*media_[media].track, packet, now);  // What is wrong with it is counted.
}

std::optional<MonoTime> RtspPublisher::deadline() const {
  if (!recording_) return std::nullopt;
  const auto due = ingest_.deadline();
  return due ? std::min(*due, *report_at_) : report_at_;
}

Result<void> RtspPublisher::on_time(MonoTime now) {
  if (!recording_) return {};
  ingest_.on_time(now);
  if (const auto state = publication_->stream().state(); state.ended) {
    return fail(Errc::unavailable, "'{}' ended: {}", publication_->stream().name(),
                state.end_reason);
  }
  if (now >= *report_at_) report(now);
  return {};
}

void RtspPublisher::report(MonoTime now) {
  report_at_ = now + kReportEvery;
  for (const auto& media : media_) {
    if (!media.track) continue;
    auto bytes = ingest_.track(*media.track).receiver_report(now, ssrc_, "pasu");
    if (media.delivery == rtsp::Delivery::udp) {
      const Bytes report = Bytes::copy(bytes);
      const ByteView packet = report;
      context_.udp->send(connection_.thread(), true, media.from[1], report, {&packet, 1});
      continue;
    }
    const uint8_t head[] = {'$', media.rtcp_channel, static_cast<uint8_t>(bytes.size() >> 8),
                            static_cast<uint8_t>(bytes.size())};
    bytes.insert(bytes.begin(), std::begin(head), std::end(head));
    connection_.send(Bytes::copy(bytes));
  }
}

}  // namespace pasu::net::detail
