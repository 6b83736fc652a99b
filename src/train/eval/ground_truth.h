// What detections are measured against, and the detections: rows that number categories and
// pictures from 0.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/result.h"
#include "train/data/dataset.h"

namespace pasu::eval {

/// An annotated object.
struct Truth {
  uint32_t category = 0, picture = 0;  ///< Into GroundTruth's lists.
  data::Box box;
  double area = 0;         ///< Decides whether it is small, medium or large.
  bool crowd = false;      ///< Many in one box; Open Images' group-of.
  bool difficult = false;  ///< VOC: neither right nor wrong to find it.
  /// Annotation id 0. pycocotools notes the id of what a detection found, and takes 0 for nothing.
  bool id_is_zero = false;
};

struct Detection {
  uint32_t category = 0, picture = 0;  ///< Into GroundTruth's lists.
  data::Box box;
  double score = 0;  ///< Finite; any scale.
};

struct GroundTruth {
  std::vector<data::Category> categories;  ///< By rising id.
  std::vector<int64_t> pictures;           ///< Ids, rising.
  std::vector<Truth> truths;               ///< Within one picture as its annotations came.
};

/// Errors: malformed (a category or picture id twice, an object of no known category, a box or
/// area that is no finite number), too_large (more than 2^31 objects).
[[nodiscard]] Result<GroundTruth> ground_truth(const data::DataSet& set);

/// Finds the place of an id in a rising list. Ids that lie close together cost one look.
class IdPlaces {
 public:
  explicit IdPlaces(std::span<const int64_t> ids);
  [[nodiscard]] std::optional<uint32_t> find(int64_t id) const;
  [[nodiscard]] size_t size() const { return ids_.size(); }

 private:
  static constexpr uint32_t kNone = UINT32_MAX;
  std::span<const int64_t> ids_;
  std::vector<uint32_t> table_;  // By id - ids_[0]; empty where the ids lie too far apart.
};

}  // namespace pasu::eval
