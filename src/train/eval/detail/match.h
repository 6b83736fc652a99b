// Which detection found which object, for all thresholds and ranges at once.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "train/eval/detail/by_left.h"
#include "train/eval/detail/by_score.h"
#include "train/eval/detail/groups.h"

namespace pasu::eval::detail {

/// What became of a detection.
struct Match {
  double score = 0;
  uint64_t found = 0;    ///< Bits of ranges.h: found an object.
  uint64_t ignored = 0;  ///< Neither right nor wrong.
};

/// At each place of Groups::detections: a group's detections by falling score, of which only the
/// best `kept_max` are filled in.
using Matches = std::vector<Match>;

/// Matches group after group; one for each thread. Borrows what it is made of.
class Matcher {
 public:
  Matcher(const GroundTruth& truth, std::span<const Detection> detections, const Groups& groups,
          size_t kept_max, Matches& out)
      : truth_(truth), detections_(detections), groups_(groups), kept_max_(kept_max), out_(out) {}

  void match(const Group& group);

 private:
  struct Target {  // A truth.
    double x, y, right, bottom, area;
    uint64_t counts;   // Bits of the ranges it is in.
    uint64_t matched;  // Bits for which something found it.
    bool crowd, id_is_zero;
  };
  struct Candidate {
    double iou;
    uint32_t target;
  };
  void take_targets(const Group& group);
  void find_candidates(const data::Box& box, double area);
  void match_one(const Detection& detection, size_t at);

  const GroundTruth& truth_;
  std::span<const Detection> detections_;
  const Groups& groups_;
  size_t kept_max_;
  Matches& out_;
  std::vector<Target> targets_;
  ByLeft by_left_;  // Of targets_.
  std::vector<Candidate> candidates_;
  std::vector<Scored> order_, scratch_;
};

}  // namespace pasu::eval::detail
