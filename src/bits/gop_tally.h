// Pictures into groups (GOPs), and the sums people ask about.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "bits/gop.h"
#include "media/pts.h"

namespace pasu::bits {

/// The pictures from one key picture to before the next, in decoding order.
struct Gop {
  media::Pts start{0};  ///< pts of the first picture.
  bool keyed = false;   ///< Begins with a key picture; only a stream's first group may not.
  /// Decodes without the group before: it is keyed and no picture so far needs the previous GOP.
  bool closed = false;
  size_t pictures = 0;
  size_t bytes = 0;
};

/// Sums over all pictures of one type.
struct TypeSum {
  size_t pictures = 0;
  size_t bytes = 0;
  size_t bytes_max = 0;
  int qp_min = 0, qp_max = 0;
  int64_t qp_sum = 0;
};

/// Groups the pictures of one stream and counts. Holds no pictures: an hours-long stream costs what
/// a short one does.
class GopTally {
 public:
  /// The next picture in decoding order; true where it begins a group. A frame of two fields counts
  /// once: add the second field's bytes to the first's picture before this call.
  bool add(const Picture& picture, media::Pts pts);

  /// The group of the last picture.
  [[nodiscard]] const Gop& gop() const { return gop_; }
  [[nodiscard]] size_t gops() const { return gops_; }
  [[nodiscard]] size_t closed_gops() const { return closed_before_ + (gop_.closed ? 1 : 0); }
  [[nodiscard]] size_t pictures() const;
  [[nodiscard]] size_t bytes() const;
  [[nodiscard]] const TypeSum& sum(PictureType type) const {
    return sums_[static_cast<size_t>(type)];
  }

  /// Pictures in a group, over the groups that were seen from their key picture to the next.
  struct Lengths {
    size_t gops = 0;  ///< 0: none was seen whole, and the rest is 0.
    size_t min = 0, max = 0;
    double mean = 0;
  };
  [[nodiscard]] const Lengths& lengths() const { return lengths_; }

 private:
  void close_gop();

  Gop gop_;
  size_t gops_ = 0;
  size_t closed_before_ = 0;
  Lengths lengths_;
  std::array<TypeSum, 4> sums_{};
};

}  // namespace pasu::bits
