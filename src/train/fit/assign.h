// Which cells of an anchor-free network answer for which box, and how sure they should be.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "geom/box.h"
#include "train/load/sample.h"

namespace pasu::train {

/// One level of a network's outputs: H x W cells, cell (i, j) centred at ((j + .5), (i + .5))
/// strides.
struct Level {
  int stride = 8;
  int width = 0, height = 0;
  [[nodiscard]] size_t cells() const { return static_cast<size_t>(width) * height; }
};

/// The levels of an input, and all their cells in one row: level by level, row by row.
struct CellGrid {
  std::vector<Level> levels;

  /// Sides must be multiples of every stride.
  [[nodiscard]] static CellGrid of(geom::Size input, std::span<const int> strides);
  [[nodiscard]] size_t cells() const;
};

struct AssignOptions {
  /// Cells are ranked by score^a * IoU^b (task-aligned assignment, Feng et al. 2021, TOOD 3.2).
  float score_power = 0.5F, iou_power = 4;
  int cells_per_box = 9;
  /// A box has cells inside it. One narrower than `slack_below` pixels may have none, and so is
  /// taken to reach `slack` strides of the finest level further on each side.
  float slack = 0.5F, slack_below = 16;
  /// The target is the cell's rank against the best one's, times the best one's IoU to this power:
  /// 1 as TOOD has it; 0 makes the best cell's target 1 however loose its box is.
  float target_iou_power = 1;
  /// The least IoU that a target counts with, so that boxes still far off are learnt too.
  float target_iou_min = 0;
  bool operator==(const AssignOptions&) const = default;
};

constexpr int kNobody = -1;

/// What one picture's cells should say.
struct Targets {
  std::vector<float> score;      ///< [A], 0 of cells that answer for no box.
  std::vector<int32_t> truth;    ///< [A], a number of a truth box, or kNobody.
  std::vector<uint8_t> ignored;  ///< [A], 1: its score says nothing.
  double sum = 0;                ///< Of `score`.
};

/// `scores` [A] are probabilities and `boxes` [A] what the cells say now, in input pixels. A cell
/// that two boxes want goes to the one it overlaps more. Cells centred in a box to be ignored are
/// ignored unless they answer for another one. A teacher's score scales its box's targets.
[[nodiscard]] Targets assign(const CellGrid& grid, std::span<const float> scores,
                             std::span<const geom::Box> boxes, std::span<const Truth> truths,
                             const AssignOptions& options);

}  // namespace pasu::train
