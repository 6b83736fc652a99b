// What a data set is made of: counts, sizes, shapes and places of boxes, by class.
#pragma once

#include <array>
#include <map>
#include <string>
#include <vector>

#include "train/data/source.h"

namespace pasu::data {

/// Counts by bins whose edges are a geometric row: bin i is [first * step^i, first * step^(i+1)),
/// the first and last open outwards.
class LogHistogram {
 public:
  LogHistogram(double first, double step, size_t bins)
      : first_(first), step_(step), counts_(bins) {}
  void add(double value);
  [[nodiscard]] const std::vector<uint64_t>& counts() const { return counts_; }
  /// The lower edge of bin i, and of one past the last.
  [[nodiscard]] double edge(size_t i) const;

 private:
  double first_, step_;
  std::vector<uint64_t> counts_;
};

struct SplitStats {
  std::string name;
  uint64_t pictures = 0, empty_pictures = 0, objects = 0;
};

struct ClassStats {
  int64_t id = 0;
  std::string name;
  uint64_t objects = 0, pictures = 0;
  uint64_t crowd = 0, difficult = 0, truncated = 0, occluded = 0;
  LogHistogram heights{4, 1.4142135623730951, 18};      ///< Pixels: 4 to 2048.
  LogHistogram aspects{0.125, 1.4142135623730951, 12};  ///< Width to height: 1:8 to 8:1.
};

struct DataStats {
  std::vector<SplitStats> splits;
  std::vector<ClassStats> classes;  ///< By objects, most first.
  uint64_t pictures = 0, empty_pictures = 0, objects = 0;
  uint64_t small = 0, medium = 0, large = 0;  ///< By COCO's areas: to 32^2, to 96^2, above.
  std::map<std::pair<int, int>, uint64_t> picture_sizes;  ///< Width and height.
  /// Pictures by how many boxes are in them: 0, 1, 2, 3, 4, 5-8, 9-16, 17-32, 33-64, more.
  std::array<uint64_t, 10> boxes_in_picture{};
  LogHistogram sides{4, 1.4142135623730951, 18};  ///< Square root of the area, pixels.
  LogHistogram heights{4, 1.4142135623730951, 18};
  LogHistogram aspects{0.125, 1.4142135623730951, 12};
  LogHistogram shares{0.001953125, 1.4142135623730951, 18};  ///< Side to the picture's: 1/512 to 1.
  static constexpr size_t kGrid = 24;
  /// Centres of boxes, as shares of the picture: rows from the top.
  std::array<std::array<uint64_t, kGrid>, kGrid> centres{};
  /// 5th, 25th, 50th, 75th and 95th percentile; zeros without boxes.
  std::array<double, 5> width_percentiles{}, height_percentiles{};
  uint64_t most_boxes = 0;
  std::string most_boxes_picture;
};

/// Boxes without width or height are counted, but have no size.
[[nodiscard]] DataStats stats_of(const std::vector<Split>& splits);

/// For a terminal.
[[nodiscard]] std::string stats_text(const DataStats& stats);
/// One HTML file that needs no other: inline SVG, dark and light.
[[nodiscard]] std::string stats_html(const DataStats& stats, const std::string& title);

}  // namespace pasu::data
