// What H.264 and H.265 have in common in RTP: units alone, several in a packet, one in several.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "base/bytes.h"
#include "media/codec.h"
#include "wire/rtp/detail/packetizers.h"

namespace pasu::rtp {

/// A codec's part in it: the heads. A payload's head is as long as a NAL unit's.
struct NalForm {
  using Head = std::array<uint8_t, 2>;

  size_t head_bytes;  ///< 1 or 2.
  /// Of a fragment, in the place of the unit's own; and the type that the byte behind it names.
  Head (*fragment_head)(ByteView nal);
  uint8_t (*fragment_type)(ByteView nal);
  /// Of a packet with several units.
  Head (*aggregate_head)(std::span<const ByteView> units);
};

/// Errors: as NalSource::create().
[[nodiscard]] PacketizerResult make_nal_packetizer(const NalForm& form,
                                                   const media::StreamInfo& stream,
                                                   const PacketizerOptions& options);

}  // namespace pasu::rtp
