// The loss of an SSD, and its gradient, as the TF Object Detection API's ssd_meta_arch has it.
#pragma once

#include <optional>
#include <vector>

#include "train/ssd/boxes.h"
#include "train/ssd/hard_miner.h"
#include "train/ssd/matcher.h"

namespace pasu::train::ssd {

struct LossOptions {
  enum class Classes { sigmoid, softmax, focal };
  Classes classes = Classes::sigmoid;
  float focal_alpha = 0.25f, focal_gamma = 2;
  /// Anchors of no truth are to say 0 for every class, their own column too, rather than 1 for that
  /// (encode_background_as_zeros). Not of softmax.
  bool background_as_zeros = false;
  float class_weight = 1, box_weight = 1;
  float box_delta = 1;  ///< Where smooth L1 turns from a square to a line.
  std::optional<HardMinerOptions> miner = HardMinerOptions{};
  enum class MinedBy { classes, boxes, both };
  MinedBy mined_by = MinedBy::classes;
  bool by_matches = true;     ///< Divided by the batch's matched anchors, 1 at least.
  bool by_code_size = false;  ///< The box loss by 4 as well.
  CodeScales scales = kCodeScales;
  MatcherOptions matcher;
  bool operator==(const LossOptions&) const = default;
};

/// A picture's annotations.
struct Truths {
  std::vector<Corners> boxes;  ///< [G]
  std::vector<int> labels;     ///< [G], from 0.
  /// [G], as truths that are to be ignored have it: anchors that would match them do not count.
  /// Empty: none. TF OD API has no such thing.
  std::vector<bool> ignore;
};

/// What the network predicted, row by row.
struct Predictions {
  std::span<const float> codes;   ///< [N, A, 4] y, x, height, width.
  std::span<const float> logits;  ///< [N, A, 1 + K], background first.
};

struct Loss {
  float box = 0, classes = 0;          ///< Weighted and divided: their sum is what is minimised.
  int64_t matched = 0;                 ///< Anchors of the batch.
  std::vector<float> codes_gradient;   ///< [N, A, 4], of the sum.
  std::vector<float> logits_gradient;  ///< [N, A, 1 + K].
};

/// N = truths.size(), A = anchors.size(). Labels must be below K. A prediction that is no number
/// makes both losses none.
[[nodiscard]] Loss loss(const Predictions& predictions, std::span<const Corners> anchors,
                        std::span<const Truths> truths, const LossOptions& options = {});

}  // namespace pasu::train::ssd
