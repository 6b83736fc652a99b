// Packets written one behind the other into the bytes of a PacketBatch.
#pragma once

#include <cstdint>
#include <vector>

#include "base/bytes.h"
#include "wire/rtp/packetizer.h"

namespace pasu::rtp {

/// begin() a packet, put() its payload, and so on; take() closes the last.
class BatchWriter {
 public:
  BatchWriter(const PacketizerOptions& options, uint16_t sequence, uint32_t timestamp,
              size_t bytes_guess);

  /// Payload that a packet has room for.
  [[nodiscard]] size_t payload_max() const { return payload_max_; }

  /// `later`: ticks that this packet's time is behind the unit's.
  void begin(uint32_t later = 0);
  void put(ByteView bytes) { bytes_.insert(bytes_.end(), bytes.begin(), bytes.end()); }
  void put8(uint32_t byte) { bytes_.push_back(static_cast<uint8_t>(byte)); }
  void put16(uint32_t value) {
    put8(value >> 8);
    put8(value);
  }
  void put32(uint32_t value) {
    put16(value >> 16);
    put16(value);
  }
  /// Sets the marker of the last packet, where there is one.
  void mark();

  [[nodiscard]] size_t packets() const { return offsets_.size(); }
  [[nodiscard]] PacketBatch take();

 private:
  void close();

  PacketizerOptions options_;
  uint16_t sequence_;
  uint32_t timestamp_;
  size_t payload_max_;
  std::vector<uint8_t> bytes_;
  std::vector<uint32_t> offsets_;
};

/// The size of equal parts, the last excepted, that `size` bytes make with at most `part_max`
/// each. `size` is not 0.
[[nodiscard]] inline size_t equal_part(size_t size, size_t part_max) {
  const size_t parts = (size + part_max - 1) / part_max;
  return (size + parts - 1) / parts;
}

}  // namespace pasu::rtp
