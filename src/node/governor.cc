#include "node/governor.h"

#include <algorithm>
#include <numeric>

namespace pasu::node {
namespace {

constexpr uint64_t kToldMin = 10;  // Fewer frames of a second say nothing.
// Parts of a second's frames that are late.
constexpr double kTooMany = 0.05, kFarTooMany = 0.3, kFew = 0.02;
constexpr int kHardTicks = 3, kEasyTicks = 5;

}  // namespace

void Governor::tick() {
  count_newcomers();
  const uint64_t told = told_.exchange(0), late = late_.exchange(0);
  if (told < kToldMin) {
    // Nobody is awake to be late.
    if (late == 0) allow_more();
    return;
  }
  const double part = static_cast<double>(late) / static_cast<double>(told);
  if (part > kTooMany)
    ask_for_less(part);
  else if (part < kFew)
    allow_more();
  else
    hard_ = easy_ = 0;
}

void Governor::count_newcomers() {
  newcomers_[second_] = came_.exchange(0);
  second_ = (second_ + 1) % newcomers_.size();
  came_before_ = std::accumulate(newcomers_.begin(), newcomers_.end(), 0U);
  crowded_ = came_before_ > kCrowd;
}

void Governor::ask_for_less(double late) {
  easy_ = 0;
  const double share = share_;
  if (share > kShareMin) {
    share_ = std::max(kShareMin, share * (late > kFarTooMany ? 0.6 : 0.85));
    return;
  }
  if (late < kFarTooMany || ++hard_ < kHardTicks) return;
  hard_ = 0;
  thrift_ = thrift_ == gate::Thrift::none ? gate::Thrift::nobody : gate::Thrift::all;
}

void Governor::allow_more() {
  hard_ = 0;
  if (thrift_ != gate::Thrift::none) {
    if (++easy_ < kEasyTicks) return;
    easy_ = 0;
    thrift_ = thrift_ == gate::Thrift::all ? gate::Thrift::nobody : gate::Thrift::none;
    return;
  }
  share_ = std::min(1.0, share_ + 0.08);
}

}  // namespace pasu::node
