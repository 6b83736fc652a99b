#include "wire/rtmp/media_tag.h"

#include "base/assert.h"
#include "wire/rtmp/detail/big_endian.h"

namespace pasu::rtmp {
namespace {

using media::Codec;
using media::MediaKind;

// Frame types (FLV E.4.3.1).
constexpr int kKeyFrame = 1, kInterFrame = 2, kGeneratedKeyFrame = 4, kCommandFrame = 5;

// VideoPacketType and AudioPacketType (Enhanced RTMP v2, "Enhanced Video" and "Enhanced Audio").
enum ExVideo {
  kVideoSequenceStart = 0,
  kVideoCodedFrames = 1,
  kVideoSequenceEnd = 2,
  kVideoCodedFramesX = 3,
  kVideoMetadata = 4,
  kVideoMultitrack = 6,
};
enum ExAudio {
  kAudioSequenceStart = 0,
  kAudioCodedFrames = 1,
  kAudioSequenceEnd = 2,
  kAudioMultitrack = 5,
};
constexpr int kModEx = 7;
constexpr int kTimestampOffsetNano = 0;
// AvMultitrackType
constexpr int kOneTrack = 0, kManyTracksManyCodecs = 2;
constexpr uint32_t kOffsetNsMax = 999'999;

tl::unexpected<Error> ends_early(const char* what, size_t size) {
  return fail(Errc::truncated, "{}: {} bytes are not a whole header", what, size);
}

PacketKind video_kind(int type) {
  switch (type) {
    case kVideoSequenceStart:
      return PacketKind::sequence_start;
    case kVideoCodedFrames:
    case kVideoCodedFramesX:
      return PacketKind::coded;
    case kVideoSequenceEnd:
      return PacketKind::sequence_end;
    default:
      return PacketKind::other;
  }
}

PacketKind audio_kind(int type) {
  switch (type) {
    case kAudioSequenceStart:
      return PacketKind::sequence_start;
    case kAudioCodedFrames:
      return PacketKind::coded;
    case kAudioSequenceEnd:
      return PacketKind::sequence_end;
    default:
      return PacketKind::other;
  }
}

// H.264 and H.265 have B frames, so their coded frames have composition times.
bool has_composition(const WireCodec& codec, int type) {
  return type == kVideoCodedFrames && (codec.codec == Codec::h264 || codec.codec == Codec::h265);
}

// The part that ExVideoTagHeader and ExAudioTagHeader have in common.
class ExTag {
 public:
  ExTag(ByteView tag, MediaKind kind, int packet_type)
      : cursor_(tag.subspan(1)), kind_(kind), packet_type_(packet_type) {}

  Result<std::vector<MediaPacket>> parse(bool key, bool command) {
    TRY(read_modifiers());
    const bool video = kind_ == MediaKind::video;
    if (video && command && packet_type_ != kVideoMetadata) return {};
    const int multitrack = video ? int{kVideoMultitrack} : int{kAudioMultitrack};
    if (packet_type_ == multitrack) {
      TRY(read_tracks(key));
    } else {
      MediaPacket packet = TRY(begin_packet(key));
      TRY(finish_packet(packet, cursor_.rest()));
    }
    return std::move(packets_);
  }

 private:
  [[nodiscard]] const char* name() const {
    return kind_ == MediaKind::video ? "ExVideoTagHeader" : "ExAudioTagHeader";
  }
  [[nodiscard]] tl::unexpected<Error> truncated() const {
    return ends_early(name(), cursor_.bytes().size() + 1);
  }

  // ModEx: sized blobs before the packet type proper. Unknown ones are passed over.
  Result<void> read_modifiers() {
    while (packet_type_ == kModEx) {
      size_t size = cursor_.u8() + size_t{1};
      if (size == 256) size = cursor_.u16() + size_t{1};
      Cursor data(cursor_.take(size));
      const uint8_t types = cursor_.u8();
      if (!cursor_.ok()) return truncated();
      if (types >> 4 == kTimestampOffsetNano) offset_ns_ = std::min(data.u24(), kOffsetNsMax);
      packet_type_ = types & 0x0f;
    }
    return {};
  }

  // Reads the FourCC. Errors: unsupported.
  Result<MediaPacket> begin_packet(bool key) {
    const uint32_t name_code = cursor_.u32();
    if (!cursor_.ok()) return truncated();
    MediaPacket packet;
    packet.codec = find_codec(kind_, name_code);
    packet.key = key;
    packet.offset_ns = offset_ns_;
    if (packet.codec == nullptr) {
      return fail(Errc::unsupported, "{}: codec {:#010x} is not known", name(), name_code);
    }
    return packet;
  }

  Result<void> finish_packet(MediaPacket packet, ByteView body) {
    const bool video = kind_ == MediaKind::video;
    packet.kind = video ? video_kind(packet_type_) : audio_kind(packet_type_);
    if (video && has_composition(*packet.codec, packet_type_)) {
      Cursor cursor(body);
      packet.composition_ms = cursor.s24();
      if (!cursor.ok()) return truncated();
      body = cursor.rest();
    }
    packet.body = body;
    packets_.push_back(packet);
    return {};
  }

  Result<void> read_tracks(bool key) {
    const uint8_t types = cursor_.u8();
    const int multitrack_type = types >> 4;
    packet_type_ = types & 0x0f;
    if (!cursor_.ok()) return truncated();
    if (multitrack_type > kManyTracksManyCodecs) {
      return fail(Errc::unsupported, "{}: multitrack type {}", name(), multitrack_type);
    }
    MediaPacket packet;
    if (multitrack_type != kManyTracksManyCodecs) packet = TRY(begin_packet(key));
    do {
      if (multitrack_type == kManyTracksManyCodecs) packet = TRY(begin_packet(key));
      packet.track = cursor_.u8();
      const size_t size = multitrack_type == kOneTrack ? cursor_.left() : cursor_.u24();
      const ByteView body = cursor_.take(size);
      if (!cursor_.ok()) return truncated();
      if (packets_.size() >= kTagTracksMax) {
        return fail(Errc::too_large, "{}: over {} tracks in one tag", name(), kTagTracksMax);
      }
      TRY(finish_packet(packet, body));
    } while (cursor_.left() > 0);
    return {};
  }

  Cursor cursor_;
  MediaKind kind_;
  int packet_type_;
  uint32_t offset_ns_ = 0;
  std::vector<MediaPacket> packets_;
};

}  // namespace

Result<std::vector<MediaPacket>> parse_video_tag(ByteView tag) {
  Cursor cursor(tag);
  const uint8_t first = cursor.u8();
  if (!cursor.ok()) return ends_early("VideoTagHeader", 0);
  const int frame_type = first >> 4 & 7;
  const bool key = frame_type == kKeyFrame || frame_type == kGeneratedKeyFrame;
  if ((first & 0x80) != 0) {
    return ExTag(tag, MediaKind::video, first & 0x0f).parse(key, frame_type == kCommandFrame);
  }
  if (frame_type == kCommandFrame) return {};
  MediaPacket packet;
  packet.codec = find_flv_codec(MediaKind::video, first & 0x0f);
  if (packet.codec == nullptr) {
    return fail(Errc::unsupported,
                "VideoTagHeader: codec {} is not one that can be read; "
                "publish H.264",
                first & 0x0f);
  }
  packet.key = key;
  const uint8_t type = cursor.u8();
  const int32_t composition = cursor.s24();
  if (!cursor.ok()) return ends_early("VideoTagHeader", tag.size());
  packet.kind = type <= kVideoSequenceEnd ? video_kind(type) : PacketKind::other;
  if (packet.kind == PacketKind::coded) packet.composition_ms = composition;
  packet.body = cursor.rest();
  return std::vector<MediaPacket>{packet};
}

Result<std::vector<MediaPacket>> parse_audio_tag(ByteView tag) {
  Cursor cursor(tag);
  const uint8_t first = cursor.u8();
  if (!cursor.ok()) return ends_early("AudioTagHeader", 0);
  const int format = first >> 4;
  if (format == kFlvExAudio) {
    return ExTag(tag, MediaKind::audio, first & 0x0f).parse(true, false);
  }
  MediaPacket packet;
  packet.codec = find_flv_codec(MediaKind::audio, format);
  if (packet.codec == nullptr) {
    return fail(Errc::unsupported,
                "AudioTagHeader: sound format {} is not one that can be read; "
                "publish AAC",
                format);
  }
  packet.key = true;
  if (format == kFlvAac) {
    const uint8_t type = cursor.u8();
    if (!cursor.ok()) return ends_early("AudioTagHeader", tag.size());
    packet.kind = type <= 1 ? audio_kind(type) : PacketKind::other;
  } else {
    constexpr int kRates[] = {5512, 11025, 22050, 44100};
    packet.sample_rate = kRates[first >> 2 & 3];
    packet.channels = (first & 1) != 0 ? 2 : 1;
    // G.711 has one rate, whatever the two bits say.
    if (format == kFlvMp3At8k || format == kFlvPcma || format == kFlvPcmu) {
      packet.sample_rate = 8000;
    }
  }
  packet.body = cursor.rest();
  return std::vector<MediaPacket>{packet};
}

std::vector<uint8_t> video_tag_header(const WireCodec& codec, PacketKind kind, bool key,
                                      int32_t composition_ms) {
  ASSERT(codec.kind == MediaKind::video);
  const int frame = key || kind != PacketKind::coded ? kKeyFrame : kInterFrame;
  const int plain_type = kind == PacketKind::sequence_start ? kVideoSequenceStart
                         : kind == PacketKind::coded        ? kVideoCodedFrames
                                                            : kVideoSequenceEnd;
  std::vector<uint8_t> out;
  if (codec.flv_id >= 0) {
    put_u8(out, static_cast<uint8_t>(frame << 4 | codec.flv_id));
    put_u8(out, static_cast<uint8_t>(plain_type));
    put_u24(out, static_cast<uint32_t>(composition_ms) & 0xFFFFFF);
    return out;
  }
  const bool composes = has_composition(codec, plain_type);
  const int type = composes && composition_ms == 0 ? int{kVideoCodedFramesX} : plain_type;
  put_u8(out, static_cast<uint8_t>(0x80 | frame << 4 | type));
  put_u32(out, codec.fourcc);
  if (type == kVideoCodedFrames && composes) {
    put_u24(out, static_cast<uint32_t>(composition_ms) & 0xFFFFFF);
  }
  return out;
}

std::vector<uint8_t> audio_tag_header(const WireCodec& codec, PacketKind kind, int sample_rate,
                                      int channels) {
  ASSERT(codec.kind == MediaKind::audio);
  std::vector<uint8_t> out;
  const int type = kind == PacketKind::sequence_start ? kAudioSequenceStart
                   : kind == PacketKind::coded        ? kAudioCodedFrames
                                                      : kAudioSequenceEnd;
  if (codec.flv_id < 0) {
    put_u8(out, static_cast<uint8_t>(kFlvExAudio << 4 | type));
    put_u32(out, codec.fourcc);
    return out;
  }
  constexpr int k16Bits = 2;
  if (codec.flv_id == kFlvAac) {
    put_u8(out, static_cast<uint8_t>(kFlvAac << 4 | 3 << 2 | k16Bits | 1));
    put_u8(out, static_cast<uint8_t>(type));
    return out;
  }
  const int rate = sample_rate >= 44100   ? 3
                   : sample_rate >= 22050 ? 2
                   : sample_rate >= 11025 ? 1
                                          : 0;
  const bool mp3_at_8k = codec.flv_id == kFlvMp3 && sample_rate == 8000;
  const int format = mp3_at_8k ? kFlvMp3At8k : codec.flv_id;
  put_u8(out, static_cast<uint8_t>(format << 4 | rate << 2 | k16Bits | (channels > 1 ? 1 : 0)));
  return out;
}

}  // namespace pasu::rtmp
