#include <algorithm>
#include <array>
#include <limits>

#include "bits/detail/h264_order.h"
#include "bits/detail/h264_pps.h"
#include "bits/detail/h264_slice.h"
#include "bits/detail/sei.h"
#include "bits/detail/unit_reader.h"
#include "bits/h264_sps.h"
#include "bits/nal.h"

namespace pasu::bits {
namespace {

constexpr int64_t kNoKey = std::numeric_limits<int64_t>::min();

class H264Reader final : public UnitReader {
 public:
  Result<void> take(ByteView nal) override;
  std::optional<Picture> finish() override;
  [[nodiscard]] const SequenceInfo* sequence() const override {
    return sequence_ ? &*sequence_ : nullptr;
  }

 private:
  Result<void> take_slice(ByteView nal);
  void begin_picture(const H264Slice& slice, const H264Sps& sps);

  std::array<std::optional<H264Sps>, H264Sps::kIdMax + 1> sps_;
  std::array<std::optional<H264Pps>, H264Pps::kIdMax + 1> pps_;
  std::optional<SequenceInfo> sequence_;
  H264Order order_;
  int64_t key_order_ = kNoKey;  // Of the last key picture, while orders compare with it.

  // Of the access unit at hand.
  std::optional<Picture> picture_;
  H264Slice first_;  // Its first slice.
  int64_t picture_order_ = 0;
  bool recovery_point_ = false;
  bool both_fields_ = false;

  std::optional<H264Slice> open_field_;  // A first field that still waits for its second.
};

Result<void> H264Reader::take(ByteView nal) {
  switch (h264_type(nal)) {
    case H264Nal::sps: {
      H264Sps sps = TRY(parse_h264_sps(nal));
      sps_[sps.id] = std::move(sps);
      return {};
    }
    case H264Nal::pps: {
      const H264Pps pps = TRY(parse_h264_pps(nal));
      pps_[pps.id] = pps;
      return {};
    }
    case H264Nal::sei:
      if (TRY(has_recovery_point(nal, 1))) recovery_point_ = true;
      return {};
    case H264Nal::slice:
    case H264Nal::partition_a:
    case H264Nal::idr_slice:
      return take_slice(nal);
    default:
      return {};
  }
}

Result<void> H264Reader::take_slice(ByteView nal) {
  const H264SliceStart start = TRY(parse_h264_slice_start(nal));
  const auto& pps = pps_[start.pps_id];
  if (!pps) {
    return fail(Errc::malformed, "slice header: refers to PPS {}, which has not come",
                start.pps_id);
  }
  const auto& sps = sps_[pps->sps_id];
  if (!sps) {
    return fail(Errc::malformed, "slice header: PPS {} refers to SPS {}, which has not come",
                start.pps_id, pps->sps_id);
  }
  const H264Slice slice = TRY(parse_h264_slice(nal, *sps, *pps));
  if (slice.redundant) return {};
  if (!picture_) {
    begin_picture(slice, *sps);
  } else if (slice.field && first_.field && slice.bottom_field != first_.bottom_field) {
    if (!both_fields_) order_.next(*sps, slice);
    both_fields_ = true;  // The first field speaks for the frame.
  } else if (picture_->type != PictureType::idr) {
    picture_->type = std::max(picture_->type, slice.type);
  }
  return {};
}

void H264Reader::begin_picture(const H264Slice& slice, const H264Sps& sps) {
  first_ = slice;
  sequence_ = sps.info;
  picture_order_ = order_.next(sps, slice);
  picture_ = Picture{.type = slice.type,
                     .qp = slice.qp,
                     .frame_num = slice.frame_num,
                     .reference = slice.reference,
                     .order = picture_order_,
                     .restarts_order = slice.type == PictureType::idr || slice.resets_order};
  // A complementary field pair (3.30): fields of opposite parity, one frame_num.
  picture_->second_field =
      slice.field && open_field_ && slice.bottom_field != open_field_->bottom_field &&
      slice.frame_num == open_field_->frame_num &&
      (slice.type != PictureType::idr || open_field_->type == PictureType::idr);
}

std::optional<Picture> H264Reader::finish() {
  std::optional<Picture> picture = picture_;
  open_field_.reset();
  if (picture) {
    picture->recovery_point = recovery_point_ && picture->type == PictureType::i;
    if (picture->key() && !picture->second_field) {
      key_order_ = first_.resets_order ? 0 : picture_order_;
    } else if (first_.resets_order) {
      key_order_ = kNoKey;
    } else {
      picture->needs_previous_gop = picture_order_ < key_order_;
    }
    if (first_.field && !both_fields_ && !picture->second_field) open_field_ = first_;
  }
  picture_.reset();
  recovery_point_ = false;
  both_fields_ = false;
  return picture;
}

}  // namespace

std::unique_ptr<UnitReader> make_h264_reader() { return std::make_unique<H264Reader>(); }

}  // namespace pasu::bits
