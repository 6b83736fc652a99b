// What several detectors say of one picture, made into one answer, and that into annotations.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "geom/detection.h"
#include "train/data/dataset.h"

namespace pasu::job {

/// One person as all teachers together see them.
struct Fused {
  geom::Box box;    ///< The mean of their boxes, weighted by score and the teacher's weight.
  float score = 0;  ///< The weighted mean of their scores; who did not see the person says 0.
  int votes = 0;    ///< Teachers that saw the person.
};

/// Boxes of all teachers that overlap by at least `iou` are one person (weighted boxes fusion,
/// Solovyev et al. 2021, but a teacher counts once a person, with its best box). `found[t]` are
/// those of teacher t, in the picture's pixels. The answer is in falling order of score.
[[nodiscard]] std::vector<Fused> fuse(std::span<const std::vector<geom::Detection>> found,
                                      std::span<const float> weights, float iou);

/// What a teacher's score means: how often it is right. Models differ in that: one that is right
/// half of the time says .2, another .6.
struct Calibration {
  float mid = 0.5f;  ///< The score at which it is right half of the time.
  float slope = 1;   ///< Of the log-odds of being right over those of the score.
  [[nodiscard]] float of(float score) const;
  bool operator==(const Calibration&) const = default;
};

/// A teacher's score and whether a hand-drawn box was there.
struct Judged {
  float score = 0;
  bool right = false;
};
/// One teacher's boxes against hand-drawn ones: best first, each drawn box is found once, at an
/// overlap of `iou`; boxes in crowds are not judged.
void judge(const std::vector<geom::Detection>& found, const std::vector<data::Object>& drawn,
           float iou, std::vector<Judged>& out);
/// By logistic regression; nothing from fewer than 50 right and 50 wrong ones.
[[nodiscard]] std::optional<Calibration> calibrate(const std::vector<Judged>& judged);

struct LabelRules {
  float fuse_iou = 0.55f;
  /// A person annotated by hand is one whom teachers see with this overlap.
  float match_iou = 0.5f;
  /// Hand-drawn boxes have at least this score, however little the teachers see there; 1: they are
  /// certain.
  float trust = 0.5f;
  /// Who was not annotated, but seen by `votes_min` teachers with at least this score, is a person.
  float person_score = 0.55f;
  int votes_min = 2;
  /// Who was seen less clearly, but so much, is to be ignored. Below that there is background.
  float doubt_score = 0.15f;
};

/// The picture's objects with scores, and what the teachers saw besides as new objects of
/// `category`; those in doubt are crowds, which training ignores. Hand-drawn crowds stay.
[[nodiscard]] std::vector<data::Object> label_objects(const std::vector<data::Object>& drawn,
                                                      const std::vector<Fused>& fused,
                                                      int64_t category, const LabelRules& rules);

}  // namespace pasu::job
