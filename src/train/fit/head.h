// What a network's outputs mean: how they are trained, and how they are read.
#pragma once

#include <memory>
#include <span>
#include <torch/types.h>
#include <vector>

#include "geom/detection.h"
#include "train/fit/settings.h"
#include "train/load/sample.h"
#include "train/model/graph.h"
#include "train/model/weights.h"

namespace pasu::train {

struct HeadLoss {
  torch::Tensor total;        ///< A scalar, with its way back.
  double score = 0, box = 0;  ///< Its parts, weighted: they add up to the total.
  size_t positives = 0;       ///< Cells or anchors that answer for a box.
};

/// One for pasu_person, one for SSDs. Thread-safe.
class Head {
 public:
  virtual ~Head() = default;

  /// `outputs` are the network's for a batch at `input`; `truths` its boxes, one list a picture.
  /// NaN in the outputs comes out as NaN.
  [[nodiscard]] virtual HeadLoss loss(const std::vector<torch::Tensor>& outputs, geom::Size input,
                                      std::span<const std::vector<Truth>> truths) const = 0;
  /// Boxes in input pixels from `score_min` on, before any suppression, one list a picture.
  [[nodiscard]] virtual std::vector<std::vector<geom::Detection>> detect(
      const std::vector<torch::Tensor>& outputs, geom::Size input, float score_min) const = 0;
  /// Pictures fill the input rather than keep their shape.
  [[nodiscard]] virtual bool fill() const = 0;
  /// What export must know beside the graph.
  virtual void describe(Checkpoint& checkpoint) const = 0;
};

[[nodiscard]] std::unique_ptr<Head> head_of(const Settings& settings);

/// The graph that settings ask for.
[[nodiscard]] Graph graph_of(const Settings& settings);

}  // namespace pasu::train
