#include "train/eval/detail/curve.h"

#include <algorithm>
#include <array>
#include <bit>

#include "train/eval/detail/ranges.h"

namespace pasu::eval::detail {
namespace {

constexpr size_t kBlock = 64;
constexpr double kSpacing = 2.220446049250313e-16;  // numpy.spacing(1): pycocotools divides safely.
constexpr int kSamples = 101;

// Bit j of row i becomes bit i of row j: squares of 32, 16, ... 1 change places.
void transpose(std::array<uint64_t, kBlock>& rows) {
  uint64_t mask = 0x00000000FFFFFFFFull;
  for (size_t step = 32; step != 0; step /= 2, mask ^= mask << step)
    for (size_t i = 0; i < kBlock; i = (i + step + 1) & ~step) {
      const uint64_t moved = (rows[i] >> step ^ rows[i + step]) & mask;
      rows[i] ^= moved << step;
      rows[i + step] ^= moved;
    }
}

}  // namespace

void Ranked::clear() {
  score.clear();
  found.clear();
  ignored.clear();
}

void Curves::load(const Ranked& ranked) {
  ranked_ = &ranked;
  const size_t n = ranked.found.size();
  blocks_ = (n + kBlock - 1) / kBlock;
  found_.assign(kBits * blocks_, 0);
  counted_.assign(kBits * blocks_, 0);
  std::array<uint64_t, kBlock> found, counted;
  for (size_t block = 0; block < blocks_; ++block) {
    for (size_t i = 0; i < kBlock; ++i) {
      const size_t at = block * kBlock + i;
      counted[i] = at < n ? ~ranked.ignored[at] : 0;
      found[i] = at < n ? ranked.found[at] & counted[i] : 0;
    }
    transpose(found);
    transpose(counted);
    for (size_t bit = 0; bit < kBits; ++bit) {
      found_[bit * blocks_ + block] = found[bit];
      counted_[bit * blocks_ + block] = counted[bit];
    }
  }
}

Curves::Area Curves::area(size_t bit, size_t truths) {
  // Between two finds precision only falls: the curve is known by its points at the finds.
  precision_.clear();
  size_t before = 0;
  for (size_t block = 0; block < blocks_; ++block) {
    const uint64_t counted = counted_[bit * blocks_ + block];
    for (uint64_t finds = found_[bit * blocks_ + block]; finds != 0; finds &= finds - 1) {
      const uint64_t up_to_here = finds ^ (finds - 1);
      const auto all =
          static_cast<double>(before + static_cast<size_t>(std::popcount(counted & up_to_here)));
      precision_.push_back(static_cast<double>(precision_.size() + 1) / (all + kSpacing));
    }
    before += static_cast<size_t>(std::popcount(counted));
  }
  for (size_t i = precision_.size(); i-- > 1;)
    precision_[i - 1] = std::max(precision_[i - 1], precision_[i]);
  const auto all = static_cast<double>(truths);
  double sum = 0;
  size_t at = 0;
  for (int sample = 0; sample < kSamples; ++sample) {
    const double recall = sample * 0.01;  // numpy.linspace(0, 1, 101)
    while (at < precision_.size() && static_cast<double>(at + 1) / all < recall) ++at;
    if (at == precision_.size()) break;
    sum += precision_[at];
  }
  return {sum / kSamples, static_cast<double>(precision_.size()) / all};
}

WorkingPoints Curves::working_points(size_t bit, size_t truths) const {
  WorkingPoints out;
  out.truths = truths;
  if (truths == 0) return out;
  out.recall = out.precision = 0;
  size_t found = 0, counted = 0;
  const size_t n = ranked_->found.size();
  for (size_t i = 0; i < n; ++i) {
    const uint64_t counts = ~ranked_->ignored[i] >> bit & 1;
    counted += counts;
    found += ranked_->found[i] >> bit & counts;
    if (counted == 0 || (i + 1 < n && ranked_->score[i + 1] == ranked_->score[i])) continue;
    const double precision = static_cast<double>(found) / static_cast<double>(counted);
    const double recall = static_cast<double>(found) / static_cast<double>(truths);
    if (precision >= WorkingPoints::kPrecision && recall > out.recall) {
      out.recall = recall;
      out.recall_score = ranked_->score[i];
    }
    if (recall >= WorkingPoints::kRecall && precision > out.precision) {
      out.precision = precision;
      out.precision_score = ranked_->score[i];
    }
  }
  return out;
}

}  // namespace pasu::eval::detail
