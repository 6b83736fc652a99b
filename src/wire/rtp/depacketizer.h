// RTP payloads back into access units: what all depacketizers have in common.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>

#include "base/bytes.h"
#include "base/result.h"
#include "media/access_unit.h"
#include "media/codec.h"

namespace pasu::rtp {

/// One packet's part in its stream, in order: what a Receiver gives and a Depacketizer takes.
struct Payload {
  ByteView bytes;    ///< Borrowed.
  int64_t time = 0;  ///< Ticks of the clock rate since the stream's zero, without wraps.
  bool marker = false;
  bool gap = false;  ///< Packets before this one are missing.
};

/// Rebuilds access units from the payloads of one stream. Sans-IO: no socket, clock, thread or log.
///
/// push() one payload, then take() until it returns nothing. Units are in decoding order with pts
/// from the RTP time; dts equals pts (bits::DecodeTimes makes it right where there are B frames).
/// Loss drops the damaged unit and resumes at the next. Make one by make_depacketizer().
class Depacketizer {
 public:
  static constexpr size_t kUnitBytesMax = 8u << 20;
  /// Units not taken; push() then fails.
  static constexpr size_t kUnitsMax = 8192;

  virtual ~Depacketizer() = default;
  Depacketizer(const Depacketizer&) = delete;
  Depacketizer& operator=(const Depacketizer&) = delete;

  /// An error discards the unit being built; the next push() starts clean.
  /// Errors: truncated, malformed, unsupported, too_large.
  [[nodiscard]] Result<void> push(const Payload& payload);
  /// The next whole unit. Units that come before the stream can be decoded at all (no parameter
  /// sets yet) are dropped and counted.
  [[nodiscard]] std::optional<media::AccessUnit> take();

  /// As of the unit taken last; before the first, what the format told.
  [[nodiscard]] const media::StreamInfo& stream_info() const { return *info_; }
  /// Does stream_info() suffice to decode? Not for H.264 and H.265 until the parameter sets come.
  [[nodiscard]] bool ready() const;
  /// Grows whenever take() finds that stream_info() is another from this unit on.
  [[nodiscard]] uint64_t changes() const { return changes_; }

  /// Units lost to gaps, errors and limits, or that came before the parameter sets.
  [[nodiscard]] uint64_t units_dropped() const { return units_dropped_; }

 protected:
  Depacketizer(media::StreamInfo info, int clock_rate)
      : clock_rate_(clock_rate),
        info_(std::make_shared<const media::StreamInfo>(std::move(info))),
        next_info_(info_) {}

  virtual Result<void> add(const Payload& payload) = 0;
  /// Forgets the unit being built; a unit in the making counts as dropped.
  virtual void discard() = 0;

  /// Queues a whole unit that begins at `time`, of `duration` ticks (0: unknown).
  void emit(Bytes data, int64_t time, int64_t duration, bool key);
  void drop_unit() { ++units_dropped_; }
  /// What the units emitted from now on belong to.
  void change(media::StreamInfo info);
  [[nodiscard]] const media::StreamInfo& next_info() const { return *next_info_; }
  [[nodiscard]] int clock_rate() const { return clock_rate_; }

 private:
  struct Waiting {
    media::AccessUnit unit;
    std::shared_ptr<const media::StreamInfo> info;
  };

  int clock_rate_;
  bool gap_ = false;  // Of payloads passed over.
  uint64_t changes_ = 0;
  uint64_t units_dropped_ = 0;
  std::shared_ptr<const media::StreamInfo> info_, next_info_;
  std::deque<Waiting> waiting_;
};

/// Ticks of a clock to nanoseconds, without overflow for any stream's lifetime.
[[nodiscard]] media::Pts ticks_to_pts(int64_t ticks, int clock_rate);
/// The nearest tick: the inverse of ticks_to_pts().
[[nodiscard]] int64_t pts_to_ticks(media::Pts pts, int clock_rate);

}  // namespace pasu::rtp
