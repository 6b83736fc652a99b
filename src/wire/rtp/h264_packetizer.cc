// H.264 into RTP, packetization mode 1: single NAL units, STAP-A, FU-A (RFC 6184 5.6-5.8).
#include <algorithm>

#include "wire/rtp/detail/nal_packetizer.h"

namespace pasu::rtp {
namespace {

constexpr uint8_t kStapA = 24;
constexpr uint8_t kFuA = 28;

// 5.8: the FU indicator.
NalForm::Head fragment_head(ByteView nal) {
  return {static_cast<uint8_t>((nal[0] & 0xe0) | kFuA), 0};
}

uint8_t fragment_type(ByteView nal) { return nal[0] & 0x1f; }

// 5.7.1. The indicator has the highest nal_ref_idc of its units, and F where one has it.
NalForm::Head aggregate_head(std::span<const ByteView> units) {
  uint8_t forbidden = 0, reference = 0;
  for (const ByteView nal : units) {
    forbidden |= nal[0] & 0x80;
    reference = std::max<uint8_t>(reference, nal[0] & 0x60);
  }
  return {static_cast<uint8_t>(forbidden | reference | kStapA), 0};
}

}  // namespace

PacketizerResult make_h264_packetizer(const media::StreamInfo& stream,
                                      const PacketizerOptions& options) {
  return make_nal_packetizer({.head_bytes = 1,
                              .fragment_head = &fragment_head,
                              .fragment_type = &fragment_type,
                              .aggregate_head = &aggregate_head},
                             stream, options);
}

}  // namespace pasu::rtp
