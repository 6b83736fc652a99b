#include "net/detail/rtsp_reader.h"

#include <algorithm>

#include "net/io_threads.h"
#include "wire/rtp/depacketizer.h"

namespace pasu::net::detail {
namespace {

// Unsent bytes above which a reader is not given more: what it does not read stays in the shared
// log, and is lost to it there if need be.
constexpr size_t kUnsentMax = 64u << 10;
// A publisher that is restarted is back by then; its readers need not be dropped.
constexpr std::chrono::seconds kPublisherWait{15};

bool same_in_rtp(const hub::RtpTrack& a, const hub::RtpTrack& b) {
  if (a.format.encoding != b.format.encoding || a.format.clock_rate != b.format.clock_rate ||
      a.format.channels != b.format.channels || a.format.payload_type != b.format.payload_type) {
    return false;
  }
  // Parameter sets of pictures come in band, too; other parameters do not.
  const bool in_band = a.format.encoding == "H264" || a.format.encoding == "H265";
  return in_band || a.format.fmtp == b.format.fmtp;
}

}  // namespace

RtspReader::RtspReader(Connection& connection, RtspContext& context,
                       std::shared_ptr<hub::Stream> stream)
    : connection_(connection),
      context_(context),
      stream_(std::move(stream)),
      described_(hub::rtp_tracks(*stream_->state().tracks)),
      generation_(stream_->state().generation),
      reader_(stream_->read_rtp()),
      media_(described_.size()) {}

RtspReader::~RtspReader() {
  pause();
  for (const auto& media : media_) {
    if (!media || !udp_) continue;
    for (const auto& to : media->to) context_.udp->forget(to);
  }
  if (counted_at_ != nullptr) --*counted_at_;
}

Result<rtsp::SetupAnswer> RtspReader::set_up(const rtsp::server::Setup& setup) {
  if (setup.track >= media_.size()) {
    return fail(Errc::not_found, "track {} of {}", setup.track, media_.size());
  }
  rtsp::SetupAnswer answer;
  Media media;
  media.delivery = setup.transport.delivery;
  if (media.delivery == rtsp::Delivery::tcp) {
    media.channels = {setup.transport.interleaved->rtp, setup.transport.interleaved->rtcp};
    count(context_.readers_tcp);
  } else if (media.delivery == rtsp::Delivery::udp && context_.udp) {
    const auto& ports = *setup.transport.client_port;
    media.to = {connection_.peer().with_port(ports.rtp), connection_.peer().with_port(ports.rtcp)};
    answer.server_port = context_.udp->ports();
    answer.source = connection_.local().host();
    udp_ = true;
    count(context_.readers_udp);
  } else if (media.delivery == rtsp::Delivery::multicast && context_.multicast) {
    TRY(set_up_multicast(setup.track, answer));
    count(context_.readers_multicast);
  } else {
    return fail(Errc::unsupported, "this transport is not served");
  }
  media_[setup.track] = media;
  return answer;
}

Result<void> RtspReader::set_up_multicast(size_t track, rtsp::SetupAnswer& answer) {
  if (!listener_) listener_ = TRY(context_.multicast->join(stream_, connection_.local()));
  answer.destination = listener_->group();
  answer.port = listener_->ports(track);
  answer.ttl = context_.multicast->ttl();
  return {};
}

void RtspReader::count(std::atomic<int>& readers) {
  if (counted_at_ != nullptr) return;
  counted_at_ = &readers;
  ++readers;
}

// All tracks' RTP times are those of one instant, the first item's, which is what players take them
// for until a sender report comes. A group that others listen to has passed it: the newest's.
std::vector<rtsp::PlayStart> RtspReader::prepare() {
  taken_.clear();
  const bool joins_others = listener_ && listener_->running();
  while (take() && joins_others) {
  }
  media::Pts instant{};
  for (const auto& item : taken_) {
    if (item->rtcp) continue;
    instant = item->batch.pts;
    if (!joins_others) break;
  }
  std::vector<rtsp::PlayStart> starts;
  for (size_t i = 0; i < media_.size(); ++i) {
    if (!media_[i]) continue;
    rtsp::PlayStart start{.track = i, .sequence = {}, .rtp_time = {}};
    const auto first = std::ranges::find_if(
        taken_, [&](const auto& item) { return item->media == i && !item->rtcp; });
    if (first != taken_.end()) {
      const ByteView packet = (*first)->batch.packet(0);
      if (!joins_others) start.sequence = static_cast<uint16_t>(packet[2] << 8 | packet[3]);
      const auto ahead = (*first)->batch.pts - instant;
      start.rtp_time = (*first)->batch.timestamp - static_cast<uint32_t>(rtp::pts_to_ticks(
                                                       ahead, described_[i].format.clock_rate));
    }
    starts.push_back(start);
  }
  return starts;
}

void RtspReader::play() {
  if (!following_) {
    following_ = true;
    connection_.thread().fan_out().follow(stream_, *this);
    if (listener_) listen();
  }
  send_taken();
  on_news();
}

void RtspReader::listen() {
  std::vector<size_t> wanted;
  for (size_t i = 0; i < media_.size(); ++i) {
    if (media_[i]) wanted.push_back(i);
  }
  listener_->play(std::move(wanted));
}

void RtspReader::pause() {
  if (!following_) return;
  following_ = false;
  connection_.thread().fan_out().unfollow(*stream_, *this);
  if (listener_) listener_->pause();
  taken_.clear();
  reader_ = stream_->read_rtp();  // What comes after a pause begins anew.
}

void RtspReader::on_news() {
  if (stream_->state_version() != state_version_) follow_state();
  if (!ended_) send();
}

void RtspReader::follow_state() {
  state_version_ = stream_->state_version();
  const auto state = stream_->state();
  if (state.ended) {
    return end(
        Error(Errc::unavailable, fmt::format("'{}' ended: {}", stream_->name(), state.end_reason)));
  }
  if (state.live) {
    give_up_at_.reset();
  } else if (!give_up_at_) {
    give_up_at_ = system_clock().now() + kPublisherWait;
  }
  if (state.generation == generation_) return;
  generation_ = state.generation;
  if (!std::ranges::equal(described_, hub::rtp_tracks(*state.tracks), same_in_rtp)) {
    end(Error(Errc::unavailable, fmt::format("'{}' changed its tracks", stream_->name())));
  }
}

void RtspReader::end(Error why) {
  ended_ = true;
  connection_.close(std::move(why));
}

Result<void> RtspReader::on_time(MonoTime now) {
  if (!give_up_at_ || now < *give_up_at_) return {};
  return fail(Errc::unavailable, "'{}' has had no publisher for {} s", stream_->name(),
              kPublisherWait.count());
}

void RtspReader::send() {
  if (listener_) return;  // The group has a sender of its own; what is in the log is only counted.
  while (following_ && connection_.unsent_bytes() < kUnsentMax) {
    if (!take()) return;
    send_taken();
    if (!udp_ || !reader_->has_news()) continue;
    // The rest with the next round.
    if (more_scheduled_) return;
    more_scheduled_ = true;
    connection_.thread().post_after(FanOut::kRoundEvery, [this, life = std::weak_ptr(life_)] {
      if (life.expired()) return;
      more_scheduled_ = false;
      send();
    });
    return;
  }
}

bool RtspReader::take() {
  const size_t bytes = udp_ ? RtspUdp::kBytesARound : 2 * kUnsentMax;
  return reader_->has_news() && reader_->take({RtspUdp::kItemsARound, bytes}, taken_) > 0;
}

void RtspReader::send_taken() {
  for (const auto& item : taken_) {
    if (item->media >= media_.size() || !media_[item->media]) continue;
    const Media& media = *media_[item->media];
    if (media.delivery == rtsp::Delivery::tcp) {
      send_tcp(media, item);
    } else if (media.delivery == rtsp::Delivery::udp) {
      send_udp(media, item);
    }
  }
  taken_.clear();
  if (!udp_) connection_.flush();
}

void RtspReader::send_tcp(const Media& media, const hub::RtpItem& item) {
  const uint8_t wanted = media.channels[item->rtcp ? 1 : 0];
  const uint8_t made = static_cast<uint8_t>(2 * item->media + (item->rtcp ? 1 : 0));
  if (wanted == made) return connection_.send(item->batch.data);
  const ByteView view = item->batch.data.view();
  std::vector<uint8_t> patched(view.begin(), view.end());
  for (const uint32_t offset : item->batch.offsets) patched[offset + 1] = wanted;
  connection_.send(Bytes::copy(patched));
}

void RtspReader::send_udp(const Media& media, const hub::RtpItem& item) {
  std::vector<ByteView> packets(item->batch.size());
  for (size_t i = 0; i < packets.size(); ++i) packets[i] = item->batch.packet(i);
  context_.udp->send(connection_.thread(), item->rtcp, media.to[item->rtcp ? 1 : 0],
                     item->batch.data, packets);
}

}  // namespace pasu::net::detail
