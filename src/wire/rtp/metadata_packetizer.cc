// ONVIF metadata into RTP: XML in pieces, the marker on a document's last.
#include <algorithm>

#include "wire/rtp/detail/batch_writer.h"
#include "wire/rtp/detail/packetizers.h"

namespace pasu::rtp {
namespace {

class MetadataPacketizer final : public Packetizer {
 public:
  explicit MetadataPacketizer(const PacketizerOptions& options) : Packetizer(options) {}

 private:
  Result<void> write(const media::AccessUnit& unit, BatchWriter& batch) override;
};

Result<void> MetadataPacketizer::write(const media::AccessUnit& unit, BatchWriter& batch) {
  for (ByteView rest = unit.data; !rest.empty();) {
    const ByteView part = rest.first(std::min(rest.size(), batch.payload_max()));
    rest = rest.subspan(part.size());
    batch.begin();
    batch.put(part);
  }
  batch.mark();
  return {};
}

}  // namespace

PacketizerResult make_metadata_packetizer(const PacketizerOptions& options) {
  return std::make_unique<MetadataPacketizer>(options);
}

}  // namespace pasu::rtp
