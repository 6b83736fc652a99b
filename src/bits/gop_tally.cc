#include "bits/gop_tally.h"

#include <algorithm>

namespace pasu::bits {

bool GopTally::add(const Picture& picture, media::Pts pts) {
  const bool begins = gops_ == 0 || picture.key();
  if (begins) {
    if (gops_ > 0) close_gop();
    gop_ = Gop{.start = pts, .keyed = picture.key(), .closed = picture.key()};
    ++gops_;
  }
  if (picture.needs_previous_gop) gop_.closed = false;
  ++gop_.pictures;
  gop_.bytes += picture.bytes;

  TypeSum& sum = sums_[static_cast<size_t>(picture.type)];
  sum.qp_min = sum.pictures == 0 ? picture.qp : std::min(sum.qp_min, picture.qp);
  sum.qp_max = sum.pictures == 0 ? picture.qp : std::max(sum.qp_max, picture.qp);
  sum.qp_sum += picture.qp;
  sum.bytes += picture.bytes;
  sum.bytes_max = std::max(sum.bytes_max, picture.bytes);
  ++sum.pictures;
  return begins;
}

void GopTally::close_gop() {
  if (gop_.closed) ++closed_before_;
  if (!gop_.keyed) return;
  const auto before = static_cast<double>(lengths_.gops++);
  lengths_.min = before == 0 ? gop_.pictures : std::min(lengths_.min, gop_.pictures);
  lengths_.max = std::max(lengths_.max, gop_.pictures);
  lengths_.mean += (static_cast<double>(gop_.pictures) - lengths_.mean) / (before + 1);
}

size_t GopTally::pictures() const {
  size_t total = 0;
  for (const TypeSum& sum : sums_) total += sum.pictures;
  return total;
}

size_t GopTally::bytes() const {
  size_t total = 0;
  for (const TypeSum& sum : sums_) total += sum.bytes;
  return total;
}

}  // namespace pasu::bits
