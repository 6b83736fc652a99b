#include "wire/rtmp/stream_writer.h"

#include <algorithm>
#include <array>

#include "bits/aac_config.h"
#include "bits/nal.h"
#include "wire/rtmp/detail/big_endian.h"
#include "wire/rtmp/media_tag.h"
#include "wire/rtmp/metadata.h"

namespace pasu::rtmp {
namespace {

using media::Codec;
using media::MediaKind;

constexpr size_t kUnitBytesMax = (1u << 24) - 64;

int64_t to_ms(media::Pts time) {
  return std::chrono::round<std::chrono::milliseconds>(time).count();
}

uint32_t timestamp_of(media::Pts time) {
  return static_cast<uint32_t>(std::max<int64_t>(to_ms(time), 0));
}

// SI24.
int32_t composition_of(const media::AccessUnit& unit) {
  constexpr int64_t kMax = (1 << 23) - 1;
  return static_cast<int32_t>(
      std::clamp<int64_t>(to_ms(unit.pts) - to_ms(unit.dts), -kMax - 1, kMax));
}

// OpusHead (RFC 7845 5.1), for Opus from RTP, which has none.
std::vector<uint8_t> opus_head(const media::StreamInfo& stream) {
  std::vector<uint8_t> out;
  put_bytes(out, as_bytes("OpusHead"));
  put_u8(out, 1);
  put_u8(out, static_cast<uint8_t>(stream.channels > 1 ? 2 : 1));
  put_u16(out, 0);                                                  // Pre-skip.
  for (const uint8_t byte : {0x80, 0xBB, 0, 0}) put_u8(out, byte);  // 48000, little-endian.
  put_u16(out, 0);                                                  // Gain.
  put_u8(out, 0);                                                   // Mapping family.
  return out;
}

MessageHeader media_header(MediaKind kind, uint32_t stream_id, uint32_t timestamp) {
  const bool video = kind == MediaKind::video;
  return {video ? ChunkStream::video : ChunkStream::audio,
          video ? MessageType::video : MessageType::audio, stream_id, timestamp};
}

Bytes joined(const std::vector<Bytes>& parts) {
  std::vector<uint8_t> out;
  for (const Bytes& part : parts) put_bytes(out, part);
  return Bytes::copy(out);
}

std::vector<uint8_t> tag_header(const WireCodec& codec, const media::StreamInfo& info,
                                PacketKind kind, bool key, int32_t composition_ms) {
  if (info.kind == MediaKind::video) return video_tag_header(codec, kind, key, composition_ms);
  return audio_tag_header(codec, kind, info.sample_rate, info.channels);
}

}  // namespace

bool StreamWriter::can_carry(const media::StreamInfo& stream) {
  const WireCodec* codec = find_codec(stream);
  return codec != nullptr && codec->codec != Codec::other;
}

Result<StreamWriter> StreamWriter::create(std::span<const media::StreamInfo> streams,
                                          uint32_t stream_id) {
  StreamWriter writer;
  writer.stream_id_ = stream_id;
  for (const media::StreamInfo& stream : streams) {
    if (!can_carry(stream)) {
      return fail(
          Errc::unsupported, "RTMP cannot carry {}; transcode it to H.264 or AAC",
          stream.codec_name.empty() ? media::to_string(stream.codec) : stream.codec_name.c_str());
    }
    for (const Track& track : writer.tracks_) {
      if (track.info.kind == stream.kind) {
        return fail(Errc::invalid_argument, "RTMP: two {} streams, one can be sent",
                    stream.kind == MediaKind::video ? "video" : "audio");
      }
    }
    writer.tracks_.push_back(TRY(make_track(stream)));
  }
  if (writer.tracks_.empty()) return fail(Errc::invalid_argument, "RTMP: no stream to send");
  return writer;
}

Result<StreamWriter::Track> StreamWriter::make_track(const media::StreamInfo& stream) {
  Track track;
  track.codec = find_codec(stream);
  track.info = stream;
  switch (stream.codec) {
    case Codec::h264:
    case Codec::h265:
      track.config = stream.extradata;
      if (!stream.extradata.empty() && !bits::starts_with_start_code(stream.extradata)) break;
      track.config = {};
      track.sets.emplace(stream.codec);
      if (stream.extradata.empty()) break;
      TRY(with_context(track.sets->add_extradata(stream.extradata), "RTMP"));
      if (!track.sets->complete()) break;
      TRY(with_context(track.sets->describe(track.info), "RTMP"));
      track.config = track.info.extradata;
      break;
    case Codec::aac:
      TRY(with_context(bits::parse_aac_config(stream.extradata), "RTMP: AAC"));
      track.config = stream.extradata;
      break;
    case Codec::opus:
      track.config = stream.extradata.empty() ? Bytes::copy(opus_head(stream)) : stream.extradata;
      break;
    case Codec::av1:
    case Codec::vp9:
      track.config = stream.extradata;
      break;
    default:
      break;
  }
  return track;
}

Bytes StreamWriter::config_message(const Track& track, uint32_t timestamp) const {
  const auto tag = tag_header(*track.codec, track.info, PacketKind::sequence_start, true, 0);
  const std::array<ByteView, 2> parts{tag, track.config};
  return chunk_message(media_header(track.info.kind, stream_id_, timestamp), parts);
}

Bytes StreamWriter::header(media::Pts at) const {
  const uint32_t timestamp = timestamp_of(at);
  std::vector<media::StreamInfo> streams;
  for (const Track& track : tracks_) streams.push_back(track.info);
  std::vector<Bytes> messages;
  // At time 0 always: FFmpeg takes onMetaData at any other for a stream of text.
  messages.push_back(chunk_message({ChunkStream::data, MessageType::data_amf0, stream_id_, 0},
                                   build_data(build_metadata(streams))));
  for (const Track& track : tracks_) {
    if (!track.config.empty()) messages.push_back(config_message(track, timestamp));
  }
  return joined(messages);
}

// Annex B to lengths, parameter sets taken note of.
Result<std::vector<uint8_t>> StreamWriter::to_lengths(Track& track, const media::AccessUnit& unit,
                                                      bool& config_changed) {
  std::vector<uint8_t> out;
  out.reserve(unit.data.size() + 64);
  bool sets_changed = false;
  auto cursor = bits::NalCursor::annexb(unit.data);
  while (const auto nal = TRY(cursor.next())) {
    if (track.sets->is_set(nal->bytes)) sets_changed |= track.sets->add(nal->bytes);
    put_u32(out, nal->bytes.size());
    put_bytes(out, nal->bytes);
  }
  if (sets_changed && track.sets->complete()) {
    TRY(track.sets->describe(track.info));
    track.config = track.info.extradata;
    config_changed = true;
  }
  return out;
}

Result<Bytes> StreamWriter::write(const media::AccessUnit& unit) {
  const auto track =
      std::ranges::find_if(tracks_, [&](const Track& t) { return t.info.index == unit.stream; });
  if (track == tracks_.end()) {
    return fail(Errc::invalid_argument, "RTMP: stream {} is not one of those sent", unit.stream);
  }
  if (unit.data.size() > kUnitBytesMax) {
    return fail(Errc::too_large, "RTMP: a unit of {} bytes, over {}", unit.data.size(),
                kUnitBytesMax);
  }
  const uint32_t timestamp = timestamp_of(unit.dts);
  const auto tag =
      tag_header(*track->codec, track->info, PacketKind::coded, unit.key, composition_of(unit));
  std::array<ByteView, 2> parts{tag, unit.data};
  std::vector<uint8_t> converted;
  bool config_changed = false;
  if (track->sets) {
    converted = TRY(with_context(to_lengths(*track, unit, config_changed), "RTMP"));
    parts[1] = converted;
  }
  Bytes message = chunk_message(media_header(track->info.kind, stream_id_, timestamp), parts);
  if (!config_changed) return message;
  return joined({config_message(*track, timestamp), message});
}

Bytes StreamWriter::end(media::Pts at) const {
  std::vector<Bytes> messages;
  for (const Track& track : tracks_) {
    if (track.info.kind != MediaKind::video) continue;
    messages.push_back(
        chunk_message(media_header(track.info.kind, stream_id_, timestamp_of(at)),
                      tag_header(*track.codec, track.info, PacketKind::sequence_end, true, 0)));
  }
  return joined(messages);
}

}  // namespace pasu::rtmp
