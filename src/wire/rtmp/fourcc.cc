#include "wire/rtmp/fourcc.h"

namespace pasu::rtmp {
namespace {

using media::Codec;
using media::MediaKind;

// Enhanced RTMP v2, "enum VideoFourCc" and "enum AudioFourCc"; those without are FLV's alone.
constexpr WireCodec kCodecs[] = {
    {MediaKind::video, fourcc("avc1"), Codec::h264, "h264", kFlvAvc},
    {MediaKind::video, fourcc("hvc1"), Codec::h265, "hevc", -1},
    {MediaKind::video, fourcc("av01"), Codec::av1, "av1", -1},
    {MediaKind::video, fourcc("vp09"), Codec::vp9, "vp9", -1},
    {MediaKind::video, fourcc("vp08"), Codec::other, "vp8", -1},
    {MediaKind::audio, fourcc("mp4a"), Codec::aac, "aac", kFlvAac},
    {MediaKind::audio, fourcc(".mp3"), Codec::mp3, "mp3", kFlvMp3},
    {MediaKind::audio, fourcc("Opus"), Codec::opus, "opus", -1},
    {MediaKind::audio, fourcc("ac-3"), Codec::other, "ac3", -1},
    {MediaKind::audio, fourcc("ec-3"), Codec::other, "eac3", -1},
    {MediaKind::audio, fourcc("fLaC"), Codec::other, "flac", -1},
    {MediaKind::audio, 0, Codec::pcma, "pcm_alaw", kFlvPcma},
    {MediaKind::audio, 0, Codec::pcmu, "pcm_mulaw", kFlvPcmu},
};

}  // namespace

std::string to_text(uint32_t fourcc) {
  std::string out;
  for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>(fourcc >> shift);
  return out;
}

std::span<const WireCodec> wire_codecs() { return kCodecs; }

const WireCodec* find_codec(MediaKind kind, uint32_t fourcc) {
  for (const WireCodec& codec : kCodecs) {
    if (codec.kind == kind && codec.fourcc == fourcc && fourcc != 0) return &codec;
  }
  return nullptr;
}

const WireCodec* find_flv_codec(MediaKind kind, int flv_id) {
  if (kind == MediaKind::video && flv_id == kFlvHevc) return find_codec(kind, fourcc("hvc1"));
  if (kind == MediaKind::audio && flv_id == kFlvMp3At8k) flv_id = kFlvMp3;
  for (const WireCodec& codec : kCodecs) {
    if (codec.kind == kind && codec.flv_id == flv_id && flv_id >= 0) return &codec;
  }
  return nullptr;
}

const WireCodec* find_codec(const media::StreamInfo& stream) {
  for (const WireCodec& codec : kCodecs) {
    if (codec.kind != stream.kind || codec.codec != stream.codec) continue;
    if (codec.codec != Codec::other || stream.codec_name == codec.name) return &codec;
  }
  return nullptr;
}

}  // namespace pasu::rtmp
