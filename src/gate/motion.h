// Whether anything moves before a camera, from small pictures about a second apart.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>

#include "geom/box.h"
#include "media/pts.h"
#include "pixel/small_luma.h"

namespace pasu::gate {

struct MotionOptions {
  /// Of luma: a cell that never stirs has changed from here on.
  int threshold_min = 6;
  /// A region counts from so many touching cells on, whose changes sum to that many thresholds.
  int cells_min = 3;
  float score_min = 5;
  /// The part of all cells from which on this is another picture, not something in it.
  float scene_share = 0.3f;
};

/// What one picture showed against the one before.
struct Movement {
  static constexpr size_t kRegionsMax = 8;
  enum class Kind {
    first,          ///< Nothing to compare with.
    still,          ///< No more than this camera's usual stir.
    moved,          ///< Something did, in `regions`.
    scene_changed,  ///< Another picture: the camera turned, its light or its filter was switched.
  };
  Kind kind = Kind::first;
  float score = 0;      ///< Of the best region, in thresholds.
  float share = 0;      ///< Of all cells that changed, 0 to 1.
  bool light = false;   ///< Brightness or contrast of the whole changed, which was made up for.
  bool shaken = false;  ///< The camera trembled, which was made up for.
  std::array<geom::Box, kRegionsMax> boxes{};  ///< Best first; the picture is 1 wide and 1 high.
  size_t count = 0;
  [[nodiscard]] std::span<const geom::Box> regions() const { return std::span(boxes).first(count); }
};

/// One camera's eye. Each cell learns how much it usually stirs (sensor noise, coding, rain,
/// leaves, lamps) and what stirred when nobody was there; what is over that, in one piece, is
/// movement. Light that changes as a whole and a camera that trembles are made up for first.
///
/// About 115 KB. One thread at a time. Allocates only when made.
class Motion {
 public:
  explicit Motion(const MotionOptions& options = {});
  ~Motion();
  Motion(Motion&&) noexcept;
  Motion& operator=(Motion&&) noexcept;

  /// Compares `picture` with the one of the last call, of which there should be about one or two a
  /// second. `occupied`: somebody has been seen of late, so nothing is to be learnt from this
  /// picture, nor from the last where something moved. Valid until the next call.
  const Movement& compare(const pixel::SmallLuma& picture, media::Pts pts, bool occupied = false);

  /// What the detector found since the last verdict, where compare() said that something moved.
  /// Nobody: those cells stir without people, and from now on it takes more; the more often in a
  /// row, the more. Somebody: they were right, and what they had been taught is halved.
  void judge(bool somebody);

  /// In the first half minute, and after forget(), much that moves is this camera's usual stir.
  [[nodiscard]] bool is_new() const;

  /// The next picture has none before it; what was learnt stays.
  void restart();
  /// Nothing learnt is worth anything any more: the camera looks elsewhere.
  void forget();

  /// The mean of the cells' thresholds: what an operator may see of the noise.
  [[nodiscard]] float mean_threshold() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace pasu::gate
