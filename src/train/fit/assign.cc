#include "train/fit/assign.h"

#include <algorithm>
#include <cmath>

#include "base/assert.h"

namespace pasu::train {
namespace {

struct Candidate {
  uint32_t cell = 0;
  float rank = 0;
  float iou = 0;
  float distance2 = 0;  // From the box's centre, in cells: decides between equal ranks.
};

geom::Box box_of(const Truth& truth) {
  return geom::Box::from_corners(truth.x1, truth.y1, truth.x2, truth.y2);
}

struct Reach {
  float x1, y1, x2, y2;
};

/// Where a box's cells may be centred on this level.
Reach reach(const geom::Box& box, const Level& level, int finest, const AssignOptions& options) {
  const float more_x = box.w < options.slack_below && level.stride == finest
                           ? options.slack * static_cast<float>(finest)
                           : 0;
  const float more_y = box.h < options.slack_below && level.stride == finest
                           ? options.slack * static_cast<float>(finest)
                           : 0;
  return {box.x - more_x, box.y - more_y, box.right() + more_x, box.bottom() + more_y};
}

/// The first and one past the last cell centred in [low, high).
std::pair<int, int> centred_in(float low, float high, int stride, int count) {
  const auto s = static_cast<float>(stride);
  const int first = std::max(0, static_cast<int>(std::ceil(low / s - 0.5F)));
  const int end = std::min(count, static_cast<int>(std::ceil(high / s - 0.5F)));
  return {first, end};
}

/// Calls f(cell) for each cell that is centred in the box.
template <class F>
void for_cells(const CellGrid& grid, const geom::Box& box, const AssignOptions* slack, F f) {
  size_t first = 0;
  const int finest = grid.levels.empty() ? 1 : grid.levels[0].stride;
  for (const Level& level : grid.levels) {
    const Reach r = slack != nullptr ? reach(box, level, finest, *slack)
                                     : Reach{box.x, box.y, box.right(), box.bottom()};
    const auto [x0, x1] = centred_in(r.x1, r.x2, level.stride, level.width);
    const auto [y0, y1] = centred_in(r.y1, r.y2, level.stride, level.height);
    for (int y = y0; y < y1; ++y)
      for (int x = x0; x < x1; ++x)
        f(first + static_cast<size_t>(y) * static_cast<size_t>(level.width) +
              static_cast<size_t>(x),
          level, x, y);
    first += level.cells();
  }
}

class Assigner {
 public:
  Assigner(const CellGrid& grid, std::span<const float> scores, std::span<const geom::Box> boxes,
           std::span<const Truth> truths, const AssignOptions& options)
      : grid_(grid), scores_(scores), boxes_(boxes), truths_(truths), options_(options) {
    const size_t cells = grid.cells();
    ASSERT(scores.size() == cells && boxes.size() == cells);
    out_.score.assign(cells, 0);
    out_.truth.assign(cells, kNobody);
    out_.ignored.assign(cells, 0);
    rank_.assign(cells, 0);
    iou_.assign(cells, -1);
  }

  Targets run() && {
    for (size_t t = 0; t < truths_.size(); ++t)
      if (truths_[t].ignore)
        for_cells(grid_, box_of(truths_[t]), nullptr,
                  [&](size_t cell, const Level&, int, int) { out_.ignored[cell] = 1; });
    for (size_t t = 0; t < truths_.size(); ++t)
      if (!truths_[t].ignore) claim(t);
    score_targets();
    return std::move(out_);
  }

 private:
  void claim(size_t t) {
    const geom::Box box = box_of(truths_[t]);
    candidates_.clear();
    for_cells(grid_, box, &options_, [&](size_t cell, const Level& level, int x, int y) {
      const float iou = geom::iou(boxes_[cell], box);
      const float rank =
          std::pow(scores_[cell], options_.score_power) * std::pow(iou, options_.iou_power);
      const auto s = static_cast<float>(level.stride);
      const float dx = (static_cast<float>(x) + 0.5F) - (box.x + box.w / 2) / s;
      const float dy = (static_cast<float>(y) + 0.5F) - (box.y + box.h / 2) / s;
      candidates_.push_back({static_cast<uint32_t>(cell), rank, iou, dx * dx + dy * dy});
    });
    const size_t wanted = std::min(candidates_.size(), static_cast<size_t>(options_.cells_per_box));
    std::partial_sort(candidates_.begin(),
                      candidates_.begin() + static_cast<std::ptrdiff_t>(wanted), candidates_.end(),
                      [](const Candidate& a, const Candidate& b) {
                        if (a.rank != b.rank) return a.rank > b.rank;
                        if (a.distance2 != b.distance2) return a.distance2 < b.distance2;
                        return a.cell < b.cell;
                      });
    for (size_t i = 0; i < wanted; ++i) {
      const Candidate& c = candidates_[i];
      if (c.iou <= iou_[c.cell]) continue;
      iou_[c.cell] = c.iou;
      rank_[c.cell] = c.rank;
      out_.truth[c.cell] = static_cast<int32_t>(t);
    }
  }

  void score_targets() {
    std::vector<float> best_rank(truths_.size(), 0), best_iou(truths_.size(), 0);
    for (size_t cell = 0; cell < rank_.size(); ++cell) {
      if (out_.truth[cell] == kNobody) continue;
      const auto t = static_cast<size_t>(out_.truth[cell]);
      best_rank[t] = std::max(best_rank[t], rank_[cell]);
      best_iou[t] = std::max(best_iou[t], iou_[cell]);
    }
    for (size_t cell = 0; cell < rank_.size(); ++cell) {
      if (out_.truth[cell] == kNobody) continue;
      const auto t = static_cast<size_t>(out_.truth[cell]);
      const float relative = best_rank[t] > 0 ? rank_[cell] / best_rank[t] : 1;
      const float iou = std::max(best_iou[t], options_.target_iou_min);
      out_.score[cell] = relative * std::pow(iou, options_.target_iou_power) * truths_[t].score;
      out_.ignored[cell] = 0;  // A person who is sure beats a region that is not.
      out_.sum += out_.score[cell];
    }
  }

  const CellGrid& grid_;
  std::span<const float> scores_;
  std::span<const geom::Box> boxes_;
  std::span<const Truth> truths_;
  const AssignOptions& options_;
  Targets out_;
  std::vector<float> rank_, iou_;  // Of each cell with its box.
  std::vector<Candidate> candidates_;
};

}  // namespace

CellGrid CellGrid::of(geom::Size input, std::span<const int> strides) {
  CellGrid out;
  for (const int stride : strides) {
    ASSERT(stride > 0 && input.width % stride == 0 && input.height % stride == 0);
    out.levels.push_back({stride, input.width / stride, input.height / stride});
  }
  return out;
}

size_t CellGrid::cells() const {
  size_t out = 0;
  for (const Level& level : levels) out += level.cells();
  return out;
}

Targets assign(const CellGrid& grid, std::span<const float> scores,
               std::span<const geom::Box> boxes, std::span<const Truth> truths,
               const AssignOptions& options) {
  return Assigner(grid, scores, boxes, truths, options).run();
}

}  // namespace pasu::train
