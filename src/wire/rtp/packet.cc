#include "wire/rtp/packet.h"

#include "base/assert.h"
#include "wire/rtp/detail/numbers.h"

namespace pasu::rtp {

Result<Packet> parse_packet(ByteView bytes) {
  if (bytes.size() < Packet::kHeaderBytes) {
    return fail(Errc::truncated, "RTP: {} bytes, fewer than a header's 12", bytes.size());
  }
  if (bytes[0] >> 6 != 2) return fail(Errc::malformed, "RTP: version {}, not 2", bytes[0] >> 6);
  Packet packet;
  packet.marker = (bytes[1] & 0x80) != 0;
  packet.payload_type = bytes[1] & 0x7f;
  packet.sequence = get16(bytes, 2);
  packet.timestamp = get32(bytes, 4);
  packet.ssrc = get32(bytes, 8);

  size_t at = Packet::kHeaderBytes;
  const size_t contributing = size_t{bytes[0] & 0x0fu} * 4;
  if (bytes.size() - at < contributing) {
    return fail(Errc::truncated, "RTP packet {}: ends within its contributing sources",
                packet.sequence);
  }
  packet.contributing = bytes.subspan(at, contributing);
  at += contributing;

  if ((bytes[0] & 0x10) != 0) {
    if (bytes.size() - at < 4) {
      return fail(Errc::truncated, "RTP packet {}: ends within its extension's header",
                  packet.sequence);
    }
    packet.extension_profile = get16(bytes, at);
    const size_t length = size_t{get16(bytes, at + 2)} * 4;
    at += 4;
    if (bytes.size() - at < length) {
      return fail(Errc::truncated, "RTP packet {}: an extension of {} bytes with {} left",
                  packet.sequence, length, bytes.size() - at);
    }
    packet.extension = bytes.subspan(at, length);
    at += length;
  }

  size_t padding = 0;
  if ((bytes[0] & 0x20) != 0) {
    padding = bytes.back();
    if (padding == 0 || padding > bytes.size() - at) {
      return fail(Errc::malformed, "RTP packet {}: {} bytes of padding with {} left",
                  packet.sequence, padding, bytes.size() - at);
    }
  }
  packet.payload = bytes.subspan(at, bytes.size() - at - padding);
  return packet;
}

void write_header(uint8_t* out, const Packet& packet) {
  out[0] = 0x80;
  out[1] = static_cast<uint8_t>((packet.marker ? 0x80 : 0) | (packet.payload_type & 0x7f));
  write16(out + 2, packet.sequence);
  write32(out + 4, packet.timestamp);
  write32(out + 8, packet.ssrc);
}

void append_packet(std::vector<uint8_t>& out, const Packet& packet) {
  ASSERT(packet.contributing.size() % 4 == 0 && packet.contributing.size() <= 60);
  ASSERT(packet.extension.size() % 4 == 0 && packet.extension.size() / 4 <= 0xffff);
  const size_t start = out.size();
  out.resize(start + Packet::kHeaderBytes);
  write_header(out.data() + start, packet);
  out[start] |= static_cast<uint8_t>(packet.contributing.size() / 4);
  put(out, packet.contributing);
  if (packet.extension_profile) {
    out[start] |= 0x10;
    put16(out, *packet.extension_profile);
    put16(out, static_cast<uint32_t>(packet.extension.size() / 4));
    put(out, packet.extension);
  }
  put(out, packet.payload);
}

std::optional<ReplayExtension> replay_extension(const Packet& packet) {
  if (packet.extension_profile != ReplayExtension::kProfile || packet.extension.size() < 12) {
    return std::nullopt;
  }
  const uint8_t flags = packet.extension[8];
  return ReplayExtension{.ntp = get64(packet.extension, 0),
                         .clean_point = (flags & 0x80) != 0,
                         .end_of_section = (flags & 0x40) != 0,
                         .discontinuity = (flags & 0x20) != 0,
                         .cseq = packet.extension[9]};
}

}  // namespace pasu::rtp
