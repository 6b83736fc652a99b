#include <algorithm>
#include <array>

#include "bits/detail/h265_pps.h"
#include "bits/detail/h265_slice.h"
#include "bits/detail/unit_reader.h"
#include "bits/h265_sps.h"
#include "bits/nal.h"

namespace pasu::bits {
namespace {

// nal_unit_type 0 to 9 and 16 to 21: the coded slice segments (Table 7-1); the rest to 31 is
// reserved.
bool is_slice(H265Nal type) { return int(type) <= 9 || (int(type) >= 16 && int(type) <= 21); }

// Sub-layer non-reference pictures have the even types below 16 (Table 7-1).
bool is_reference(H265Nal type) { return int(type) >= 16 || int(type) % 2 == 1; }

class H265Reader final : public UnitReader {
 public:
  Result<void> take(ByteView nal) override;
  std::optional<Picture> finish() override { return std::exchange(picture_, std::nullopt); }
  [[nodiscard]] const SequenceInfo* sequence() const override {
    return sequence_ ? &*sequence_ : nullptr;
  }

 private:
  Result<void> take_slice(ByteView nal);

  std::array<std::optional<H265Sps>, H265Sps::kIdMax + 1> sps_;
  std::array<std::optional<H265Pps>, H265Pps::kIdMax + 1> pps_;
  std::optional<SequenceInfo> sequence_;
  std::optional<Picture> picture_;
};

Result<void> H265Reader::take(ByteView nal) {
  if (nal.size() < 2) return fail(Errc::truncated, "a NAL unit of 1 byte, shorter than its header");
  if (h265_layer(nal) != 0) return {};  // Another view or a finer picture: not the plain one.
  const H265Nal type = h265_type(nal);
  if (is_slice(type)) return take_slice(nal);
  if (type == H265Nal::sps) {
    H265Sps sps = TRY(parse_h265_sps(nal));
    const uint32_t id = sps.id;
    sps_[id] = std::move(sps);
  } else if (type == H265Nal::pps) {
    const H265Pps pps = TRY(parse_h265_pps(nal));
    pps_[pps.id] = pps;
  }
  return {};
}

Result<void> H265Reader::take_slice(ByteView nal) {
  const uint32_t pps_id = TRY(parse_h265_slice_pps_id(nal));
  const auto& pps = pps_[pps_id];
  if (!pps) {
    return fail(Errc::malformed, "slice header: refers to PPS {}, which has not come", pps_id);
  }
  const auto& sps = sps_[pps->sps_id];
  if (!sps) {
    return fail(Errc::malformed, "slice header: PPS {} refers to SPS {}, which has not come",
                pps_id, pps->sps_id);
  }
  const H265Slice slice = TRY(parse_h265_slice(nal, *sps, *pps));
  if (slice.dependent) return {};
  if (picture_) {
    if (picture_->type != PictureType::idr) {
      picture_->type = std::max(picture_->type, slice.type);
    }
    return {};
  }
  const H265Nal type = h265_type(nal);
  sequence_ = sps->info;
  picture_ = Picture{.type = slice.type,
                     .qp = slice.qp,
                     .frame_num = slice.poc_lsb,
                     .reference = is_reference(type),
                     .recovery_point = is_irap(type) && !is_idr(type),
                     .needs_previous_gop = type == H265Nal::rasl_n || type == H265Nal::rasl_r};
  return {};
}

}  // namespace

std::unique_ptr<UnitReader> make_h265_reader() { return std::make_unique<H265Reader>(); }

}  // namespace pasu::bits
