#include "wire/rtmp/media_reader.h"

#include <algorithm>
#include <memory>

#include "bits/aac_config.h"
#include "bits/configuration_record.h"
#include "bits/h264_sps.h"
#include "bits/h265_sps.h"
#include "bits/nal.h"
#include "wire/rtmp/detail/big_endian.h"

namespace pasu::rtmp {
namespace {

using media::Codec;
using media::MediaKind;

bool needs_configuration(const WireCodec& codec) {
  return codec.codec == Codec::h264 || codec.codec == Codec::h265 || codec.codec == Codec::aac ||
         codec.fourcc == fourcc("fLaC");
}

bool has_nal_units(Codec codec) { return codec == Codec::h264 || codec == Codec::h265; }

// What the sequence parameter set of a configuration record says; what is damaged says nothing.
void describe_pictures(const bits::ConfigurationRecord& record, media::StreamInfo& info) {
  const bool h264 = info.codec == Codec::h264;
  for (const bits::NalUnit& unit : record.units) {
    bits::SequenceInfo sequence;
    if (h264 && bits::h264_type(unit.bytes) == bits::H264Nal::sps) {
      if (const auto sps = bits::parse_h264_sps(unit.bytes)) sequence = sps->info;
    } else if (!h264 && bits::h265_type(unit.bytes) == bits::H265Nal::sps) {
      if (const auto sps = bits::parse_h265_sps(unit.bytes)) sequence = sps->info;
    }
    if (sequence.width == 0) continue;
    info.width = sequence.width;
    info.height = sequence.height;
    info.frame_rate = sequence.frame_rate;
    info.profile = bits::profile_name(sequence);
    return;
  }
}

// avcC or hvcC, with lengths of 4 bytes said in place of what it says. Gives the length it said.
Result<int> read_video_config(ByteView config, media::StreamInfo& info) {
  const bool h264 = info.codec == Codec::h264;
  const auto record = TRY(h264 ? bits::parse_avcc(config) : bits::parse_hvcc(config));
  describe_pictures(record, info);
  std::vector<uint8_t> copy(config.begin(), config.end());
  copy[h264 ? 4 : 21] |= 3;  // lengthSizeMinusOne
  info.extradata = Bytes::copy(copy);
  return record.length_size;
}

Result<void> read_audio_config(ByteView config, media::StreamInfo& info) {
  info.extradata = Bytes::copy(config);
  if (info.codec == Codec::aac) {
    const bits::AacConfig aac = TRY(bits::parse_aac_config(config));
    info.sample_rate = aac.output_rate;
    info.channels = aac.channels;
  } else if (info.codec == Codec::opus) {
    info.sample_rate = 48000;
    constexpr size_t kChannelsAt = 9;  // OpusHead, RFC 7845 5.1
    if (config.size() > kChannelsAt) info.channels = config[kChannelsAt];
  }
  return {};
}

// Is there an IDR or IRAP picture in these units?
struct Units {
  std::vector<ByteView> nals;
  bool starts_decoding = false;
};
Result<Units> read_units(bits::NalCursor cursor, Codec codec) {
  Units units;
  while (true) {
    const auto unit = TRY(cursor.next());
    if (!unit) return units;
    const ByteView nal = unit->bytes;
    units.nals.push_back(nal);
    if (codec == Codec::h264 ? bits::h264_type(nal) == bits::H264Nal::idr_slice
                             : bits::is_irap(bits::h265_type(nal))) {
      units.starts_decoding = true;
    }
  }
}

Bytes with_lengths(const std::vector<ByteView>& nals) {
  std::vector<uint8_t> out;
  for (const ByteView nal : nals) {
    put_u32(out, nal.size());
    put_bytes(out, nal);
  }
  return Bytes::copy(out);
}

// A part of a message: shared where the padding behind it is the message's own.
Bytes part_of(const Bytes& whole, ByteView part) {
  if (part.data() + part.size() != whole.data() + whole.size()) return Bytes::copy(part);
  return Bytes::share(std::make_shared<Bytes>(whole), part);
}

}  // namespace

Result<void> MediaReader::push(const Message& message) {
  const auto result = [&]() -> Result<void> {
    switch (message.type) {
      case MessageType::data_amf0:
      case MessageType::data_amf3:
        return push_data(message);
      case MessageType::audio:
      case MessageType::video: {
        const bool video = message.type == MessageType::video;
        // An empty message is how some servers say that a stream pauses.
        if (message.payload.empty()) return {};
        const auto packets =
            TRY(video ? parse_video_tag(message.payload) : parse_audio_tag(message.payload));
        for (const MediaPacket& packet : packets) TRY(push_packet(packet, message));
        return {};
      }
      case MessageType::aggregate:
        for (const Message& part : TRY(split_aggregate(message))) {
          if (part.type != MessageType::aggregate) TRY(push(part));
        }
        return {};
      default:
        return {};
    }
  }();
  if (!result) ++dropped_;
  return result;
}

std::optional<MediaReader::Event> MediaReader::next() {
  if (events_.empty()) return {};
  Event event = std::move(events_.front());
  events_.pop_front();
  return event;
}

void MediaReader::flush() {
  if (!announced_ && !tracks_.empty()) announce();
}

Result<void> MediaReader::push_data(const Message& message) {
  Data data = TRY(parse_data(message.type, message.payload));
  if (data.name == "onMetaData") {
    metadata_ = parse_metadata(data);
    for (Track& track : tracks_) apply_metadata(track.info);
    announce_when_settled();
  }
  events_.emplace_back(std::move(data));
  return {};
}

Result<void> MediaReader::push_packet(const MediaPacket& packet, const Message& message) {
  if (packet.kind == PacketKind::sequence_start) return configure(packet);
  if (packet.kind != PacketKind::coded || packet.body.empty()) return {};
  Track* track = find(packet.codec->kind, packet.track);
  const bool other_codec = track != nullptr && track->info.codec_name != packet.codec->name;
  if (track == nullptr || other_codec) {
    if (needs_configuration(*packet.codec)) {
      return fail(Errc::malformed, "{}: a frame before its configuration", packet.codec->name);
    }
    TRY(configure(packet));
    track = find(packet.codec->kind, packet.track);
  }
  return take_unit(*track, packet, message);
}

Result<void> MediaReader::configure(const MediaPacket& packet) {
  Track track;
  track.id = packet.track;
  media::StreamInfo& info = track.info;
  info.kind = packet.codec->kind;
  info.codec = packet.codec->codec;
  info.codec_name = packet.codec->name;
  info.sample_rate = packet.sample_rate;
  info.channels = packet.channels;
  if (packet.kind == PacketKind::sequence_start) {
    if (has_nal_units(info.codec)) {
      track.length_size = TRY(with_context(read_video_config(packet.body, info), info.codec_name));
    } else if (info.kind == MediaKind::audio) {
      TRY(read_audio_config(packet.body, info));
    } else {
      info.extradata = Bytes::copy(packet.body);
    }
  }
  if (packet.track == 0) apply_metadata(info);
  return set_track(std::move(track));
}

Result<void> MediaReader::set_track(Track track) {
  Track* old = find(track.info.kind, track.id);
  if (old == nullptr) {
    if (tracks_.size() >= kTracksMax) {
      return fail(Errc::too_large, "over {} tracks in one stream", kTracksMax);
    }
    tracks_.push_back(std::move(track));
    if (announced_) {
      announce();
    } else {
      announce_when_settled();
    }
    return {};
  }
  const bool same = old->info.codec_name == track.info.codec_name &&
                    std::ranges::equal(old->info.extradata.view(), track.info.extradata.view());
  if (same) return {};  // Encoders repeat it with every key frame.
  *old = std::move(track);
  if (announced_) announce();
  return {};
}

Result<void> MediaReader::take_unit(Track& track, const MediaPacket& packet,
                                    const Message& message) {
  media::AccessUnit unit;
  unit.key = packet.key;
  const Codec codec = track.info.codec;
  if (has_nal_units(codec)) {
    auto units =
        read_units(bits::NalCursor::length_prefixed(packet.body, track.length_size), codec);
    bool rewrite = track.length_size != 4;
    if (!units && bits::starts_with_start_code(packet.body)) {
      units = read_units(bits::NalCursor::annexb(packet.body), codec);
      rewrite = true;
    }
    if (!units) return tl::unexpected(std::move(units).error().with(track.info.codec_name));
    if (units->nals.empty()) return {};
    unit.key = unit.key || units->starts_decoding;
    unit.data = rewrite ? with_lengths(units->nals) : part_of(message.payload, packet.body);
  } else {
    unit.data = part_of(message.payload, packet.body);
  }
  unit.dts = std::chrono::milliseconds(unwrap(message.timestamp)) +
             std::chrono::nanoseconds(packet.offset_ns);
  unit.pts = unit.dts + std::chrono::milliseconds(packet.composition_ms);
  const auto place = static_cast<size_t>(&track - tracks_.data());
  if (announced_) {
    unit.stream = static_cast<int>(place);
    events_.emplace_back(std::move(unit));
    return {};
  }
  held_bytes_ += unit.data.size();
  held_.emplace_back(place, std::move(unit));
  announce_when_settled();
  return {};
}

MediaReader::Track* MediaReader::find(MediaKind kind, int id) {
  const auto found = std::ranges::find_if(
      tracks_, [&](const Track& track) { return track.info.kind == kind && track.id == id; });
  return found == tracks_.end() ? nullptr : &*found;
}

// What the configuration does not say.
void MediaReader::apply_metadata(media::StreamInfo& info) const {
  const auto fill = [](auto& to, auto from) {
    if (to == 0) to = from;
  };
  if (info.kind == MediaKind::video) {
    if (info.width == 0 || info.height == 0) {
      info.width = metadata_.width;
      info.height = metadata_.height;
    }
    fill(info.frame_rate, metadata_.frame_rate);
    fill(info.bit_rate, metadata_.video_bit_rate);
  } else {
    fill(info.sample_rate, metadata_.sample_rate);
    fill(info.channels, metadata_.channels);
    fill(info.bit_rate, metadata_.audio_bit_rate);
  }
}

// The time nearest to the last that has these 32 bits.
int64_t MediaReader::unwrap(uint32_t timestamp) {
  const int64_t last = time_ms_.value_or(timestamp);
  time_ms_ = last + static_cast<int32_t>(timestamp - static_cast<uint32_t>(last));
  return *time_ms_;
}

bool MediaReader::settled() const {
  const auto there = [&](MediaKind kind) {
    return std::ranges::any_of(tracks_, [&](const Track& t) { return t.info.kind == kind; });
  };
  const bool video = there(MediaKind::video), audio = there(MediaKind::audio);
  if (video && audio) return true;
  if (!video && !audio) return false;
  if (metadata_.has_video || metadata_.has_audio) {
    if (metadata_.has_video.value_or(false) == video &&
        metadata_.has_audio.value_or(false) == audio) {
      return true;
    }
  }
  if (held_.empty()) return false;
  return held_.size() >= kHeldUnitsMax || held_bytes_ >= kHeldBytesMax ||
         held_.back().second.dts - held_.front().second.dts >=
             std::chrono::milliseconds(kHeldMsMax);
}

void MediaReader::announce_when_settled() {
  if (!announced_ && settled()) announce();
}

void MediaReader::announce() {
  if (!announced_) {
    // Video first, for those who show one stream.
    std::vector<size_t> order(tracks_.size());
    for (size_t i = 0; i < order.size(); ++i) order[i] = i;
    std::ranges::stable_sort(order, [&](size_t a, size_t b) {
      return tracks_[a].info.kind == MediaKind::video && tracks_[b].info.kind != MediaKind::video;
    });
    std::vector<Track> sorted;
    std::vector<int> place(tracks_.size());
    for (const size_t from : order) {
      place[from] = static_cast<int>(sorted.size());
      sorted.push_back(std::move(tracks_[from]));
    }
    tracks_ = std::move(sorted);
    for (auto& [track, unit] : held_) unit.stream = place[track];
  }
  StreamsChanged changed;
  for (size_t i = 0; i < tracks_.size(); ++i) {
    tracks_[i].info.index = static_cast<int>(i);
    changed.streams.push_back(tracks_[i].info);
  }
  events_.emplace_back(std::move(changed));
  for (auto& [track, unit] : held_) events_.emplace_back(std::move(unit));
  held_.clear();
  held_bytes_ = 0;
  announced_ = true;
}

}  // namespace pasu::rtmp
