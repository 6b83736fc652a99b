// H.264 into RTP, packetization mode 1: single NAL units, STAP-A, FU-A (RFC 6184 5.6-5.8).
#include <algorithm>

#include "bits/nal.h"
#include "wire/rtp/detail/batch_writer.h"
#include "wire/rtp/detail/nal_source.h"
#include "wire/rtp/detail/packetizers.h"

namespace pasu::rtp {
namespace {

constexpr uint8_t kStapA = 24;
constexpr uint8_t kFuA = 28;

class H264Packetizer final : public Packetizer {
 public:
  H264Packetizer(NalSource source, const PacketizerOptions& options)
      : Packetizer(options), source_(std::move(source)) {}

 private:
  Result<void> write(const media::AccessUnit& unit, BatchWriter& batch) override;

  NalSource source_;
};

// 5.8. Fragments of one unit are equal in size, the last excepted, as UDP segmentation offload
// wants.
void write_fragments(ByteView nal, BatchWriter& batch) {
  const uint8_t indicator = (nal[0] & 0xe0) | kFuA;
  const uint8_t type = nal[0] & 0x1f;
  ByteView rest = nal.subspan(1);
  const size_t part = equal_part(rest.size(), batch.payload_max() - 2);
  for (bool start = true; !rest.empty(); start = false) {
    const ByteView fragment = rest.first(std::min(part, rest.size()));
    rest = rest.subspan(fragment.size());
    batch.begin();
    batch.put8(indicator);
    batch.put8((start ? 0x80u : 0u) | (rest.empty() ? 0x40u : 0u) | type);
    batch.put(fragment);
  }
}

// 5.7.1. The indicator has the highest nal_ref_idc of its units, and F where one has it.
void write_aggregate(std::span<const ByteView> units, BatchWriter& batch) {
  uint8_t forbidden = 0, reference = 0;
  for (const ByteView nal : units) {
    forbidden |= nal[0] & 0x80;
    reference = std::max<uint8_t>(reference, nal[0] & 0x60);
  }
  batch.begin();
  batch.put8(forbidden | reference | kStapA);
  for (const ByteView nal : units) {
    batch.put16(static_cast<uint32_t>(nal.size()));
    batch.put(nal);
  }
}

Result<void> H264Packetizer::write(const media::AccessUnit& unit, BatchWriter& batch) {
  const std::vector<ByteView> units = TRY(source_.units(unit.data, unit.key));
  for (size_t i = 0; i < units.size();) {
    // As many as fit into one packet together.
    size_t bytes = 1, end = i;
    while (end < units.size() && bytes + 2 + units[end].size() <= batch.payload_max()) {
      bytes += 2 + units[end++].size();
    }
    if (end >= i + 2) {
      write_aggregate({units.data() + i, end - i}, batch);
      i = end;
      continue;
    }
    if (units[i].size() <= batch.payload_max()) {
      batch.begin();
      batch.put(units[i]);
    } else {
      write_fragments(units[i], batch);
    }
    ++i;
  }
  batch.mark();
  return {};
}

}  // namespace

PacketizerResult make_h264_packetizer(const media::StreamInfo& stream,
                                      const PacketizerOptions& options) {
  return std::make_unique<H264Packetizer>(TRY(NalSource::create(stream)), options);
}

}  // namespace pasu::rtp
