// H.264 out of RTP (RFC 6184 5).
#include "wire/rtp/detail/depacketizers.h"
#include "wire/rtp/detail/nal_depacketizer.h"
#include "wire/rtp/detail/numbers.h"

namespace pasu::rtp {
namespace {

// Packet types (RFC 6184 5.2, table 1).
constexpr int kUnitMax = 23, kStapA = 24, kStapB = 25, kMtap16 = 26, kMtap24 = 27, kFuA = 28,
              kFuB = 29;

class H264Depacketizer final : public NalDepacketizer {
 public:
  H264Depacketizer(media::StreamInfo info, int clock_rate, ParameterSets sets)
      : NalDepacketizer(std::move(info), clock_rate, std::move(sets)) {}

 private:
  Result<void> unpack(ByteView payload) override;
  Result<void> unpack_aggregate(ByteView payload);
  Result<void> unpack_fragment(ByteView payload);
};

Result<void> H264Depacketizer::unpack(ByteView payload) {
  const int type = payload[0] & 0x1f;
  if (type >= 1 && type <= kUnitMax) return add_unit(payload);
  switch (type) {
    case kStapA:
      return unpack_aggregate(payload);
    case kFuA:
      return unpack_fragment(payload);
    case kStapB:
    case kMtap16:
    case kMtap24:
    case kFuB:
      return fail(Errc::unsupported,
                  "H.264 RTP: packet type {} of the interleaved mode; set the camera to "
                  "packetization mode 0 or 1",
                  type);
    default:
      return fail(Errc::unsupported, "H.264 RTP: packet type {} is not defined", type);
  }
}

// 5.7.1
Result<void> H264Depacketizer::unpack_aggregate(ByteView payload) {
  for (ByteView rest = payload.subspan(1); !rest.empty();) {
    if (rest.size() < 2) {
      return fail(Errc::truncated, "H.264 RTP: STAP-A with one byte left for a size");
    }
    const size_t size = get16(rest, 0);
    rest = rest.subspan(2);
    if (size > rest.size()) {
      return fail(Errc::truncated, "H.264 RTP: a unit of {} bytes in a STAP-A with {} left", size,
                  rest.size());
    }
    if (size == 0) continue;
    const int type = rest[0] & 0x1f;
    if (type > kUnitMax) {
      return fail(Errc::malformed, "H.264 RTP: packet type {} within a STAP-A", type);
    }
    TRY(add_unit(rest.first(size)));
    rest = rest.subspan(size);
  }
  return {};
}

// 5.8
Result<void> H264Depacketizer::unpack_fragment(ByteView payload) {
  if (payload.size() < 2) return fail(Errc::truncated, "H.264 RTP: FU-A of one byte");
  const bool start = (payload[1] & 0x80) != 0, end = (payload[1] & 0x40) != 0;
  if (start) {
    const uint8_t header = (payload[0] & 0xe0) | (payload[1] & 0x1f);
    if ((header & 0x1f) > kUnitMax) {
      return fail(Errc::malformed, "H.264 RTP: packet type {} in fragments", header & 0x1f);
    }
    TRY(begin_fragments({&header, 1}));
  }
  TRY(add_fragment(payload.subspan(2)));
  if (end) return end_fragments();
  return {};
}

}  // namespace

DepacketizerResult make_h264_depacketizer(const PayloadFormat& format, int stream_index) {
  media::StreamInfo info;
  info.index = stream_index;
  info.kind = media::MediaKind::video;
  info.codec = media::Codec::h264;
  info.codec_name = media::to_string(info.codec);

  ParameterSets sets(info.codec);
  add_sprop(fmtp_value(format, "sprop-parameter-sets"), sets);  // 8.1
  if (sets.complete()) (void)sets.describe(info);
  return std::make_unique<H264Depacketizer>(std::move(info), format.clock_rate, std::move(sets));
}

}  // namespace pasu::rtp
