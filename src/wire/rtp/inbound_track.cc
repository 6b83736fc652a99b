#include "wire/rtp/inbound_track.h"

#include <utility>

namespace pasu::rtp {

Result<InboundTrack> InboundTrack::create(const PayloadFormat& format,
                                          const InboundOptions& options) {
  auto depacketizer = TRY(make_depacketizer(format, options.stream_index));
  ReceiverOptions receiver;
  receiver.clock_rate = format.clock_rate;
  receiver.reorder = options.reorder;
  if (options.check_payload_type) receiver.payload_type = format.payload_type;
  receiver.zero_timestamp = options.zero_timestamp;
  return InboundTrack(std::move(depacketizer), receiver);
}

InboundTrack::InboundTrack(std::unique_ptr<Depacketizer> depacketizer,
                           const ReceiverOptions& options)
    : depacketizer_(std::move(depacketizer)), receiver_(options) {
  renew_reader();
}

void InboundTrack::renew_reader() {
  pictures_of_ = depacketizer_->changes();
  pictures_.reset();
  if (auto reader = bits::PictureReader::create(stream_info())) pictures_ = std::move(*reader);
}

Result<void> InboundTrack::push(ByteView bytes, MonoTime now) {
  if (is_rtcp(bytes)) return push_rtcp(bytes, now);
  TRY(receiver_.push(bytes, now));
  if (ended_at_ && now - *ended_at_ > kStragglerMax) ended_at_.reset();
  return on_time(now);
}

Result<void> InboundTrack::on_time(MonoTime now) {
  Result<void> first;
  while (const auto payload = receiver_.next(now)) {
    Result<void> pushed = depacketizer_->push(*payload);
    if (!pushed && first) first = std::move(pushed);
  }
  return first;
}

Result<void> InboundTrack::push_rtcp(ByteView bytes, MonoTime now) {
  const auto packets = TRY(parse_rtcp(bytes));
  for (const RtcpPacket& packet : packets) {
    if (const auto* report = std::get_if<SenderReport>(&packet)) receiver_.take(*report, now);
    if (const auto* bye = std::get_if<Bye>(&packet)) {
      for (const uint32_t ssrc : bye->ssrcs) {
        if (ssrc == receiver_.ssrc()) ended_at_ = now;
      }
    }
  }
  return {};
}

std::optional<media::AccessUnit> InboundTrack::take() {
  std::optional<media::AccessUnit> unit = depacketizer_->take();
  if (!unit) return unit;
  if (pictures_of_ != depacketizer_->changes()) renew_reader();
  const bits::SequenceInfo* sequence = nullptr;
  std::optional<bits::Picture> picture;
  if (pictures_) {
    if (auto read = pictures_->read(unit->data)) picture = *read;
    sequence = pictures_->sequence();
  }
  if (picture) unit->key = picture->key();
  const auto [pts, dts] = decode_times_.next(unit->pts, picture ? &*picture : nullptr, sequence);
  unit->pts = pts;
  unit->dts = dts;
  return unit;
}

std::vector<uint8_t> InboundTrack::receiver_report(MonoTime now, uint32_t ssrc,
                                                   std::string_view cname) {
  ReceiverReport report{ssrc, {}};
  if (const auto block = receiver_.report(now)) report.blocks.push_back(*block);
  return write_report(report, cname);
}

}  // namespace pasu::rtp
