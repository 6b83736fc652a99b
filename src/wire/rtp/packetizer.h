// Access units into RTP packets, once per stream, for all its readers.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "media/access_unit.h"
#include "media/codec.h"
#include "wire/rtp/payload_format.h"

namespace pasu::rtp {

class BatchWriter;

/// The packets of one access unit in one run of bytes, each behind the four bytes that interleave
/// it (RFC 2326 10.12: '$', channel, length). A reader over TCP on the same channel sends `data` as
/// it is; on another channel, a copy with `data[offset + 1]` changed; over UDP, packet(i).
struct PacketBatch {
  static constexpr size_t kInterleavedBytes = 4;

  Bytes data;
  std::vector<uint32_t> offsets;  ///< Of each packet's '$', growing.
  media::Pts pts{0}, dts{0};      ///< The access unit's.
  bool key = false;
  uint32_t timestamp = 0;      ///< Of all its packets.
  uint64_t payload_bytes = 0;  ///< Without headers: an SR's octet count (RFC 3550 6.4.1).

  [[nodiscard]] size_t size() const { return offsets.size(); }
  /// The RTP packet alone.
  [[nodiscard]] ByteView packet(size_t i) const {
    const size_t from = offsets[i] + PacketBatch::kInterleavedBytes;
    const size_t to = i + 1 < offsets.size() ? offsets[i + 1] : data.size();
    return data.view().subspan(from, to - from);
  }
};

struct PacketizerOptions {
  uint8_t payload_type = 96;
  uint32_t ssrc = 0;
  uint16_t first_sequence = 0;   ///< Random for the outside (RFC 3550 5.1).
  uint32_t first_timestamp = 0;  ///< RTP timestamp of pts 0; random for the outside.
  int clock_rate = 0;            ///< 0: the one format_of() names.
  /// A packet with its RTP header: fits an Ethernet frame with IPv6, UDP and a tunnel to spare.
  size_t packet_bytes_max = 1400;
  uint8_t channel = 0;  ///< Interleaved channel written in front of every packet.
};

/// Cuts the access units of one stream into packets. One thread at a time.
class Packetizer {
 public:
  static constexpr size_t kPacketBytesMin = 256;  ///< MJPEG's first packet has tables.
  static constexpr size_t kPacketBytesMax = 65'000;

  /// H.264, H.265, AAC, MP3, PCMU, PCMA, Opus, MJPEG and ONVIF metadata. H.264 and H.265 units are
  /// length-prefixed where `stream.extradata` is a configuration record, else Annex B; parameter
  /// sets of the extradata go before key pictures that come without. Errors: unsupported,
  /// invalid_argument, malformed or truncated extradata.
  [[nodiscard]] static Result<std::unique_ptr<Packetizer>> create(const media::StreamInfo& stream,
                                                                  const PacketizerOptions& options);
  virtual ~Packetizer() = default;
  Packetizer(const Packetizer&) = delete;
  Packetizer& operator=(const Packetizer&) = delete;

  /// The packets of one unit; none for a unit that is empty. Errors (the unit is not sent, the next
  /// push() goes on): malformed, truncated, unsupported, too_large.
  [[nodiscard]] Result<PacketBatch> push(const media::AccessUnit& unit);

  /// The RTP timestamp of `pts`, for sender reports and RTP-Info.
  [[nodiscard]] uint32_t timestamp_of(media::Pts pts) const;
  /// Of the packet that comes next, for RTP-Info.
  [[nodiscard]] uint16_t next_sequence() const { return sequence_; }
  [[nodiscard]] const PacketizerOptions& options() const { return options_; }
  /// Sums over all units, as sender reports want them.
  [[nodiscard]] uint64_t packets() const { return packets_; }
  [[nodiscard]] uint64_t payload_bytes() const { return payload_bytes_; }

 protected:
  explicit Packetizer(const PacketizerOptions& options)
      : options_(options), sequence_(options.first_sequence) {}
  virtual Result<void> write(const media::AccessUnit& unit, BatchWriter& batch) = 0;

 private:
  PacketizerOptions options_;
  uint16_t sequence_;
  uint64_t packets_ = 0;
  uint64_t payload_bytes_ = 0;
};

}  // namespace pasu::rtp
