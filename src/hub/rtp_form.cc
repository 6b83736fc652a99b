#include "hub/rtp_form.h"

#include <random>

#include "wire/rtp/rtcp.h"

namespace pasu::hub {
namespace {

constexpr uint8_t kFirstDynamicType = 96;
constexpr uint8_t kDynamicTypes = 32;
constexpr const char* kCanonicalName = "pasu";

uint32_t random_word() {
  static thread_local std::random_device device;
  return device();
}

rtp::PacketizerOptions options_of(const RtpTrack& track, size_t media) {
  rtp::PacketizerOptions options;
  options.payload_type = track.format.payload_type;
  options.channel = static_cast<uint8_t>(2 * media);
  options.ssrc = random_word();
  options.first_sequence = static_cast<uint16_t>(random_word());
  options.first_timestamp = random_word();
  return options;
}

RtpItem report_item(const rtp::Packetizer& packetizer, size_t media, uint64_t generation,
                    UtcTime zero, UtcTime now) {
  rtp::SenderReport report;
  report.ssrc = packetizer.options().ssrc;
  report.ntp = rtp::to_ntp(now);
  report.timestamp = packetizer.timestamp_of(now - zero);
  report.packets = static_cast<uint32_t>(packetizer.packets());
  report.octets = static_cast<uint32_t>(packetizer.payload_bytes());
  std::vector<uint8_t> bytes = rtp::write_report(report, kCanonicalName);
  const size_t size = bytes.size();
  const uint8_t head[] = {'$', static_cast<uint8_t>(2 * media + 1), static_cast<uint8_t>(size >> 8),
                          static_cast<uint8_t>(size)};
  bytes.insert(bytes.begin(), std::begin(head), std::end(head));
  auto item = std::make_shared<RtpUnit>();
  item->media = media;
  item->rtcp = true;
  item->generation = generation;
  item->batch.data = Bytes::copy(bytes);
  item->batch.offsets = {0};
  item->batch.timestamp = report.timestamp;
  return item;
}

}  // namespace

std::vector<RtpTrack> rtp_tracks(const std::vector<media::StreamInfo>& tracks) {
  std::vector<RtpTrack> out;
  for (size_t i = 0; i < tracks.size() && out.size() < kDynamicTypes; ++i) {
    const auto type = static_cast<uint8_t>(kFirstDynamicType + out.size());
    if (auto format = rtp::format_of(tracks[i], type)) out.push_back({i, std::move(*format)});
  }
  return out;
}

void RtpForm::set_tracks(const std::vector<media::StreamInfo>& tracks, uint64_t generation) {
  const std::vector<Media> old = std::exchange(media_, {});
  for (const auto& track : rtp_tracks(tracks)) {
    const size_t place = media_.size();
    rtp::PacketizerOptions options = options_of(track, place);
    if (place < old.size() && old[place].packetizer) {
      const auto& before = *old[place].packetizer;
      options.ssrc = before.options().ssrc;
      options.first_sequence = before.next_sequence();
      options.first_timestamp = before.options().first_timestamp;
    }
    auto packetizer = rtp::Packetizer::create(tracks[track.track], options);
    // A track that cannot be packetised after all keeps its place, so that descriptions hold.
    media_.push_back({track.track, packetizer ? std::move(*packetizer) : nullptr});
  }
  generation_ = generation;
  log_->clear();
}

void RtpForm::push(const media::AccessUnit& unit, bool start, UtcTime zero, UtcTime now) {
  for (size_t i = 0; i < media_.size(); ++i) {
    if (static_cast<int>(media_[i].track) != unit.stream) continue;
    auto batch = media_[i].packetizer ? media_[i].packetizer->push(unit)
                                      : fail(Errc::unsupported, "no packetizer");
    if (!batch) {
      ++failed_;
      return;
    }
    if (batch->size() == 0) return;
    auto item = std::make_shared<RtpUnit>();
    item->media = i;
    item->generation = generation_;
    item->batch = std::move(*batch);
    const size_t bytes = item->batch.data.size();
    log_->publish(std::move(item), bytes, start);
    const auto since = last_report_ ? now - *last_report_ : UtcTime::duration::max();
    if (since >= kReportEvery || (start && since >= kReportAtStartEvery)) report(zero, now);
    return;
  }
}

void RtpForm::report(UtcTime zero, UtcTime now) {
  last_report_ = now;
  for (size_t i = 0; i < media_.size(); ++i) {
    // Also of a track whose first packet is still to come: readers then know where it stands.
    if (!media_[i].packetizer) continue;
    auto item = report_item(*media_[i].packetizer, i, generation_, zero, now);
    const size_t bytes = item->batch.data.size();
    log_->publish(std::move(item), bytes, false);
  }
}

}  // namespace pasu::hub
