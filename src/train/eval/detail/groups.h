// Truths and detections brought together by category and picture: what is matched at once.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "train/eval/ground_truth.h"

namespace pasu::eval::detail {

/// One category in one picture: ranges of Groups::truths and Groups::detections.
struct Group {
  uint32_t category = 0, picture = 0;
  uint32_t truth_begin = 0, truth_end = 0;
  uint32_t detection_begin = 0, detection_end = 0;
};

struct Groups {
  std::vector<uint32_t> truths;        ///< Rows by category, then picture, then as they came.
  std::vector<uint32_t> detections;    ///< Likewise.
  std::vector<Group> groups;           ///< By category, then picture.
  std::vector<size_t> category_begin;  ///< Into `groups`; one more than there are categories.
};

/// Linear in what it is given, and so in memory. Every row's category and picture must be in
/// `truth`'s lists.
[[nodiscard]] Groups group(const GroundTruth& truth, std::span<const Detection> detections);

}  // namespace pasu::eval::detail
