// H.265 out of RTP (RFC 7798 4.4).
#include <charconv>

#include "wire/rtp/detail/depacketizers.h"
#include "wire/rtp/detail/nal_depacketizer.h"
#include "wire/rtp/detail/numbers.h"

namespace pasu::rtp {
namespace {

// Payload types beyond the NAL unit types (4.4).
constexpr int kAggregate = 48, kFragment = 49, kPaci = 50;

class H265Depacketizer final : public NalDepacketizer {
 public:
  H265Depacketizer(media::StreamInfo info, int clock_rate, ParameterSets sets, bool has_don)
      : NalDepacketizer(std::move(info), clock_rate, std::move(sets)), has_don_(has_don) {}

 private:
  Result<void> unpack(ByteView payload) override;
  Result<void> unpack_single(ByteView payload);
  Result<void> unpack_aggregate(ByteView payload);
  Result<void> unpack_fragment(ByteView payload);
  Result<void> unpack_paci(ByteView payload);

  bool has_don_;  // sprop-max-don-diff is over 0.
};

Result<void> H265Depacketizer::unpack(ByteView payload) {
  if (payload.size() < 3) {
    return fail(Errc::truncated, "H.265 RTP: a payload of {} bytes", payload.size());
  }
  const int type = payload[0] >> 1 & 0x3f;
  if (type < kAggregate) return unpack_single(payload);
  switch (type) {
    case kAggregate:
      return unpack_aggregate(payload);
    case kFragment:
      return unpack_fragment(payload);
    case kPaci:
      return unpack_paci(payload);
    default:
      return fail(Errc::unsupported, "H.265 RTP: payload type {} is not defined", type);
  }
}

// 4.4.1: the DONL stands between header and payload of the unit.
Result<void> H265Depacketizer::unpack_single(ByteView payload) {
  if (!has_don_) return add_unit(payload);
  if (payload.size() < 5) return fail(Errc::truncated, "H.265 RTP: a unit that ends in its DONL");
  std::vector<uint8_t> unit(payload.begin(), payload.begin() + 2);
  put(unit, payload.subspan(4));
  return add_unit(unit);
}

// 4.4.2: a DONL before the first size, a DOND before the others.
Result<void> H265Depacketizer::unpack_aggregate(ByteView payload) {
  ByteView rest = payload.subspan(2);
  for (bool first = true; !rest.empty(); first = false) {
    const size_t don = !has_don_ ? 0 : first ? 2 : 1;
    if (rest.size() < don + 2) {
      return fail(Errc::truncated, "H.265 RTP: AP with {} bytes left for a size", rest.size());
    }
    const size_t size = get16(rest, don);
    rest = rest.subspan(don + 2);
    if (size > rest.size()) {
      return fail(Errc::truncated, "H.265 RTP: a unit of {} bytes in an AP with {} left", size,
                  rest.size());
    }
    if (size == 0) continue;
    if (size < 2) return fail(Errc::malformed, "H.265 RTP: a unit of one byte in an AP");
    const int type = rest[0] >> 1 & 0x3f;
    if (type >= kAggregate) {
      return fail(Errc::malformed, "H.265 RTP: payload type {} within an AP", type);
    }
    TRY(add_unit(rest.first(size)));
    rest = rest.subspan(size);
  }
  return {};
}

// 4.4.3: a DONL in the first fragment.
Result<void> H265Depacketizer::unpack_fragment(ByteView payload) {
  const bool start = (payload[2] & 0x80) != 0, end = (payload[2] & 0x40) != 0;
  ByteView part = payload.subspan(3);
  if (start) {
    const uint8_t header[] = {static_cast<uint8_t>((payload[0] & 0x81) | (payload[2] & 0x3f) << 1),
                              payload[1]};
    if (has_don_) {
      if (part.size() < 2) return fail(Errc::truncated, "H.265 RTP: an FU that ends in its DONL");
      part = part.subspan(2);
    }
    TRY(begin_fragments(header));
  }
  TRY(add_fragment(part));
  if (end) return end_fragments();
  return {};
}

// 4.4.4: the payload header of the packet within is made of cType and A; control bytes are skipped.
Result<void> H265Depacketizer::unpack_paci(ByteView payload) {
  if (payload.size() < 4) return fail(Errc::truncated, "H.265 RTP: PACI without its header");
  const uint32_t fields = get16(payload, 2);
  const uint32_t type = fields >> 9 & 0x3f;
  const size_t extension = fields >> 4 & 0x1f;
  if (payload.size() - 4 < extension) {
    return fail(Errc::truncated, "H.265 RTP: PACI with {} control bytes and {} left", extension,
                payload.size() - 4);
  }
  if (type == kPaci) return fail(Errc::malformed, "H.265 RTP: PACI within PACI");
  std::vector<uint8_t> inner{
      static_cast<uint8_t>((fields >> 8 & 0x80) | type << 1 | (payload[0] & 1)), payload[1]};
  put(inner, payload.subspan(4 + extension));
  return unpack(inner);
}

}  // namespace

DepacketizerResult make_h265_depacketizer(const PayloadFormat& format, int stream_index) {
  media::StreamInfo info;
  info.index = stream_index;
  info.kind = media::MediaKind::video;
  info.codec = media::Codec::h265;
  info.codec_name = media::to_string(info.codec);
  ParameterSets sets(info.codec);
  for (const char* name : {"sprop-vps", "sprop-sps", "sprop-pps"}) {  // 7.1
    add_sprop(fmtp_value(format, name), sets);
  }
  if (sets.complete()) (void)sets.describe(info);
  const std::string_view don = fmtp_value(format, "sprop-max-don-diff");
  int don_max = 0;
  std::from_chars(don.data(), don.data() + don.size(), don_max);
  return std::make_unique<H265Depacketizer>(std::move(info), format.clock_rate, std::move(sets),
                                            don_max > 0);
}

}  // namespace pasu::rtp
