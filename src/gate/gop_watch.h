// How far a camera's key frames are apart, measured as they come.
#pragma once

#include <array>
#include <chrono>
#include <optional>

#include "media/pts.h"

namespace pasu::gate {

/// Says whether a camera can be watched by its key frames alone. One thread at a time.
class GopWatch {
 public:
  /// `apart_max`: key frames further apart are too rare.
  explicit GopWatch(media::Pts apart_max) : apart_max_(apart_max) {}

  /// The next unit in decoding order.
  void push(media::Pts pts, bool key);
  /// The stream begins anew, or its clock jumped: what was measured stays until there is better.
  void restart();

  /// Key frames come too rarely, or have stopped. Two of the last three distances say so, or the
  /// running one is already half again too long.
  [[nodiscard]] bool is_long() const { return long_; }
  /// The median of the last three distances; nothing before the first two key frames.
  [[nodiscard]] std::optional<media::Pts> apart() const;
  /// Since the last key frame, or since the start where there was none.
  [[nodiscard]] media::Pts running() const { return newest_ - since_.value_or(newest_); }
  [[nodiscard]] bool had_key() const { return last_key_.has_value(); }

 private:
  const media::Pts apart_max_;
  std::array<media::Pts, 3> distances_{};
  size_t count_ = 0, next_ = 0;
  std::optional<media::Pts> since_, last_key_;
  media::Pts newest_{0};
  bool long_ = false;
};

}  // namespace pasu::gate
