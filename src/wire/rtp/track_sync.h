// One time line for the tracks of a session, each of which comes with a zero of its own.
#pragma once

#include <chrono>
#include <optional>
#include <vector>

#include "base/clock.h"
#include "media/access_unit.h"
#include "media/pts.h"

namespace pasu::rtp {

/// Moves units by track. At first a track stands where the source said (RTP-Info), else where its
/// first unit came; once sender reports told both tracks' wall-clock times, where these say
/// (RFC 3550 6.4.1). Sans-IO.
class TrackSync {
 public:
  /// The first reports are taken as they are; later ones that differ by less change nothing: they
  /// jitter.
  static constexpr std::chrono::milliseconds kTolerance{20};
  /// Reports that put tracks further apart are not believed: some cameras' tracks have clocks of
  /// their own.
  static constexpr std::chrono::seconds kApartMax{10};

  /// `told`: RTP-Info named this track's zero.
  struct TrackStart {
    bool told = false;
  };
  explicit TrackSync(const std::vector<TrackStart>& tracks);

  /// Sets pts and dts of a unit of `track`; dts keeps growing. `wall_clock_zero` is that of its
  /// InboundTrack, `now` when it came.
  void place(size_t track, std::optional<UtcTime> wall_clock_zero, MonoTime now,
             media::AccessUnit& unit);

  /// What is added to a track's times now.
  [[nodiscard]] media::Pts offset(size_t track) const { return tracks_[track].offset; }
  /// Times a track was moved after its first unit.
  [[nodiscard]] uint64_t moves() const { return moves_; }

 private:
  struct Track {
    bool told = false;
    bool begun = false;
    bool reported = false;  // Stands where reports said.
    media::Pts offset{0};
    std::optional<UtcTime> wall_clock_zero;
    media::Pts last_dts{0};
  };
  void begin(Track& track, MonoTime now, const media::AccessUnit& unit);
  void follow_reports(Track& track);

  std::vector<Track> tracks_;
  bool all_told_ = true;
  std::optional<size_t> reference_;  // The first that had a unit: the others are placed by it.
  MonoTime reference_at_{};
  media::Pts reference_dts_{0};
  uint64_t moves_ = 0;
};

}  // namespace pasu::rtp
