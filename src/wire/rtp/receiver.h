// The packets of one RTP stream put in order, with loss, jitter and time kept count of.
#pragma once

#include <bitset>
#include <chrono>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/result.h"
#include "wire/rtp/depacketizer.h"
#include "wire/rtp/packet.h"
#include "wire/rtp/rtcp.h"

namespace pasu::rtp {

struct ReceiverOptions {
  int clock_rate = 90'000;  ///< Ticks/s.
  /// UDP: packets may come out of order, twice, late. False over TCP, where order is kept and a gap
  /// is never filled.
  bool reorder = false;
  std::optional<uint8_t> payload_type = {};  ///< Packets of others are dropped and counted.
  /// How long a gap may hold back what came after it.
  std::chrono::milliseconds wait{150};
  /// The RTP timestamp that is the stream's zero (RTP-Info); otherwise the first packet's.
  std::optional<uint32_t> zero_timestamp = {};
};

/// What a Receiver dropped and saw, since its beginning.
struct ReceiverCounters {
  uint64_t packets = 0;  ///< Handed on.
  uint64_t bytes = 0;    ///< Of their payloads.
  uint64_t lost = 0;     ///< Never came, or too late.
  uint64_t late = 0;     ///< Came after their gap had been given up.
  uint64_t duplicate = 0;
  uint64_t reordered = 0;  ///< Came before an earlier one did.
  uint64_t malformed = 0;
  uint64_t other_type = 0;  ///< Of another payload type.
  uint64_t stray = 0;       ///< Of another source or far out of sequence, once.
  uint64_t restarts = 0;    ///< New SSRC or sequence.
  uint64_t time_jumps = 0;  ///< Timestamps that made no sense and were bridged.
};

/// push() a packet, then next() until it returns nothing. Time comes out unwrapped and continuous:
/// a source that restarts, or whose timestamps jump, goes on from where it was.
class Receiver {
 public:
  /// Held back behind a gap; when either is reached the gap is given up.
  static constexpr size_t kHeldPacketsMax = 512;
  static constexpr size_t kHeldBytesMax = 2u << 20;
  /// Timestamps may run this far ahead of the arrival clock, and step back this far, as they do
  /// where there are B frames; beyond, they are bridged.
  static constexpr std::chrono::seconds kAheadMax{10};
  static constexpr std::chrono::seconds kBackMax{1};

  explicit Receiver(const ReceiverOptions& options) : options_(options) {}

  /// Call next() until it returns nothing before the next push(): the bytes are borrowed till then.
  /// Errors (the packet is dropped and counted): truncated, malformed.
  [[nodiscard]] Result<void> push(ByteView bytes, MonoTime now);
  /// The next payload in order; its bytes last until the next call of push() or next().
  [[nodiscard]] std::optional<Payload> next(MonoTime now);
  /// When next() should be called although nothing came, because a gap is given up then.
  [[nodiscard]] std::optional<MonoTime> deadline() const;

  /// A sender report of this stream has come; `now` is its arrival.
  void take(const SenderReport& report, MonoTime now);
  /// When the stream's zero was in UTC, by the source's clock; nothing until it has told, and again
  /// after a jump.
  [[nodiscard]] std::optional<UtcTime> wall_clock_zero() const { return wall_clock_zero_; }

  /// The block about this stream for a receiver report; nothing before the first packet.
  /// Its fraction is since the call before (RFC 3550 A.3).
  [[nodiscard]] std::optional<ReportBlock> report(MonoTime now);
  [[nodiscard]] const ReceiverCounters& counters() const { return counters_; }
  /// Interarrival jitter in ticks (RFC 3550 A.8).
  [[nodiscard]] double jitter() const { return jitter_; }
  /// Of the source that is listened to; nothing before the first packet.
  [[nodiscard]] std::optional<uint32_t> ssrc() const { return ssrc_; }

 private:
  struct Held {
    std::vector<uint8_t> bytes;  // Empty: none.
    uint16_t sequence = 0;
    MonoTime arrival;
  };
  struct Suspect {  // A timestamp that makes no sense, so far.
    uint32_t timestamp = 0;
    int64_t time = 0;  // What was made of it.
    MonoTime arrival;
  };

  void start(const Packet& packet);
  void restart(const Packet& packet, ByteView bytes, MonoTime now);
  void hold(uint16_t sequence, ByteView bytes, MonoTime arrival);
  void drop_held();
  void give_up_gap();
  void find_gap_start();
  void judge_stray(const Packet& packet, ByteView bytes, MonoTime now);
  void note_jitter(const Packet& packet, MonoTime now);
  std::optional<Payload> deliver(const Packet& packet, MonoTime arrival);
  int64_t unwrap(uint32_t timestamp, MonoTime arrival);
  int64_t first_time(uint32_t timestamp) const;
  [[nodiscard]] int64_t ticks(MonoTime::duration time) const;
  [[nodiscard]] bool plausible(int64_t step, MonoTime::duration elapsed) const;
  void apply_report();

  ReceiverOptions options_;
  ReceiverCounters counters_;

  // Sequence.
  std::optional<uint32_t> ssrc_;
  uint16_t expected_ = 0;         // The next to be handed on.
  bool gap_ = true;               // Before it.
  std::bitset<1024> seen_;        // Handed on, by sequence modulo its size.
  std::optional<Packet> direct_;  // The packet just pushed, where it is the expected one.
  MonoTime direct_arrival_;
  std::vector<Held> held_;  // By sequence modulo its size; empty until first needed.
  size_t held_packets_ = 0, held_bytes_ = 0;
  MonoTime gap_since_;
  std::vector<uint8_t> current_;  // What next() returned last, of those held.
  std::vector<uint8_t> stray_;    // The last packet that fitted nowhere; empty: none.
  MonoTime stray_arrival_;

  // Time.
  std::optional<uint32_t> last_timestamp_;
  int64_t last_time_ = 0;
  MonoTime last_arrival_;
  std::optional<Suspect> suspect_;

  // Reports.
  int64_t base_ = 0, highest_ = 0;  // Sequence numbers with their wraps.
  int64_t received_ = 0, received_before_ = 0, expected_before_ = 0;
  double jitter_ = 0;
  std::optional<int64_t> last_transit_;
  std::optional<SenderReport> last_report_;
  MonoTime last_report_arrival_;
  std::optional<UtcTime> wall_clock_zero_;
};

}  // namespace pasu::rtp
