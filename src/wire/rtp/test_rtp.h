// For the RTP tests: parameter sets, access units, packets through a depacketizer.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "bits/configuration_record.h"
#include "wire/rtp/depacketizer.h"
#include "wire/rtp/detail/hex.h"
#include "wire/rtp/detail/numbers.h"
#include "wire/rtp/packet.h"
#include "wire/rtp/packetizer.h"
#include "wire/rtp/payload_format.h"

namespace pasu::rtp {

using Data = std::vector<uint8_t>;

inline Data hex(std::string_view text) { return from_hex(text); }

// x264: High, 64x48, 25 frames/s. The second SPS: Constrained Baseline of the same size.
inline const Data kSps = hex("6764000aacd9447b011000000300100000030320f1225960");
inline const Data kSps2 = hex("6742c00ad9047b011000000300100000030320f1226480");
inline const Data kPps = hex("68ebe3cb22c0");
// x265: 320x240.
inline const Data kVps265 = hex("40010c01ffff0408000003009e0800000300003c959809");
inline const Data kSps265 =
    hex("4201010408000003009e0800000300003c90014101e2cb2b349265780b702020004000000300400000064222");
inline const Data kPps265 = hex("4401c172860c4624");

inline Data joined(std::initializer_list<ByteView> parts) {
  Data all;
  for (const ByteView part : parts) all.insert(all.end(), part.begin(), part.end());
  return all;
}

/// NAL units, each behind its length in 4 bytes.
inline Data prefixed(std::initializer_list<ByteView> units) {
  size_t size = 0;
  for (const ByteView unit : units) size += 4 + unit.size();
  Data all;
  all.reserve(size);
  for (const ByteView unit : units) {
    put32(all, static_cast<uint32_t>(unit.size()));
    put(all, unit);
  }
  return all;
}

/// A NAL unit of `size` bytes, header first; the byte behind the header has its top bit set, so a
/// slice begins its picture. No emulated start codes.
inline Data nal(std::initializer_list<uint8_t> header, size_t size, uint8_t seed = 1) {
  Data unit(header);
  while (unit.size() < size) {
    unit.push_back(static_cast<uint8_t>(0x80 | (unit.size() * 7 + seed)));
  }
  return unit;
}

inline media::StreamInfo h264_stream() {
  media::StreamInfo info;
  info.kind = media::MediaKind::video;
  info.codec = media::Codec::h264;
  const ByteView sps[] = {kSps}, pps[] = {kPps};
  info.extradata = Bytes::copy(bits::make_avcc(sps, pps).value());
  return info;
}

inline media::StreamInfo h265_stream() {
  media::StreamInfo info;
  info.kind = media::MediaKind::video;
  info.codec = media::Codec::h265;
  const ByteView vps[] = {kVps265}, sps[] = {kSps265}, pps[] = {kPps265};
  info.extradata = Bytes::copy(bits::make_hvcc(vps, sps, pps).value());
  return info;
}

inline media::StreamInfo audio_stream(media::Codec codec, int rate, int channels,
                                      std::string_view config = {}) {
  media::StreamInfo info;
  info.kind = media::MediaKind::audio;
  info.codec = codec;
  info.sample_rate = rate;
  info.channels = channels;
  info.extradata = Bytes::copy(hex(config));
  return info;
}

inline media::AccessUnit unit_of(ByteView data, media::Pts pts = media::Pts(0), bool key = false) {
  media::AccessUnit unit;
  unit.data = Bytes::copy(data);
  unit.pts = unit.dts = pts;
  unit.key = key;
  return unit;
}

inline Data bytes_of(ByteView view) { return {view.begin(), view.end()}; }

/// Feeds the packets of a batch; `zero` is the timestamp of time 0.
inline void feed(Depacketizer& depacketizer, const PacketBatch& batch, uint32_t zero = 0) {
  for (size_t i = 0; i < batch.size(); ++i) {
    const auto packet = parse_packet(batch.packet(i));
    ASSERT_TRUE(packet) << packet.error().message();
    const auto pushed = depacketizer.push(
        {packet->payload, timestamp_distance(zero, packet->timestamp), packet->marker, false});
    ASSERT_TRUE(pushed) << pushed.error().message();
  }
}

}  // namespace pasu::rtp
