#include "bits/decode_times.h"

#include <algorithm>
#include <bit>

namespace pasu::bits {
namespace {

// Frames are two counts apart where fields could be told apart (H.264 8.2.1).
constexpr int64_t kOrderStep = 2;
// A pyramid of B pictures over this many levels leaves gaps of 15.
constexpr int kLevelsMax = 4;

}  // namespace

DecodeTimes::Times DecodeTimes::next(media::Pts pts, const Picture* picture,
                                     const SequenceInfo* sequence) {
  if (picture != nullptr) learn(*picture, sequence);

  // The n-th picture is decoded when the one `reorder_` places before it, in the order of showing,
  // is shown: no picture that comes later can be shown before that.
  shown_.insert(std::ranges::upper_bound(shown_, pts), pts);
  std::optional<media::Pts> dts;
  const auto depth = static_cast<size_t>(reorder_);
  if (shown_.size() > depth) {
    dts = shown_[shown_.size() - depth - 1];
    shown_.erase(shown_.begin(), shown_.end() - static_cast<std::ptrdiff_t>(depth));
  }
  if (!last_) {
    dts = pts;
  } else if (!dts || *dts <= *last_) {
    dts = std::max(*last_ + media::Pts(1), std::min(*last_ + media::Pts(kStep), pts));
  }
  if (*dts > pts) {
    ++moved_;
    pts = *dts;
  }
  last_ = dts;
  return {pts, *dts};
}

void DecodeTimes::learn(const Picture& picture, const SequenceInfo* sequence) {
  const int said = sequence != nullptr ? sequence->max_reorder : -1;
  if (picture.restarts_order) {
    reorder_ = overtaken_;
    overtaken_ = 0;
    orders_.clear();
  }
  if (said < 0 && !orders_.empty()) {
    const int64_t missing = (picture.order - std::ranges::max(orders_)) / kOrderStep - 1;
    if (missing > 0) {
      const int levels = std::bit_width(static_cast<uint64_t>(missing));
      reorder_ = std::max(reorder_, std::min(levels, kLevelsMax));
    }
  }
  const auto overtaken =
      std::ranges::count_if(orders_, [&](int64_t order) { return order > picture.order; });
  overtaken_ = std::max(overtaken_, static_cast<int>(overtaken));
  reorder_ = std::max({reorder_, said, overtaken_});

  // After operation 5 the picture counts as 0 for those that follow.
  const bool idr = picture.type == PictureType::idr;
  orders_.push_back(picture.restarts_order && !idr ? 0 : picture.order);
  if (orders_.size() > static_cast<size_t>(kReorderMax)) orders_.erase(orders_.begin());
}

}  // namespace pasu::bits
