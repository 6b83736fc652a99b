// The RTP packet (RFC 3550 5.1) and the arithmetic of its wrapping counters.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace pasu::rtp {

/// One packet taken apart; the views borrow the bytes it was parsed from.
///
///     0                   1                   2                   3
///     0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
///    |V=2|P|X|  CC   |M|     PT      |       sequence number         |
///    |                           timestamp                           |
///    |           synchronization source (SSRC) identifier            |
///    |            contributing sources, CC words                     |
///    | X: profile                    |  length in words | extension  |
struct Packet {
  static constexpr size_t kHeaderBytes = 12;  ///< Without contributing sources and extension.

  bool marker = false;
  uint8_t payload_type = 0;
  uint16_t sequence = 0;
  uint32_t timestamp = 0;
  uint32_t ssrc = 0;
  ByteView contributing = {};                      ///< Words of 4 bytes, 0 to 15 of them.
  std::optional<uint16_t> extension_profile = {};  ///< Says how `extension` is to be read; 5.3.1.
  ByteView extension = {};
  ByteView payload = {};  ///< Without padding; may be empty.
};

/// Errors: truncated, malformed (version, padding), each with the sequence number where it is
/// known.
[[nodiscard]] Result<Packet> parse_packet(ByteView bytes);

/// Appends the packet, header first, without padding. The extension must be whole words.
void append_packet(std::vector<uint8_t>& out, const Packet& packet);

/// Writes the 12 bytes of a header without contributing sources, extension or padding.
void write_header(uint8_t* out, const Packet& packet);

/// How far `to` is ahead of `from`, across the wrap: -32768 to 32767.
[[nodiscard]] inline int sequence_distance(uint16_t from, uint16_t to) {
  return static_cast<int16_t>(static_cast<uint16_t>(to - from));
}
/// The same of timestamps.
[[nodiscard]] inline int64_t timestamp_distance(uint32_t from, uint32_t to) {
  return static_cast<int32_t>(to - from);
}

/// Is this RTCP rather than RTP, both being on one port or channel (RFC 5761 4)?
[[nodiscard]] inline bool is_rtcp(ByteView bytes) {
  return bytes.size() >= 2 && bytes[1] >= 192 && bytes[1] <= 223;
}

/// ONVIF replay (Streaming Specification 6.3): what the 0xABAC extension says of this packet.
struct ReplayExtension {
  static constexpr uint16_t kProfile = 0xABAC;

  uint64_t ntp = 0;             ///< When it was recorded, as a 32.32 NTP time.
  bool clean_point = false;     ///< Decoding can start here.
  bool end_of_section = false;  ///< The last before a gap in the recording.
  bool discontinuity = false;   ///< The first after one.
  uint8_t cseq = 0;             ///< Low byte of the CSeq of the PLAY it belongs to.
};

/// The replay extension of a packet that has one, whole.
[[nodiscard]] std::optional<ReplayExtension> replay_extension(const Packet& packet);

}  // namespace pasu::rtp
