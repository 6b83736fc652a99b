#include "train/eval/detail/by_score.h"

#include <algorithm>
#include <array>
#include <bit>
#include <utility>

namespace pasu::eval::detail {
namespace {

constexpr int kDigitBits = 11;
constexpr int kDigits = 6;  // 66 bits.
constexpr size_t kRadix = size_t{1} << kDigitBits;
constexpr size_t kFewMax = 24;
constexpr size_t kRadixMin = 1024;  // Below, clearing the counters is what costs.

void insertion_sort(std::vector<Scored>& rows) {
  for (size_t i = 1; i < rows.size(); ++i) {
    const Scored one = rows[i];
    size_t at = i;
    for (; at > 0 && one.key < rows[at - 1].key; --at) rows[at] = rows[at - 1];
    rows[at] = one;
  }
}

void merge_sort(std::vector<Scored>& rows, std::vector<Scored>& scratch) {
  scratch.resize(rows.size());
  const auto lower = [](const Scored& a, const Scored& b) { return a.key < b.key; };
  for (size_t run = 1; run < rows.size(); run *= 2) {
    for (size_t at = 0; at < rows.size(); at += 2 * run) {
      Scored* const begin = rows.data() + at;
      Scored* const middle = rows.data() + std::min(at + run, rows.size());
      Scored* const end = rows.data() + std::min(at + 2 * run, rows.size());
      std::merge(begin, middle, middle, end, scratch.data() + at, lower);
    }
    rows.swap(scratch);
  }
}

void radix_sort(std::vector<Scored>& rows, std::vector<Scored>& scratch) {
  std::vector<std::array<uint32_t, kRadix>> counts(kDigits);
  for (const Scored& row : rows)
    for (int digit = 0; digit < kDigits; ++digit)
      ++counts[static_cast<size_t>(digit)][row.key >> (digit * kDigitBits) & (kRadix - 1)];
  scratch.resize(rows.size());
  for (int digit = 0; digit < kDigits; ++digit) {
    auto& next = counts[static_cast<size_t>(digit)];
    const int shift = digit * kDigitBits;
    if (next[rows[0].key >> shift & (kRadix - 1)] == rows.size()) continue;  // All the same.
    uint32_t sum = 0;
    for (uint32_t& n : next) n = std::exchange(sum, sum + n);
    for (const Scored& row : rows) scratch[next[row.key >> shift & (kRadix - 1)]++] = row;
    rows.swap(scratch);
  }
}

}  // namespace

uint64_t score_key(double score) {
  const auto bits = std::bit_cast<uint64_t>(score + 0.0);  // -0 becomes 0.
  constexpr uint64_t kSign = uint64_t{1} << 63;
  return (bits & kSign) != 0 ? bits : ~(bits | kSign);
}

void sort_stable(std::vector<Scored>& rows, std::vector<Scored>& scratch) {
  if (rows.size() <= kFewMax) return insertion_sort(rows);
  if (rows.size() < kRadixMin) return merge_sort(rows, scratch);
  radix_sort(rows, scratch);
}

}  // namespace pasu::eval::detail
