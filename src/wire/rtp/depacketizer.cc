#include "wire/rtp/depacketizer.h"

namespace pasu::rtp {
namespace {

bool decodable(const media::StreamInfo& info) {
  switch (info.codec) {
    case media::Codec::h264:
    case media::Codec::h265:
    case media::Codec::aac:
      return !info.extradata.empty();
    default:
      return true;
  }
}

}  // namespace

media::Pts ticks_to_pts(int64_t ticks, int clock_rate) {
  constexpr int64_t kNano = 1'000'000'000;
  return media::Pts(ticks / clock_rate * kNano + ticks % clock_rate * kNano / clock_rate);
}

int64_t pts_to_ticks(media::Pts pts, int clock_rate) {
  constexpr int64_t kNano = 1'000'000'000;
  const int64_t rest = pts.count() % kNano * clock_rate;
  const int64_t half = rest < 0 ? -kNano / 2 : kNano / 2;
  return pts.count() / kNano * clock_rate + (rest + half) / kNano;
}

bool Depacketizer::ready() const { return decodable(*info_); }

Result<void> Depacketizer::push(const Payload& payload) {
  if (waiting_.size() >= kUnitsMax) {
    return fail(Errc::too_large, "RTP: {} access units wait to be taken", waiting_.size());
  }
  Payload mine = payload;
  mine.gap = gap_ || payload.gap;
  gap_ = mine.bytes.empty() && mine.gap;
  if (mine.bytes.empty()) return {};  // Keeps a firewall open, or was all padding.
  Result<void> added = add(mine);
  if (!added) discard();
  return added;
}

std::optional<media::AccessUnit> Depacketizer::take() {
  if (waiting_.empty()) return std::nullopt;
  Waiting next = std::move(waiting_.front());
  waiting_.pop_front();
  if (next.info != info_) {
    info_ = std::move(next.info);
    ++changes_;
  }
  return std::move(next.unit);
}

void Depacketizer::emit(Bytes data, int64_t time, int64_t duration, bool key) {
  if (!decodable(*next_info_)) {
    drop_unit();
    return;
  }
  media::AccessUnit unit;
  unit.data = std::move(data);
  unit.stream = next_info_->index;
  unit.pts = unit.dts = ticks_to_pts(time, clock_rate_);
  unit.duration = ticks_to_pts(duration, clock_rate_);
  unit.key = key;
  waiting_.push_back({std::move(unit), next_info_});
}

void Depacketizer::change(media::StreamInfo info) {
  next_info_ = std::make_shared<const media::StreamInfo>(std::move(info));
}

}  // namespace pasu::rtp
