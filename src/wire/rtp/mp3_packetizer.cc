// MPEG audio into RTP (RFC 2250 3.5).
#include <algorithm>

#include "wire/rtp/detail/batch_writer.h"
#include "wire/rtp/detail/packetizers.h"

namespace pasu::rtp {
namespace {

class Mp3Packetizer final : public Packetizer {
 public:
  explicit Mp3Packetizer(const PacketizerOptions& options) : Packetizer(options) {}

 private:
  Result<void> write(const media::AccessUnit& unit, BatchWriter& batch) override;
};

Result<void> Mp3Packetizer::write(const media::AccessUnit& unit, BatchWriter& batch) {
  const ByteView data = unit.data;
  if (data.size() > 0xffff) {
    return fail(Errc::too_large,
                "RTP: an MPEG audio unit of {} bytes; a fragment's offset has 16 "
                "bits",
                data.size());
  }
  const size_t part = batch.payload_max() - 4;
  for (size_t at = 0; at < data.size(); at += part) {
    batch.begin();
    batch.put16(0);
    batch.put16(static_cast<uint32_t>(at));  // Frag_offset
    batch.put(data.subspan(at, std::min(part, data.size() - at)));
  }
  return {};
}

}  // namespace

PacketizerResult make_mp3_packetizer(const PacketizerOptions& options) {
  return std::make_unique<Mp3Packetizer>(options);
}

}  // namespace pasu::rtp
