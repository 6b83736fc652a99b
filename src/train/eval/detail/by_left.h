// Boxes by their left edges: in a picture of very many only those nearby are looked at.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

namespace pasu::eval::detail {

class ByLeft {
 public:
  void clear() {
    boxes_.clear();
    widest_ = 0;
  }
  /// Boxes are numbered as they are added.
  void add(double left, double right) {
    boxes_.push_back({left, static_cast<uint32_t>(boxes_.size())});
    widest_ = std::max(widest_, right - left);
  }
  /// After the last add().
  void sort() {
    if (boxes_.size() > kFewMax) std::ranges::sort(boxes_, {}, &Box::left);
  }

  /// Calls `look` with the numbers, in no order, of at least all boxes that come within a pixel of
  /// [left, right].
  template <class F>
  void near(double left, double right, F&& look) const {
    auto begin = boxes_.begin(), end = boxes_.end();
    if (boxes_.size() > kFewMax) {
      // What rounding may have taken, and the pixel.
      const double slack = 2 + 1e-9 * (std::abs(left) + std::abs(right) + widest_);
      begin = std::ranges::lower_bound(boxes_, left - widest_ - slack, {}, &Box::left);
      end = std::ranges::upper_bound(boxes_, right + slack, {}, &Box::left);
    }
    for (; begin < end; ++begin) look(begin->number);
  }

 private:
  static constexpr size_t kFewMax = 24;  // So few are looked at sooner than sorted.
  struct Box {
    double left;
    uint32_t number;
  };
  std::vector<Box> boxes_;
  double widest_ = 0;
};

}  // namespace pasu::eval::detail
