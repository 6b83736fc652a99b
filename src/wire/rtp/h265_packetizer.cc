// H.265 into RTP: single NAL units, AP, FU (RFC 7798 4.4).
#include <algorithm>

#include "bits/nal.h"
#include "wire/rtp/detail/nal_packetizer.h"

namespace pasu::rtp {
namespace {

constexpr uint32_t kAggregate = 48, kFragment = 49;

NalForm::Head to_head(uint32_t header) {
  return {static_cast<uint8_t>(header >> 8), static_cast<uint8_t>(header)};
}

// 4.4.3. A payload header is a NAL unit header of another type (4.4.1): F, type, LayerId, TID.
NalForm::Head fragment_head(ByteView nal) {
  const uint32_t header = uint32_t{nal[0]} << 8 | nal[1];
  return to_head((header & 0x81ff) | kFragment << 9);
}

uint8_t fragment_type(ByteView nal) { return static_cast<uint8_t>(bits::h265_type(nal)); }

// 4.4.2: F where a unit has it, the lowest LayerId and TID of all.
NalForm::Head aggregate_head(std::span<const ByteView> units) {
  uint32_t forbidden = 0, layer = 63, temporal = 7;
  for (const ByteView nal : units) {
    forbidden |= nal[0] & 0x80u;
    layer = std::min(layer, static_cast<uint32_t>(bits::h265_layer(nal)));
    temporal = std::min(temporal, nal[1] & 7u);
  }
  return to_head(forbidden << 8 | kAggregate << 9 | layer << 3 | temporal);
}

}  // namespace

PacketizerResult make_h265_packetizer(const media::StreamInfo& stream,
                                      const PacketizerOptions& options) {
  return make_nal_packetizer({.head_bytes = 2,
                              .fragment_head = &fragment_head,
                              .fragment_type = &fragment_type,
                              .aggregate_head = &aggregate_head},
                             stream, options);
}

}  // namespace pasu::rtp
