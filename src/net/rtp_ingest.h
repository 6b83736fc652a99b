// The tracks of one RTP session on their way in, brought onto one timeline.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/result.h"
#include "media/access_unit.h"
#include "media/codec.h"
#include "wire/rtp/inbound_track.h"
#include "wire/rtp/track_sync.h"

namespace pasu::net {

/// Where an RtpIngest delivers. `tracks` comes before the first `unit`, and again when a track
/// changed; AccessUnit::stream is a place in it. A track keeps its place; one that is late is added
/// behind. Neither may destroy the ingest.
struct IngestSink {
  std::function<void(const std::vector<media::StreamInfo>&)> tracks;
  std::function<void(media::AccessUnit)> unit;
};

/// Takes a session's packets and gives its units. Sans-IO, for one thread.
class RtpIngest {
 public:
  /// Units kept while a track still has to show its parameters.
  static constexpr size_t kHeldUnitsMax = 1024;
  static constexpr size_t kHeldBytesMax = 8u << 20;
  /// So long after the first packet the others wait for it; then they go without.
  static constexpr std::chrono::seconds kTracksWait{3};
  /// Where no picture's track is ready, so long (a GOP or two).
  static constexpr std::chrono::seconds kPicturesWait{10};

  explicit RtpIngest(IngestSink sink) : sink_(std::move(sink)) {}

  /// All tracks first, then packets; returns the number to push() with. `options.stream_index` is
  /// ignored. Errors: those of rtp::make_depacketizer().
  [[nodiscard]] Result<size_t> add(const rtp::PayloadFormat& format, rtp::InboundOptions options);

  /// An RTP or RTCP packet. An error concerns this packet, which is counted and dropped.
  Result<void> push(size_t track, ByteView packet, MonoTime now);
  [[nodiscard]] std::optional<MonoTime> deadline() const;
  void on_time(MonoTime now);

  [[nodiscard]] size_t size() const { return tracks_.size(); }
  [[nodiscard]] rtp::InboundTrack& track(size_t index) { return tracks_[index].inbound; }
  /// All tracks have said BYE.
  [[nodiscard]] bool ended() const;
  /// Pts 0 by the source's clock, where its first track told.
  [[nodiscard]] std::optional<UtcTime> wall_clock_zero() const;
  /// Packets that made no sense.
  [[nodiscard]] uint64_t malformed() const { return malformed_; }
  /// Units that came before their tracks were known and were too many.
  [[nodiscard]] uint64_t dropped() const { return dropped_; }
  /// All that did not become a unit: packets malformed or lost, units damaged or dropped.
  [[nodiscard]] uint64_t damage() const;

 private:
  struct Track {
    rtp::InboundTrack inbound;
    bool has_zero;                  // RTP-Info said where it begins.
    std::optional<int> place = {};  // In what the sink was told.
    uint64_t changes = 0;           // As of what the sink was told.
  };

  void take_units(Track& track, MonoTime now);
  void place(Track& track, media::AccessUnit& unit, MonoTime now);
  [[nodiscard]] size_t number_of(const Track& track) const {
    return static_cast<size_t>(&track - tracks_.data());
  }
  void deliver(Track& track, media::AccessUnit unit);
  void hold(Track& track, media::AccessUnit unit);
  [[nodiscard]] std::chrono::seconds tracks_wait() const;
  void tell_tracks_if_ready(MonoTime now);
  void tell_tracks();

  const IngestSink sink_;
  std::vector<Track> tracks_;
  bool told_ = false;
  int places_ = 0;
  std::optional<MonoTime> began_;       // First packet.
  std::optional<rtp::TrackSync> sync_;  // From the first unit on.
  struct Held {
    size_t track;
    media::AccessUnit unit;
  };
  std::vector<Held> held_;
  size_t held_bytes_ = 0;
  uint64_t malformed_ = 0, dropped_ = 0;
};

}  // namespace pasu::net
