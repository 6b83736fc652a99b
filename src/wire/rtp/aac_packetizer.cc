// AAC into RTP, mode AAC-hbr: 13-bit sizes, 3-bit indices (RFC 3640 3.3.6).
#include <algorithm>

#include "wire/rtp/detail/batch_writer.h"
#include "wire/rtp/detail/packetizers.h"

namespace pasu::rtp {
namespace {

class AacPacketizer final : public Packetizer {
 public:
  explicit AacPacketizer(const PacketizerOptions& options) : Packetizer(options) {}
  static constexpr size_t kFrameBytesMax = 0x1fff;

 private:
  Result<void> write(const media::AccessUnit& unit, BatchWriter& batch) override;
};

// One access unit a packet, as live readers want no delay; a long one in fragments, each with the
// size of the whole (3.2.3).
Result<void> AacPacketizer::write(const media::AccessUnit& unit, BatchWriter& batch) {
  ByteView rest = unit.data;
  if (rest.size() > kFrameBytesMax) {
    return fail(Errc::too_large, "RTP: an AAC frame of {} bytes; AAC-hbr carries {}", rest.size(),
                kFrameBytesMax);
  }
  const auto size = static_cast<uint32_t>(rest.size());
  while (!rest.empty()) {
    const ByteView fragment = rest.first(std::min(rest.size(), batch.payload_max() - 4));
    rest = rest.subspan(fragment.size());
    batch.begin();
    batch.put16(16);         // AU-headers-length, in bits
    batch.put16(size << 3);  // AU-size, AU-Index 0
    batch.put(fragment);
  }
  batch.mark();
  return {};
}

}  // namespace

PacketizerResult make_aac_packetizer(const PacketizerOptions& options) {
  return std::make_unique<AacPacketizer>(options);
}

}  // namespace pasu::rtp
