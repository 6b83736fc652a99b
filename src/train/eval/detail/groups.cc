#include "train/eval/detail/groups.h"

#include <algorithm>
#include <numeric>

#include "base/assert.h"

namespace pasu::eval::detail {
namespace {

/// `rows` by rising key, those of one key in the order they had.
template <class Key>
std::vector<uint32_t> counting_sort(std::span<const uint32_t> rows, size_t keys, Key&& key) {
  std::vector<uint32_t> next(keys + 1);
  for (const uint32_t row : rows) ++next[key(row) + 1];
  std::partial_sum(next.begin(), next.end(), next.begin());
  std::vector<uint32_t> out(rows.size());
  for (const uint32_t row : rows) out[next[key(row)]++] = row;
  return out;
}

template <class Row>
std::vector<uint32_t> by_category_and_picture(std::span<const Row> rows, const GroundTruth& truth) {
  for (const Row& row : rows)
    ASSERT(row.category < truth.categories.size() && row.picture < truth.pictures.size());
  std::vector<uint32_t> order(rows.size());
  std::iota(order.begin(), order.end(), 0u);
  order = counting_sort(order, truth.pictures.size(), [&](uint32_t i) { return rows[i].picture; });
  return counting_sort(order, truth.categories.size(),
                       [&](uint32_t i) { return rows[i].category; });
}

}  // namespace

Groups group(const GroundTruth& truth, std::span<const Detection> detections) {
  const std::span<const Truth> truths = truth.truths;
  Groups out;
  out.truths = by_category_and_picture(truths, truth);
  out.detections = by_category_and_picture(detections, truth);
  out.category_begin.assign(truth.categories.size() + 1, 0);
  const auto place = [](const auto& row) {
    return static_cast<uint64_t>(row.category) << 32 | row.picture;
  };
  uint32_t t = 0, d = 0;
  const auto truths_end = static_cast<uint32_t>(out.truths.size());
  const auto detections_end = static_cast<uint32_t>(out.detections.size());
  while (t < truths_end || d < detections_end) {
    const uint64_t at =
        std::min(t < truths_end ? place(truths[out.truths[t]]) : UINT64_MAX,
                 d < detections_end ? place(detections[out.detections[d]]) : UINT64_MAX);
    Group one{.category = static_cast<uint32_t>(at >> 32),
              .picture = static_cast<uint32_t>(at),
              .truth_begin = t,
              .truth_end = t,
              .detection_begin = d,
              .detection_end = d};
    while (t < truths_end && place(truths[out.truths[t]]) == at) ++t;
    while (d < detections_end && place(detections[out.detections[d]]) == at) ++d;
    one.truth_end = t;
    one.detection_end = d;
    out.groups.push_back(one);
    ++out.category_begin[one.category + 1];
  }
  std::partial_sum(out.category_begin.begin(), out.category_begin.end(),
                   out.category_begin.begin());
  return out;
}

}  // namespace pasu::eval::detail
