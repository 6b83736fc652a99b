// For tests: an H.264 stream without an encoder.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <vector>

#include "bits/configuration_record.h"
#include "media/access_unit.h"
#include "media/codec.h"

namespace pasu::net::testing_stream {

using Data = std::vector<uint8_t>;

// x264: High, 64x48, 25 frames/s. The second SPS: Constrained Baseline of the same size.
inline const Data kSps = {0x67, 0x64, 0x00, 0x0a, 0xac, 0xd9, 0x44, 0x7b, 0x01, 0x10, 0x00, 0x00,
                          0x03, 0x00, 0x10, 0x00, 0x00, 0x03, 0x03, 0x20, 0xf1, 0x22, 0x59, 0x60};
inline const Data kSps2 = {0x67, 0x42, 0xc0, 0x0a, 0xd9, 0x04, 0x7b, 0x01, 0x10, 0x00, 0x00, 0x03,
                           0x00, 0x10, 0x00, 0x00, 0x03, 0x03, 0x20, 0xf1, 0x22, 0x64, 0x80};
inline const Data kPps = {0x68, 0xeb, 0xe3, 0xcb, 0x22, 0xc0};

inline media::StreamInfo h264() {
  media::StreamInfo info;
  info.kind = media::MediaKind::video;
  info.codec = media::Codec::h264;
  const ByteView sps[] = {kSps}, pps[] = {kPps};
  info.extradata = Bytes::copy(bits::make_avcc(sps, pps).value());
  return info;
}

inline Data to_data(ByteView view) { return {view.begin(), view.end()}; }

/// NAL units, each behind its length in 4 bytes.
inline Data prefixed(std::initializer_list<ByteView> units) {
  Data all;
  for (const ByteView unit : units) {
    for (int shift = 24; shift >= 0; shift -= 8)
      all.push_back(static_cast<uint8_t>(unit.size() >> shift));
    all.insert(all.end(), unit.begin(), unit.end());
  }
  return all;
}

/// A slice of two packets that begins its picture, without emulated start codes.
inline Data slice(bool key, int seed) {
  Data unit = {static_cast<uint8_t>(key ? 0x65 : 0x41)};
  while (unit.size() < 2000)
    unit.push_back(static_cast<uint8_t>(0x80 | (static_cast<int>(unit.size()) * 7 + seed)));
  return unit;
}

inline media::AccessUnit unit(ByteView data, media::Pts pts, bool key) {
  media::AccessUnit out;
  out.data = Bytes::copy(data);
  out.pts = out.dts = pts;
  out.key = key;
  return out;
}

/// Picture `number` of 25 a second; every tenth is a key picture.
inline media::AccessUnit picture(int number) {
  const bool key = number % 10 == 0;
  const Data body = slice(key, number);
  return unit(key ? prefixed({kSps, kPps, body}) : prefixed({body}),
              std::chrono::milliseconds(40) * number, key);
}

}  // namespace pasu::net::testing_stream
