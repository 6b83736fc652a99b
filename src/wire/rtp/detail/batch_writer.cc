#include "wire/rtp/detail/batch_writer.h"

#include <utility>

#include "base/assert.h"
#include "wire/rtp/detail/numbers.h"
#include "wire/rtp/packet.h"

namespace pasu::rtp {

BatchWriter::BatchWriter(const PacketizerOptions& options, uint16_t sequence, uint32_t timestamp,
                         size_t bytes_guess)
    : options_(options),
      sequence_(sequence),
      timestamp_(timestamp),
      payload_max_(options.packet_bytes_max - Packet::kHeaderBytes) {
  bytes_.reserve(bytes_guess);
}

void BatchWriter::begin(uint32_t later) {
  close();
  offsets_.push_back(static_cast<uint32_t>(bytes_.size()));
  bytes_.resize(bytes_.size() + PacketBatch::kInterleavedBytes + Packet::kHeaderBytes);
  uint8_t* at = bytes_.data() + offsets_.back();
  at[0] = '$';
  at[1] = options_.channel;
  Packet header;
  header.payload_type = options_.payload_type;
  header.sequence = sequence_++;
  header.timestamp = timestamp_ + later;
  header.ssrc = options_.ssrc;
  write_header(at + PacketBatch::kInterleavedBytes, header);
}

// Writes the interleaved length of the last packet.
void BatchWriter::close() {
  if (offsets_.empty()) return;
  const size_t length = bytes_.size() - offsets_.back() - PacketBatch::kInterleavedBytes;
  ASSERT(length <= 0xffff);
  write16(bytes_.data() + offsets_.back() + 2, static_cast<uint32_t>(length));
}

void BatchWriter::mark() {
  if (offsets_.empty()) return;
  bytes_[offsets_.back() + PacketBatch::kInterleavedBytes + 1] |= 0x80;
}

PacketBatch BatchWriter::take() {
  close();
  PacketBatch batch;
  batch.timestamp = timestamp_;
  const size_t headers = offsets_.size() * (PacketBatch::kInterleavedBytes + Packet::kHeaderBytes);
  batch.payload_bytes = bytes_.size() - headers;
  batch.offsets = std::move(offsets_);
  auto owner = std::make_shared<const std::vector<uint8_t>>(std::move(bytes_));
  const ByteView view = *owner;
  batch.data = Bytes::share(std::move(owner), view);
  return batch;
}

}  // namespace pasu::rtp
