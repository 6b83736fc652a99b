// Short-term reference picture sets of H.265, which parameter sets and slices both carry.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "bits/bit_reader.h"

namespace pasu::bits {

/// st_ref_pic_set() (H.265 7.3.7, 7.4.8): reference pictures as distances in picture order.
struct ShortTermSet {
  static constexpr uint32_t kPicturesMax = 16;  // MaxDpbSize, A.4.2

  struct Reference {
    int32_t delta_poc = 0;
    bool used = false;  ///< By the current picture, not only by later ones.
  };
  /// Negative distances, nearest first, then positive ones, nearest first.
  std::array<Reference, kPicturesMax> references{};
  uint32_t negative = 0, positive = 0;

  [[nodiscard]] uint32_t size() const { return negative + positive; }
  [[nodiscard]] uint32_t used_count() const;
};

/// The set with index `known.size()`, which may be predicted from one of `known`. `in_slice`: it is
/// written in a slice header, so that it may name which one.
ShortTermSet read_short_term_set(BitReader& bits, std::span<const ShortTermSet> known,
                                 bool in_slice);

}  // namespace pasu::bits
