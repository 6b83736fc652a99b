#include "node/timeline.h"

#include <algorithm>

namespace pasu::node {

void Timeline::begin_session(MonoTime now) {
  next_ = Next::new_session;
  session_start_ = std::chrono::duration_cast<media::Pts>(now - start_);
}

void Timeline::begin_round() { next_ = Next::new_round; }

void Timeline::place(media::AccessUnit& unit) {
  const media::Pts dts = unit.dts;
  const media::Pts follows = last_dts_ + step_;
  switch (next_) {
    case Next::new_session:
      // B frames of the last session may have been shown later than its last decode time.
      offset_ = std::max({session_start_, last_dts_ + media::Pts(1), last_pts_max_}) - dts;
      break;
    case Next::new_round:
      offset_ = follows - dts;
      break;
    case Next::in_session: {
      const media::Pts distance = dts - *source_dts_;
      if (distance <= media::Pts(0) || distance > kJumpMax) {
        // Equal times are common at low time bases and no jump.
        if (distance != media::Pts(0)) ++jumps_;
        offset_ = follows - dts;
      } else if (distance <= std::chrono::seconds(1)) {
        step_ = distance;
      }
      break;
    }
  }
  next_ = Next::in_session;
  source_dts_ = dts;
  unit.dts += offset_;
  unit.pts = std::max(unit.pts + offset_, unit.dts);
  if (unit.duration > media::Pts(0) && unit.duration <= std::chrono::seconds(1))
    step_ = unit.duration;
  last_dts_ = unit.dts;
  last_pts_max_ = std::max(last_pts_max_, unit.pts);
}

bool Timeline::follow(media::AccessUnit& unit) const {
  if (next_ != Next::in_session) return false;
  unit.dts += offset_;
  unit.pts += offset_;
  return unit.dts >= media::Pts(0);
}

}  // namespace pasu::node
