// How much each cell stirs without anybody there.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>

#include "gate/detail/kernels.h"
#include "geom/box.h"
#include "media/pts.h"

namespace pasu::gate {

using Cells = std::array<uint8_t, kCells>;

/// A cell's threshold is made of the least, of the level that its changes usually stay below and of
/// what it was taught by verdicts, which fades.
class Learning {
 public:
  explicit Learning(int threshold_min) : threshold_min_(threshold_min) { forget(); }

  /// Has not had the lessons that tell a camera's usual stir from movement.
  [[nodiscard]] bool is_new() const;
  [[nodiscard]] const uint8_t* threshold() const { return threshold_.data(); }

  /// Learns from the changes of a picture without anybody, at most once a second; false: too early.
  bool learn(const Cells& diff, media::Pts pts);
  /// Something moved in these places: kept for the verdict.
  void suspect(const Cells& diff, std::span<const geom::Box> regions);
  /// False: nothing was suspected since the last verdict.
  bool judge(bool somebody);
  void forget();

 private:
  void teach();
  void update_thresholds();

  const int threshold_min_;
  std::array<uint16_t, kCells> level_;   // 256ths.
  std::array<uint16_t, kCells> taught_;  // 256ths.
  Cells threshold_;
  Cells suspected_;  // The largest change since the last verdict; 0: none.
  bool has_suspected_ = false;
  int lessons_ = 0;     // Since all was forgotten, up to kHaste.
  int nobody_row_ = 0;  // Verdicts of nobody in a row.
  int calm_ = 0;        // Seconds of learning since the last of them.
  std::optional<media::Pts> learnt_at_;
};

/// What single regions usually score without anybody there: rain and leaves make small ones
/// anywhere.
class Clutter {
 public:
  [[nodiscard]] float score_min(float least) const;
  void learn(float score);
  void judge(bool somebody);

 private:
  float usual_ = 0;
};

}  // namespace pasu::gate
