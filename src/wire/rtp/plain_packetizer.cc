// PCMU, PCMA and Opus into RTP: the unit is the payload (RFC 3551 4.5.14, RFC 7587 4.2).
#include <algorithm>

#include "wire/rtp/detail/batch_writer.h"
#include "wire/rtp/detail/packetizers.h"

namespace pasu::rtp {
namespace {

class PlainPacketizer final : public Packetizer {
 public:
  PlainPacketizer(media::Codec codec, const PacketizerOptions& options)
      : Packetizer(options), codec_(codec) {}

 private:
  Result<void> write(const media::AccessUnit& unit, BatchWriter& batch) override;

  media::Codec codec_;
};

Result<void> PlainPacketizer::write(const media::AccessUnit& unit, BatchWriter& batch) {
  const ByteView data = unit.data;
  if (data.empty()) return {};
  if (data.size() > kPacketBytesMax) {
    return fail(Errc::too_large, "RTP: a unit of {} bytes of {}; a packet carries {}", data.size(),
                media::to_string(codec_), kPacketBytesMax);
  }
  // An Opus packet goes whole, however long. Samples are one byte each: a long run of them is
  // sent in steps.
  const bool samples = codec_ != media::Codec::opus;
  const size_t part = samples ? std::min(data.size(), batch.payload_max()) : data.size();
  for (size_t at = 0; at < data.size(); at += part) {
    batch.begin(static_cast<uint32_t>(at));
    batch.put(data.subspan(at, std::min(part, data.size() - at)));
  }
  return {};
}

}  // namespace

PacketizerResult make_plain_packetizer(media::Codec codec, const PacketizerOptions& options) {
  return std::make_unique<PlainPacketizer>(codec, options);
}

}  // namespace pasu::rtp
