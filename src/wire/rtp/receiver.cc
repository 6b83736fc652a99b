#include "wire/rtp/receiver.h"

#include <algorithm>
#include <cmath>

#include "base/assert.h"

namespace pasu::rtp {

Result<void> Receiver::push(ByteView bytes, MonoTime now) {
  ASSERT(!direct_);
  auto parsed = parse_packet(bytes);
  if (!parsed) {
    ++counters_.malformed;
    return tl::unexpected<Error>(std::move(parsed).error());
  }
  const Packet& packet = *parsed;
  if (!ssrc_) start(packet);
  if (packet.ssrc != *ssrc_) {
    if (options_.reorder) {
      judge_stray(packet, bytes, now);
    } else {
      restart(packet, bytes, now);
    }
    return {};
  }

  const int ahead = sequence_distance(expected_, packet.sequence);
  constexpr auto kWindow = static_cast<int>(kHeldPacketsMax);
  if (options_.reorder && ahead < 0 && ahead > -kWindow) {
    ++received_;
    ++(seen_[packet.sequence % seen_.size()] ? counters_.duplicate : counters_.late);
    return {};
  }
  if (ahead < 0 || (ahead >= kWindow && options_.reorder)) {
    judge_stray(packet, bytes, now);
    return {};
  }

  ++received_;
  note_jitter(packet, now);
  const int above = sequence_distance(static_cast<uint16_t>(highest_), packet.sequence);
  if (above > 0) {
    highest_ += above;
  } else if (above < 0) {
    ++counters_.reordered;
  }
  stray_.clear();
  if (ahead == 0 || !options_.reorder) {
    if (ahead > 0) {  // Over TCP.
      counters_.lost += static_cast<uint64_t>(ahead);
      gap_ = true;
    }
    direct_ = packet;
    direct_arrival_ = now;
  } else {
    hold(packet.sequence, bytes, now);
  }
  return {};
}

std::optional<Payload> Receiver::next(MonoTime now) {
  for (;;) {
    if (direct_) {
      const Packet packet = *direct_;
      direct_.reset();
      if (auto payload = deliver(packet, direct_arrival_)) return payload;
      continue;
    }
    if (held_packets_ == 0) return std::nullopt;
    Held& slot = held_[expected_ % kHeldPacketsMax];
    if (!slot.bytes.empty() && slot.sequence == expected_) {
      current_ = std::move(slot.bytes);
      slot.bytes.clear();
      --held_packets_;
      held_bytes_ -= current_.size();
      const auto packet = parse_packet(current_);
      ASSERT(packet);  // It was parsed when it came.
      auto payload = deliver(*packet, slot.arrival);
      find_gap_start();
      if (payload) return payload;
      continue;
    }
    const bool full = held_packets_ >= kHeldPacketsMax - 1 || held_bytes_ >= kHeldBytesMax;
    if (!full && now - gap_since_ < options_.wait) return std::nullopt;
    give_up_gap();
  }
}

std::optional<MonoTime> Receiver::deadline() const {
  if (held_packets_ == 0) return std::nullopt;
  return gap_since_ + options_.wait;
}

// The first packet of a source: what went before is not known.
void Receiver::start(const Packet& packet) {
  ssrc_ = packet.ssrc;
  expected_ = packet.sequence;
  gap_ = true;
  seen_.reset();
  base_ = highest_ = packet.sequence;
  received_ = received_before_ = expected_before_ = 0;
  last_transit_.reset();
}

void Receiver::restart(const Packet& packet, ByteView bytes, MonoTime now) {
  ++counters_.restarts;
  drop_held();
  if (packet.ssrc != *ssrc_) {
    last_report_.reset();
    // Another source has another time; it goes on from where this one was.
    wall_clock_zero_.reset();
    if (last_timestamp_) {
      last_time_ += std::max<int64_t>(1, ticks(now - last_arrival_));
      last_arrival_ = now;
      last_timestamp_ = packet.timestamp;
      suspect_.reset();
    }
  }
  start(packet);
  ++received_;
  note_jitter(packet, now);
  hold(packet.sequence, bytes, now);
}

// A packet of another source, or far out of sequence: two in a row are a new beginning (A.1).
void Receiver::judge_stray(const Packet& packet, ByteView bytes, MonoTime now) {
  if (!stray_.empty()) {
    const auto before = parse_packet(stray_);
    ASSERT(before);
    if (before->ssrc == packet.ssrc &&
        packet.sequence == static_cast<uint16_t>(before->sequence + 1)) {
      const std::vector<uint8_t> first = std::move(stray_);
      stray_.clear();
      --counters_.stray;
      restart(*before, first, stray_arrival_);
      ++received_;
      ++highest_;
      note_jitter(packet, now);
      hold(packet.sequence, bytes, now);
      return;
    }
  }
  ++counters_.stray;
  stray_.assign(bytes.begin(), bytes.end());
  stray_arrival_ = now;
}

void Receiver::hold(uint16_t sequence, ByteView bytes, MonoTime arrival) {
  held_.resize(kHeldPacketsMax);
  Held& slot = held_[sequence % kHeldPacketsMax];
  if (!slot.bytes.empty()) {  // All held are less than kHeldPacketsMax ahead: it is the same.
    ++counters_.duplicate;
    return;
  }
  slot.bytes.assign(bytes.begin(), bytes.end());
  slot.sequence = sequence;
  slot.arrival = arrival;
  if (held_packets_ == 0) gap_since_ = arrival;
  ++held_packets_;
  held_bytes_ += bytes.size();
}

void Receiver::drop_held() {
  if (held_packets_ == 0) return;
  counters_.lost += held_packets_;
  for (Held& slot : held_) slot.bytes.clear();
  held_packets_ = held_bytes_ = 0;
}

// Goes on with the first packet that is held.
void Receiver::give_up_gap() {
  while (held_[expected_ % kHeldPacketsMax].bytes.empty()) {
    seen_.reset((expected_ + seen_.size() / 2) % seen_.size());
    ++expected_;
    ++counters_.lost;
  }
  gap_ = true;
}

// Where a gap is next, the wait for it counts from when the packet behind it came.
void Receiver::find_gap_start() {
  if (held_packets_ == 0) return;
  uint16_t sequence = expected_;
  if (!held_[sequence % kHeldPacketsMax].bytes.empty()) return;
  while (held_[sequence % kHeldPacketsMax].bytes.empty()) ++sequence;
  gap_since_ = held_[sequence % kHeldPacketsMax].arrival;
}

std::optional<Payload> Receiver::deliver(const Packet& packet, MonoTime arrival) {
  expected_ = static_cast<uint16_t>(packet.sequence + 1);
  seen_.set(packet.sequence % seen_.size());
  // Half of the bits are behind, half are ahead and not yet true.
  seen_.reset((packet.sequence + seen_.size() / 2) % seen_.size());
  if (options_.payload_type && packet.payload_type != *options_.payload_type) {
    ++counters_.other_type;
    return std::nullopt;
  }
  if (packet.payload.empty()) return std::nullopt;
  ++counters_.packets;
  counters_.bytes += packet.payload.size();
  Payload payload;
  payload.bytes = packet.payload;
  payload.time = unwrap(packet.timestamp, arrival);
  payload.marker = packet.marker;
  payload.gap = std::exchange(gap_, false);
  return payload;
}

int64_t Receiver::ticks(MonoTime::duration time) const {
  return pts_to_ticks(std::chrono::duration_cast<media::Pts>(time), options_.clock_rate);
}

bool Receiver::plausible(int64_t step, MonoTime::duration elapsed) const {
  return step >= -ticks(kBackMax) && step <= ticks(elapsed + kAheadMax);
}

int64_t Receiver::first_time(uint32_t timestamp) const {
  if (!options_.zero_timestamp) return 0;
  const int64_t time = timestamp_distance(*options_.zero_timestamp, timestamp);
  return plausible(time, {}) ? time : 0;  // Some cameras' RTP-Info is of another session.
}

// A timestamp that steps too far is bridged by the arrival clock, and believed when the next other
// timestamp agrees with it: then the stream's zero moves.
int64_t Receiver::unwrap(uint32_t timestamp, MonoTime arrival) {
  if (!last_timestamp_) {
    last_timestamp_ = timestamp;
    last_time_ = first_time(timestamp);
    last_arrival_ = arrival;
    apply_report();
    return last_time_;
  }
  const int64_t step = timestamp_distance(*last_timestamp_, timestamp);
  if (plausible(step, arrival - last_arrival_)) {
    suspect_.reset();
    last_time_ += step;
  } else if (suspect_ && suspect_->timestamp == timestamp) {
    return suspect_->time;
  } else {
    if (!suspect_ || !plausible(timestamp_distance(suspect_->timestamp, timestamp),
                                arrival - suspect_->arrival)) {
      ++counters_.time_jumps;
      const int64_t bridge = std::max<int64_t>(1, ticks(arrival - last_arrival_));
      suspect_ = Suspect{timestamp, last_time_ + bridge, arrival};
      return suspect_->time;
    }
    last_time_ = suspect_->time + timestamp_distance(suspect_->timestamp, timestamp);
    suspect_.reset();
    wall_clock_zero_.reset();
  }
  last_timestamp_ = timestamp;
  last_arrival_ = arrival;
  return last_time_;
}

void Receiver::take(const SenderReport& report, MonoTime now) {
  if (ssrc_ && report.ssrc != *ssrc_) return;
  last_report_ = report;
  last_report_->blocks.clear();
  last_report_arrival_ = now;
  apply_report();
}

void Receiver::apply_report() {
  if (!last_report_ || last_report_->ssrc != ssrc_ || !last_timestamp_ || suspect_) return;
  if (last_report_->ntp == 0) return;  // The source has no clock (RFC 3550 6.4.1).
  const int64_t time = last_time_ + timestamp_distance(*last_timestamp_, last_report_->timestamp);
  wall_clock_zero_ = from_ntp(last_report_->ntp) - std::chrono::duration_cast<UtcTime::duration>(
                                                       ticks_to_pts(time, options_.clock_rate));
}

// RFC 3550 A.8. Steps of the timestamp that are no jitter are left out.
void Receiver::note_jitter(const Packet& packet, MonoTime now) {
  const int64_t transit =
      static_cast<int64_t>(static_cast<uint32_t>(ticks(now.time_since_epoch())) - packet.timestamp);
  if (last_transit_) {
    const int64_t difference = static_cast<int32_t>(transit - *last_transit_);
    if (std::abs(difference) <= ticks(kAheadMax)) {
      jitter_ += (static_cast<double>(std::abs(difference)) - jitter_) / 16;
    }
  }
  last_transit_ = transit;
}

std::optional<ReportBlock> Receiver::report(MonoTime now) {
  if (!ssrc_) return std::nullopt;
  ReportBlock block;
  block.ssrc = *ssrc_;
  const int64_t expected = highest_ - base_ + 1;
  block.lost = static_cast<int32_t>(std::clamp<int64_t>(expected - received_, -0x800000, 0x7fffff));
  const int64_t expected_interval = expected - expected_before_;
  const int64_t lost_interval = expected_interval - (received_ - received_before_);
  expected_before_ = expected;
  received_before_ = received_;
  if (expected_interval > 0 && lost_interval > 0) {
    block.fraction_lost =
        static_cast<uint8_t>(std::min<int64_t>(255, lost_interval * 256 / expected_interval));
  }
  block.highest_sequence = static_cast<uint32_t>(highest_);
  block.jitter = static_cast<uint32_t>(jitter_);
  if (last_report_) {
    block.last_sr = static_cast<uint32_t>(last_report_->ntp >> 16);
    const auto since = std::chrono::duration<double>(now - last_report_arrival_).count();
    block.since_last_sr = static_cast<uint32_t>(std::max(0.0, since) * 65'536);
  }
  return block;
}

}  // namespace pasu::rtp
