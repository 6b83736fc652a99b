#include "wire/rtp/detail/nal_packetizer.h"

#include <algorithm>

#include "wire/rtp/detail/batch_writer.h"
#include "wire/rtp/detail/nal_source.h"

namespace pasu::rtp {
namespace {

constexpr size_t kSizeBytes = 2;  // Before each unit of an aggregate.

class NalPacketizer final : public Packetizer {
 public:
  NalPacketizer(const NalForm& form, NalSource source, const PacketizerOptions& options)
      : Packetizer(options), form_(form), source_(std::move(source)) {}

 private:
  Result<void> write(const media::AccessUnit& unit, BatchWriter& batch) override {
    const std::vector<ByteView> units = TRY(source_.units(unit.data, unit.key));
    for (std::span<const ByteView> rest = units; !rest.empty();) {
      const size_t together = fitting(rest, batch.payload_max());
      if (together > 1) {
        write_aggregate(rest.first(together), batch);
      } else if (rest[0].size() <= batch.payload_max()) {
        batch.begin();
        batch.put(rest[0]);
      } else {
        write_fragments(rest[0], batch);
      }
      rest = rest.subspan(std::max<size_t>(together, 1));
    }
    batch.mark();
    return {};
  }

  // How many of the first units fit into one packet together.
  [[nodiscard]] size_t fitting(std::span<const ByteView> units, size_t payload_max) const {
    size_t bytes = form_.head_bytes, count = 0;
    while (count < units.size() && bytes + kSizeBytes + units[count].size() <= payload_max) {
      bytes += kSizeBytes + units[count++].size();
    }
    return count;
  }

  void write_aggregate(std::span<const ByteView> units, BatchWriter& batch) const {
    const auto head = form_.aggregate_head(units);
    batch.begin();
    batch.put(ByteView(head).first(form_.head_bytes));
    for (const ByteView nal : units) {
      batch.put16(static_cast<uint32_t>(nal.size()));
      batch.put(nal);
    }
  }

  // Fragments of one unit are equal in size, the last excepted, as UDP segmentation offload wants.
  void write_fragments(ByteView nal, BatchWriter& batch) const {
    const auto head = form_.fragment_head(nal);
    const uint8_t type = form_.fragment_type(nal);
    ByteView rest = nal.subspan(form_.head_bytes);
    const size_t part = equal_part(rest.size(), batch.payload_max() - form_.head_bytes - 1);
    for (bool start = true; !rest.empty(); start = false) {
      const ByteView fragment = rest.first(std::min(part, rest.size()));
      rest = rest.subspan(fragment.size());
      batch.begin();
      batch.put(ByteView(head).first(form_.head_bytes));
      batch.put8((start ? 0x80u : 0u) | (rest.empty() ? 0x40u : 0u) | type);
      batch.put(fragment);
    }
  }

  const NalForm form_;
  NalSource source_;
};

}  // namespace

PacketizerResult make_nal_packetizer(const NalForm& form, const media::StreamInfo& stream,
                                     const PacketizerOptions& options) {
  return std::make_unique<NalPacketizer>(form, TRY(NalSource::create(stream)), options);
}

}  // namespace pasu::rtp
