#include "train/eval/detail/groups.h"

#include <algorithm>
#include <numeric>

#include "base/assert.h"

namespace pasu::eval::detail {
namespace {

/// A row's place beside its number: rows themselves lie too far apart to be looked at again and
/// again.
struct Placed {
  uint32_t category, picture, row;
};

/// `rows` by rising `key` below `keys`, those of one key in the order they had.
void counting_sort(std::vector<Placed>& rows, std::vector<Placed>& scratch, size_t keys,
                   uint32_t Placed::* key) {
  std::vector<uint32_t> next(keys + 1);
  for (const Placed& row : rows) ++next[row.*key + 1];
  std::partial_sum(next.begin(), next.end(), next.begin());
  scratch.resize(rows.size());
  for (const Placed& row : rows) scratch[next[row.*key]++] = row;
  rows.swap(scratch);
}

template <class Row>
std::vector<Placed> sorted(std::span<const Row> rows, const GroundTruth& truth) {
  std::vector<Placed> out, scratch;
  out.reserve(rows.size());
  for (const Row& row : rows) {
    ASSERT(row.category < truth.categories.size() && row.picture < truth.pictures.size());
    out.push_back({row.category, row.picture, static_cast<uint32_t>(out.size())});
  }
  counting_sort(out, scratch, truth.pictures.size(), &Placed::picture);
  counting_sort(out, scratch, truth.categories.size(), &Placed::category);
  return out;
}

std::vector<uint32_t> rows_of(const std::vector<Placed>& placed) {
  std::vector<uint32_t> out;
  out.reserve(placed.size());
  for (const Placed& one : placed) out.push_back(one.row);
  return out;
}

}  // namespace

Groups group(const GroundTruth& truth, std::span<const Detection> detections) {
  const auto truths = sorted(std::span<const Truth>(truth.truths), truth);
  const auto found = sorted(detections, truth);
  Groups out;
  out.truths = rows_of(truths);
  out.detections = rows_of(found);
  out.category_begin.assign(truth.categories.size() + 1, 0);
  const auto place = [](const std::vector<Placed>& rows, size_t at) {
    if (at == rows.size()) return UINT64_MAX;
    return static_cast<uint64_t>(rows[at].category) << 32 | rows[at].picture;
  };
  uint32_t t = 0, d = 0;
  while (t < truths.size() || d < found.size()) {
    const uint64_t at = std::min(place(truths, t), place(found, d));
    Group one{.category = static_cast<uint32_t>(at >> 32),
              .picture = static_cast<uint32_t>(at),
              .truth_begin = t,
              .truth_end = t,
              .detection_begin = d,
              .detection_end = d};
    while (place(truths, t) == at) ++t;
    while (place(found, d) == at) ++d;
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
