#include "train/eval/coco.h"

#include <algorithm>
#include <bit>
#include <functional>
#include <numeric>

#include "base/assert.h"
#include "train/eval/detail/curve.h"
#include "train/eval/detail/groups.h"
#include "train/eval/detail/match.h"
#include "train/eval/detail/parallel.h"
#include "train/eval/detail/ranges.h"

namespace pasu::eval {
namespace {

using detail::Group;
using detail::kAreas;
using detail::kBits;
using detail::kHeightBit;
using detail::kThresholds;

constexpr size_t kStockMaxDets = 100;  // At which pycocotools gives its first number.

/// Pieces of about so many detections are matched by one thread at a time.
constexpr size_t kPieceDetections = 4096;

std::vector<std::pair<size_t, size_t>> pieces(std::span<const Group> groups) {
  std::vector<std::pair<size_t, size_t>> out;
  size_t begin = 0;
  for (size_t i = 0; i < groups.size(); ++i) {
    if (groups[i].detection_end - groups[begin].detection_begin < kPieceDetections) continue;
    out.emplace_back(begin, i + 1);
    begin = i + 1;
  }
  if (begin < groups.size()) out.emplace_back(begin, groups.size());
  return out;
}

double at(CocoNumbers& numbers, CocoNumber which) { return numbers[static_cast<size_t>(which)]; }

class Evaluation {
 public:
  Evaluation(const GroundTruth& truth, std::span<const Detection> detections,
             const CocoOptions& options)
      : truth_(truth), detections_(detections), options_(options) {
    ASSERT(options.max_dets[0] > 0 && std::ranges::is_sorted(options.max_dets));
  }

  CocoResult run();

 private:
  class Accumulator;

  void match(size_t threads) {
    matches_.resize(detections_.size());
    const auto work = pieces(groups_.groups);
    detail::parallel(work.size(), threads, [&] {
      return [&, matcher = detail::Matcher(truth_, detections_, groups_, kept_max(), matches_)](
                 size_t piece) mutable {
        for (size_t i = work[piece].first; i < work[piece].second; ++i)
          matcher.match(groups_.groups[i]);
      };
    });
    largest_first_.resize(truth_.categories.size());
    std::iota(largest_first_.begin(), largest_first_.end(), size_t{0});
    std::ranges::stable_sort(largest_first_, std::greater<>(), [&](size_t category) {
      const auto its = groups_of(category);
      return its.empty() ? 0 : its.back().detection_end - its.front().detection_begin;
    });
  }

  [[nodiscard]] size_t kept_max() const { return static_cast<size_t>(options_.max_dets[2]); }
  [[nodiscard]] std::span<const Group> groups_of(size_t category) const {
    const auto& begin = groups_.category_begin;
    return std::span(groups_.groups)
        .subspan(begin[category], begin[category + 1] - begin[category]);
  }

  /// The mean of what there is; -1 where there is nothing.
  static void average(CocoResult& result) {
    const auto mean = [&](auto&& value) {
      double sum = 0;
      size_t n = 0;
      for (const CocoClass& one : result.classes)
        if (value(one) > -1) {
          sum += value(one);
          ++n;
        }
      return n > 0 ? sum / static_cast<double>(n) : -1;
    };
    for (size_t i = 0; i < result.numbers.size(); ++i)
      result.numbers[i] = mean([&](const CocoClass& one) { return one.numbers[i]; });
    result.ap_at_max_dets = mean([](const CocoClass& one) { return one.ap_at_max_dets; });
  }

  const GroundTruth& truth_;
  std::span<const Detection> detections_;
  const CocoOptions& options_;
  detail::Groups groups_;
  detail::Matches matches_;
  std::vector<size_t> largest_first_;  // Categories by falling number of detections.
};

/// The numbers of one category after another; one for each thread.
class Evaluation::Accumulator {
 public:
  explicit Accumulator(const Evaluation& evaluation) : evaluation_(evaluation) {}

  void run(size_t category, CocoClass& out) {
    const auto groups = evaluation_.groups_of(category);
    out.numbers.fill(-1);
    count_truths(groups, out);
    rank(groups, evaluation_.kept_max());
    curves_.load(ranked_);
    const auto set = [&](CocoNumber which, double value) {
      out.numbers[static_cast<size_t>(which)] = value;
    };
    precision(out, set);
    if (truths_[0] > 0) {
      set(CocoNumber::ar_1, recall(groups, 0));
      set(CocoNumber::ar_10, recall(groups, 1));
    }
    out.all = curves_.working_points(0, truths_[0]);
    for (size_t h = 0; h < kHeightCount; ++h)
      out.by_height[h] = curves_.working_points(kHeightBit + h, truths_[kHeightBit + h]);
    stock_precision(groups, out, set);
  }

 private:
  void count_truths(std::span<const Group> groups, CocoClass& out) {
    truths_.fill(0);
    for (const Group& group : groups) {
      out.detections += group.detection_end - group.detection_begin;
      out.truths += group.truth_end - group.truth_begin;
      for (uint32_t at = group.truth_begin; at < group.truth_end; ++at) {
        const Truth& truth = evaluation_.truth_.truths[evaluation_.groups_.truths[at]];
        out.crowds += truth.crowd ? 1 : 0;
        if (truth.crowd) continue;
        const uint64_t bits = detail::ranges_of(truth.area, truth.box.h);
        for (uint64_t rest = bits; rest != 0; rest &= rest - 1)
          ++truths_[static_cast<size_t>(std::countr_zero(rest))];
      }
    }
  }

  /// The best `kept` of each picture, all by falling score.
  void rank(std::span<const Group> groups, size_t kept) {
    const auto& matches = evaluation_.matches_;
    order_.clear();
    for (const Group& group : groups) {
      const auto end = static_cast<uint32_t>(
          std::min<size_t>(group.detection_end, group.detection_begin + kept));
      for (uint32_t at = group.detection_begin; at < end; ++at)
        order_.push_back({detail::score_key(matches[at].score), at});
    }
    detail::sort_stable(order_, scratch_);
    ranked_.clear();
    for (const auto& [key, at] : order_) {
      ranked_.score.push_back(matches[at].score);
      ranked_.found.push_back(matches[at].found);
      ranked_.ignored.push_back(matches[at].ignored);
    }
  }

  template <class Set>
  void precision(CocoClass& out, Set&& set) {
    constexpr std::array kPrecision = {CocoNumber::ap, CocoNumber::ap_s, CocoNumber::ap_m,
                                       CocoNumber::ap_l};
    constexpr std::array kRecall = {CocoNumber::ar_100, CocoNumber::ar_s, CocoNumber::ar_m,
                                    CocoNumber::ar_l};
    for (size_t a = 0; a < kAreas; ++a) {
      const size_t truths = truths_[a * kThresholds];
      if (truths == 0) continue;
      double ap = 0, ar = 0;
      for (size_t t = 0; t < kThresholds; ++t) {
        const auto area = curves_.area(a * kThresholds + t, truths);
        ap += area.precision;
        ar += area.recall;
        if (a == 0 && t == 0) set(CocoNumber::ap50, area.precision);
        if (a == 0 && t == 5) set(CocoNumber::ap75, area.precision);
      }
      set(kPrecision[a], ap / kThresholds);
      set(kRecall[a], ar / kThresholds);
    }
    out.ap_at_max_dets = at(out.numbers, CocoNumber::ap);
  }

  /// The part that the best max_dets[which] of each picture find, over all thresholds.
  [[nodiscard]] double recall(std::span<const Group> groups, size_t which) const {
    const auto kept = static_cast<size_t>(evaluation_.options_.max_dets[which]);
    const auto& matches = evaluation_.matches_;
    size_t found = 0;
    for (const Group& group : groups) {
      const size_t end = std::min<size_t>(
          group.detection_end, group.detection_begin + std::min(kept, evaluation_.kept_max()));
      for (size_t at = group.detection_begin; at < end; ++at)
        found += static_cast<size_t>(
            std::popcount(matches[at].found & ~matches[at].ignored & detail::kAllThresholds));
    }
    return static_cast<double>(found) / static_cast<double>(truths_[0]) / kThresholds;
  }

  /// pycocotools' first number is at 100 detections, whatever max_dets ends with. Replaces curves_.
  template <class Set>
  void stock_precision(std::span<const Group> groups, const CocoClass& out, Set&& set) {
    if (evaluation_.kept_max() == kStockMaxDets || out.ap_at_max_dets < 0) return;
    if (std::ranges::count(evaluation_.options_.max_dets, static_cast<int>(kStockMaxDets)) == 0)
      return set(CocoNumber::ap, -1);
    rank(groups, kStockMaxDets);
    curves_.load(ranked_);
    double ap = 0;
    for (size_t t = 0; t < kThresholds; ++t) ap += curves_.area(t, truths_[0]).precision;
    set(CocoNumber::ap, ap / kThresholds);
  }

  const Evaluation& evaluation_;
  std::array<size_t, kBits> truths_{};  // That count, for each bit.
  std::vector<detail::Scored> order_, scratch_;
  detail::Ranked ranked_;
  detail::Curves curves_;
};

CocoResult Evaluation::run() {
  const size_t threads = detail::thread_count(options_.threads);
  groups_ = detail::group(truth_, detections_);
  match(threads);
  CocoResult result;
  result.classes.resize(truth_.categories.size());
  detail::parallel(result.classes.size(), threads, [&] {
    return [&, accumulate = Accumulator(*this)](size_t i) mutable {
      accumulate.run(largest_first_[i], result.classes[largest_first_[i]]);
    };
  });
  average(result);
  return result;
}

}  // namespace

CocoResult evaluate_coco(const GroundTruth& truth, std::span<const Detection> detections,
                         const CocoOptions& options) {
  return Evaluation(truth, detections, options).run();
}

}  // namespace pasu::eval
