// One clock for a camera's whole life: sessions, loops and jumps laid end to end.
#pragma once

#include <optional>

#include "base/clock.h"
#include "media/access_unit.h"

namespace pasu::node {

/// Moves the times of access units so that they only grow, however often the source starts again.
///
/// A new session begins where the monotonic clock says it should, never before what was already
/// given. Within a session times keep their distances; a jump of decode time backwards, or forwards
/// by more than kJumpMax, is closed to one frame. Decode times are never negative. See
/// docs/design/time.md.
class Timeline {
 public:
  static constexpr media::Pts kJumpMax = std::chrono::seconds(10);

  explicit Timeline(MonoTime start) : start_(start) {}

  /// The next unit comes from a newly opened source.
  void begin_session(MonoTime now);
  /// The next unit begins a file's next round: it follows the last one by its duration.
  void begin_round();
  /// Rewrites pts and dts of the next unit of video in decoding order.
  void place(media::AccessUnit& unit);
  /// Moves a unit of another track along with the video. False while the video has not begun: drop
  /// it.
  [[nodiscard]] bool follow(media::AccessUnit& unit) const;
  [[nodiscard]] uint64_t jumps() const { return jumps_; }

 private:
  enum class Next { in_session, new_session, new_round };

  MonoTime start_;
  Next next_ = Next::new_session;
  media::Pts session_start_{0};
  media::Pts offset_{0};
  std::optional<media::Pts> source_dts_;  // Of the last unit, in the source's own time.
  media::Pts last_dts_{-1};               // Of the last unit, as given out.
  media::Pts last_pts_max_{-1};
  media::Pts step_{std::chrono::milliseconds(40)};  // The last plausible distance between units.
  uint64_t jumps_ = 0;
};

}  // namespace pasu::node
