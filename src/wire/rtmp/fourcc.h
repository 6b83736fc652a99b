// How codecs are called on the wire: FourCCs of Enhanced RTMP, numbers of FLV.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "media/codec.h"

namespace pasu::rtmp {

/// 'hvc1' as a number, first character in the top byte (Enhanced RTMP v2, "Enhancing onMetaData").
constexpr uint32_t fourcc(const char (&text)[5]) {
  uint32_t value = 0;
  for (int i = 0; i < 4; ++i) value = value << 8 | static_cast<uint8_t>(text[i]);
  return value;
}

/// Its four characters.
[[nodiscard]] std::string to_text(uint32_t fourcc);

/// CodecID of FLV's video tags (FLV E.4.3.1). 12 is what cameras sent for H.265 before Enhanced
/// RTMP.
inline constexpr int kFlvAvc = 7, kFlvHevc = 12;
/// SoundFormat of FLV's audio tags (FLV E.4.2.1); 9 begins an Enhanced RTMP v2 header.
inline constexpr int kFlvMp3 = 2, kFlvPcma = 7, kFlvPcmu = 8, kFlvExAudio = 9, kFlvAac = 10,
                     kFlvMp3At8k = 14;

/// A codec that tags can name.
struct WireCodec {
  media::MediaKind kind;
  uint32_t fourcc;
  media::Codec codec;
  const char* name;  ///< FFmpeg's, as StreamInfo::codec_name.
  /// CodecID or SoundFormat that is sent in place of the FourCC, -1: none.
  int flv_id;
};

/// All of them.
[[nodiscard]] std::span<const WireCodec> wire_codecs();
/// nullptr where the FourCC is not known.
[[nodiscard]] const WireCodec* find_codec(media::MediaKind kind, uint32_t fourcc);
/// By CodecID or SoundFormat. nullptr where it is not one that we read.
[[nodiscard]] const WireCodec* find_flv_codec(media::MediaKind kind, int flv_id);
/// By what a stream is made of. nullptr where RTMP cannot carry it.
[[nodiscard]] const WireCodec* find_codec(const media::StreamInfo& stream);

}  // namespace pasu::rtmp
