// The headers of FLV's audio and video tags, which are also RTMP's audio and video messages.
#pragma once

#include <cstdint>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "media/codec.h"
#include "wire/rtmp/fourcc.h"

namespace pasu::rtmp {

/// What one track's part of a tag holds.
enum class PacketKind {
  sequence_start,  ///< The decoder's configuration.
  coded,           ///< One access unit.
  sequence_end,
  other,  ///< HDR metadata, speaker layouts, MPEG-2 TS configuration: not for decoders of ours.
};

/// One track's part of a tag.
struct MediaPacket {
  const WireCodec* codec = nullptr;
  PacketKind kind = PacketKind::coded;
  bool key = false;                   ///< Video: a key frame. Audio: always.
  int track = 0;                      ///< Enhanced RTMP v2 multitrack; 0 is the main one.
  int32_t composition_ms = 0;         ///< pts - dts.
  uint32_t offset_ns = 0;             ///< To be added to both, from ModEx; under a millisecond.
  int sample_rate = 0, channels = 0;  ///< Audio without a configuration (MP3, G.711); else 0.
  ByteView body;
};

/// Tracks that one tag may hold.
inline constexpr size_t kTagTracksMax = 16;

/// FLV E.4.3.1 with AVC, its H.265 dialect, and ExVideoTagHeader (Enhanced RTMP v1 and v2). Empty
/// for command frames. Errors, which concern this tag alone: truncated, malformed, unsupported.
[[nodiscard]] Result<std::vector<MediaPacket>> parse_video_tag(ByteView tag);
/// FLV E.4.2.1 and ExAudioTagHeader (Enhanced RTMP v2). Errors likewise.
[[nodiscard]] Result<std::vector<MediaPacket>> parse_audio_tag(ByteView tag);

/// The bytes before the body: AVC as FLV has it, all other video with ExVideoTagHeader
/// (CodedFramesX where the composition time is 0). `codec.kind` is video.
[[nodiscard]] std::vector<uint8_t> video_tag_header(const WireCodec& codec, PacketKind kind,
                                                    bool key, int32_t composition_ms);
/// As FLV has it where it has the codec, else ExAudioTagHeader. Of rate and channels FLV can say
/// only some; AAC always says 44.1 kHz stereo.
[[nodiscard]] std::vector<uint8_t> audio_tag_header(const WireCodec& codec, PacketKind kind,
                                                    int sample_rate, int channels);

}  // namespace pasu::rtmp
