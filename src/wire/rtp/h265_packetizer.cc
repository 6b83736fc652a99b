// H.265 into RTP: single NAL units, AP, FU (RFC 7798 4.4).
#include <algorithm>
#include <span>

#include "bits/nal.h"
#include "wire/rtp/detail/batch_writer.h"
#include "wire/rtp/detail/nal_source.h"
#include "wire/rtp/detail/packetizers.h"

namespace pasu::rtp {
namespace {

constexpr uint32_t kAggregate = 48, kFragment = 49;

class H265Packetizer final : public Packetizer {
 public:
  H265Packetizer(NalSource source, const PacketizerOptions& options)
      : Packetizer(options), source_(std::move(source)) {}

 private:
  Result<void> write(const media::AccessUnit& unit, BatchWriter& batch) override;

  NalSource source_;
};

// A payload header is a NAL unit header of another type (4.4.1): F, type, LayerId, TID.
uint32_t with_type(uint32_t header, uint32_t type) { return (header & 0x81ff) | type << 9; }

// 4.4.3. Fragments of one unit are equal in size, the last excepted.
void write_fragments(ByteView nal, BatchWriter& batch) {
  const uint32_t header = uint32_t{nal[0]} << 8 | nal[1];
  const auto type = static_cast<uint32_t>(bits::h265_type(nal));
  ByteView rest = nal.subspan(2);
  const size_t part = equal_part(rest.size(), batch.payload_max() - 3);
  for (bool start = true; !rest.empty(); start = false) {
    const ByteView fragment = rest.first(std::min(part, rest.size()));
    rest = rest.subspan(fragment.size());
    batch.begin();
    batch.put16(with_type(header, kFragment));
    batch.put8((start ? 0x80u : 0u) | (rest.empty() ? 0x40u : 0u) | type);
    batch.put(fragment);
  }
}

// 4.4.2: F where a unit has it, the lowest LayerId and TID of all.
void write_aggregate(std::span<const ByteView> units, BatchWriter& batch) {
  uint32_t forbidden = 0, layer = 63, temporal = 7;
  for (const ByteView nal : units) {
    forbidden |= nal[0] & 0x80u;
    layer = std::min(layer, static_cast<uint32_t>(bits::h265_layer(nal)));
    temporal = std::min(temporal, nal[1] & 7u);
  }
  batch.begin();
  batch.put16(forbidden << 8 | kAggregate << 9 | layer << 3 | temporal);
  for (const ByteView nal : units) {
    batch.put16(static_cast<uint32_t>(nal.size()));
    batch.put(nal);
  }
}

Result<void> H265Packetizer::write(const media::AccessUnit& unit, BatchWriter& batch) {
  const std::vector<ByteView> units = TRY(source_.units(unit.data, unit.key));
  for (size_t i = 0; i < units.size();) {
    // As many as fit into one packet together.
    size_t bytes = 2, end = i;
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

PacketizerResult make_h265_packetizer(const media::StreamInfo& stream,
                                      const PacketizerOptions& options) {
  return std::make_unique<H265Packetizer>(TRY(NalSource::create(stream)), options);
}

}  // namespace pasu::rtp
