// Tags of FLV and Enhanced RTMP; streams and units out of them, and back.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "wire/rtmp/flv_file.h"
#include "wire/rtmp/media_reader.h"
#include "wire/rtmp/media_tag.h"
#include "wire/rtmp/stream_writer.h"
#include "wire/rtmp/test_support.h"

namespace pasu::rtmp {
namespace {

using media::MediaKind;
using std::chrono::milliseconds;
using testing::HasSubstr;

struct Wanted {
  const char* codec;
  PacketKind kind;
  const char* body;
  bool key = true;
  int32_t composition_ms = 0;
  int track = 0;
  uint32_t offset_ns = 0;
};
struct Case {
  const char* name;
  const char* hex;
  std::vector<Wanted> packets;
};

constexpr auto kStart = PacketKind::sequence_start;
constexpr auto kCoded = PacketKind::coded;
constexpr auto kEnd = PacketKind::sequence_end;
constexpr auto kOther = PacketKind::other;

// FLV E.4.3.1; ExVideoTagHeader of Enhanced RTMP v1 and v2.
const Case kVideo[] = {
    {"AvcSequenceHeader", "17 00 000000 0164", {{"h264", kStart, "0164"}}},
    {"AvcKey", "17 01 000050 aabb", {{"h264", kCoded, "aabb", true, 80}}},
    {"AvcInter", "27 01 000000 aabb", {{"h264", kCoded, "aabb", false}}},
    {"AvcNegativeComposition", "27 01 ffffff aa", {{"h264", kCoded, "aa", false, -1}}},
    {"AvcEnd", "17 02 000000", {{"h264", kEnd, ""}}},
    {"GeneratedKey", "47 01 000000 aa", {{"h264", kCoded, "aa", true}}},
    {"CommandFrame", "57 00", {}},
    {"HevcBeforeEnhanced", "1c 01 000000 aa", {{"hevc", kCoded, "aa"}}},
    {"HevcSequenceStart", "90 68766331 0102", {{"hevc", kStart, "0102"}}},
    {"HevcCodedFrames", "91 68766331 000028 aa", {{"hevc", kCoded, "aa", true, 40}}},
    {"HevcCodedFramesX", "a3 68766331 aa", {{"hevc", kCoded, "aa", false}}},
    {"HevcEnd", "92 68766331", {{"hevc", kEnd, ""}}},
    {"AvcEnhanced", "91 61766331 000028 aa", {{"h264", kCoded, "aa", true, 40}}},
    {"Av1CodedFrames", "91 61763031 0a0b", {{"av1", kCoded, "0a0b"}}},
    {"Vp9CodedFrames", "a1 76703039 aa", {{"vp9", kCoded, "aa", false}}},
    {"Metadata", "94 68766331 02 0001", {{"hevc", kOther, "020001"}}},
    {"ExCommandFrame", "d1 00", {}},
    {"ModExNano", "97 02 0003e8 03 68766331 aa", {{"hevc", kCoded, "aa", true, 0, 0, 1000}}},
    {"ModExTwice",
     "97 00 ff f7 02 0003e8 03 68766331 aa",
     {{"hevc", kCoded, "aa", true, 0, 0, 1000}}},
    {"MultitrackOne", "96 01 68766331 05 000028 aa", {{"hevc", kCoded, "aa", true, 40, 5}}},
    {"MultitrackMany",
     "96 13 68766331 00 000001 aa 01 000002 bbcc",
     {{"hevc", kCoded, "aa"}, {"hevc", kCoded, "bbcc", true, 0, 1}}},
    {"MultitrackManyCodecs",
     "96 23 68766331 00 000001 aa 61763031 01 000002 bbcc",
     {{"hevc", kCoded, "aa"}, {"av1", kCoded, "bbcc", true, 0, 1}}},
};

// FLV E.4.2.1; ExAudioTagHeader of Enhanced RTMP v2.
const Case kAudio[] = {
    {"AacSequenceHeader", "af 00 1190", {{"aac", kStart, "1190"}}},
    {"AacRaw", "af 01 aabb", {{"aac", kCoded, "aabb"}}},
    {"Mp3", "2f fffb", {{"mp3", kCoded, "fffb"}}},
    {"Mp3At8k", "e2 fffb", {{"mp3", kCoded, "fffb"}}},
    {"PcmA", "72 d5", {{"pcm_alaw", kCoded, "d5"}}},
    {"PcmU", "82 ff", {{"pcm_mulaw", kCoded, "ff"}}},
    {"OpusSequenceStart", "90 4f707573 4f707573", {{"opus", kStart, "4f707573"}}},
    {"OpusCodedFrames", "91 4f707573 aa", {{"opus", kCoded, "aa"}}},
    {"Ac3", "91 61632d33 0b77", {{"ac3", kCoded, "0b77"}}},
    {"FlacSequenceStart", "90 664c6143 00", {{"flac", kStart, "00"}}},
    {"AacEnhanced", "91 6d703461 aa", {{"aac", kCoded, "aa"}}},
    {"MultichannelConfig", "94 4f707573 0102", {{"opus", kOther, "0102"}}},
    {"End", "92 4f707573", {{"opus", kEnd, ""}}},
    {"MultitrackMany",
     "95 11 6d703461 00 000001 aa 01 000001 bb",
     {{"aac", kCoded, "aa"}, {"aac", kCoded, "bb", true, 0, 1}}},
    {"ModExNano", "97 02 000064 01 6d703461 aa", {{"aac", kCoded, "aa", true, 0, 0, 100}}},
};

void check(const Case& c, const Result<std::vector<MediaPacket>>& packets) {
  ASSERT_TRUE(packets) << packets.error().message();
  ASSERT_EQ(packets->size(), c.packets.size());
  for (size_t i = 0; i < packets->size(); ++i) {
    const MediaPacket& packet = (*packets)[i];
    const Wanted& wanted = c.packets[i];
    EXPECT_STREQ(packet.codec->name, wanted.codec);
    EXPECT_EQ(packet.kind, wanted.kind);
    EXPECT_EQ(to_vector(packet.body), from_hex(wanted.body));
    EXPECT_EQ(packet.key, wanted.key);
    EXPECT_EQ(packet.composition_ms, wanted.composition_ms);
    EXPECT_EQ(packet.track, wanted.track);
    EXPECT_EQ(packet.offset_ns, wanted.offset_ns);
  }
}

TEST(MediaTag, VideoTable) {
  for (const Case& c : kVideo) {
    SCOPED_TRACE(c.name);
    const TestBytes bytes = from_hex(c.hex);
    check(c, parse_video_tag(bytes));
  }
}

TEST(MediaTag, AudioTable) {
  for (const Case& c : kAudio) {
    SCOPED_TRACE(c.name);
    const TestBytes bytes = from_hex(c.hex);
    check(c, parse_audio_tag(bytes));
  }
}

TEST(MediaTag, RefusedByName) {
  struct Refused {
    const char* name;
    bool video;
    const char* hex;
    Errc code;
    const char* says;
  };
  const Refused cases[] = {
      {"Empty", true, "", Errc::truncated, "0 bytes"},
      {"AvcHeaderShort", true, "17 01 0000", Errc::truncated, "4 bytes"},
      {"SorensonH263", true, "22 aabbccdd", Errc::unsupported, "codec 2"},
      {"FourCcShort", true, "91 687663", Errc::truncated, "4 bytes"},
      {"FourCcUnknown", true, "91 78787878 aa", Errc::unsupported, "0x78787878"},
      {"CompositionShort", true, "91 68766331 0000", Errc::truncated, "7 bytes"},
      {"ModExShort", true, "97 10 00", Errc::truncated, "3 bytes"},
      {"TrackPastTheEnd", true, "96 13 68766331 00 00ffff aa", Errc::truncated, "11 bytes"},
      {"MultitrackTypeUnknown", true, "96 33 68766331", Errc::unsupported, "multitrack type 3"},
      {"EmptyAudio", false, "", Errc::truncated, "0 bytes"},
      {"AacWithoutType", false, "af", Errc::truncated, "1 bytes"},
      {"Speex", false, "b2 aa", Errc::unsupported, "sound format 11"},
  };
  for (const Refused& c : cases) {
    SCOPED_TRACE(c.name);
    const TestBytes bytes = from_hex(c.hex);
    const auto packets = c.video ? parse_video_tag(bytes) : parse_audio_tag(bytes);
    ASSERT_FALSE(packets);
    EXPECT_EQ(packets.error().code(), c.code);
    EXPECT_THAT(packets.error().message(), HasSubstr(c.says));
  }
}

TEST(MediaTag, ManyTracksAreBounded) {
  TestBytes bytes = from_hex("96 13 68766331");
  for (int i = 0; i < 40; ++i) bytes.insert(bytes.end(), {uint8_t(i), 0, 0, 1, 0xaa});
  const auto packets = parse_video_tag(bytes);
  ASSERT_FALSE(packets);
  EXPECT_EQ(packets.error().code(), Errc::too_large);
}

TEST(MediaTag, HeadersRoundTrip) {
  for (const char* name : {"avc1", "hvc1", "av01", "vp09"}) {
    const uint32_t code = uint32_t(uint8_t(name[0])) << 24 | uint32_t(uint8_t(name[1])) << 16 |
                          uint32_t(uint8_t(name[2])) << 8 | uint8_t(name[3]);
    const WireCodec* codec = find_codec(MediaKind::video, code);
    ASSERT_NE(codec, nullptr);
    const bool composes = codec->codec == media::Codec::h264 || codec->codec == media::Codec::h265;
    for (const PacketKind kind : {kStart, kCoded, kEnd}) {
      for (const int32_t composition : {0, 40, -40}) {
        TestBytes tag = video_tag_header(*codec, kind, true, composition);
        tag.push_back(0xaa);
        const auto packets = parse_video_tag(tag);
        ASSERT_TRUE(packets) << packets.error().message();
        EXPECT_EQ((*packets)[0].codec, codec);
        EXPECT_EQ((*packets)[0].kind, kind);
        EXPECT_EQ((*packets)[0].body.size(), 1u);
        const bool carried = composes && kind == kCoded;
        EXPECT_EQ((*packets)[0].composition_ms, carried ? composition : 0);
      }
    }
  }
}

Message message_of(MessageType type, uint32_t timestamp, std::string_view hex) {
  return {type, 1, timestamp, Bytes::copy(from_hex(hex))};
}
Message video(uint32_t timestamp, std::string_view hex) {
  return message_of(MessageType::video, timestamp, hex);
}
Message audio(uint32_t timestamp, std::string_view hex) {
  return message_of(MessageType::audio, timestamp, hex);
}
Message avc_config(uint32_t timestamp = 0) {
  const media::StreamInfo info = h264_stream();
  return {MessageType::video, 1, timestamp,
          Bytes::copy(join({from_hex("17 00 000000"), info.extradata}))};
}
Message metadata_of(std::vector<Property> members) {
  return {MessageType::data_amf0, 1, 0,
          Bytes::copy(build_data({"onMetaData", {Object(std::move(members))}}))};
}

std::vector<MediaReader::Event> drain(MediaReader& reader) {
  std::vector<MediaReader::Event> events;
  while (auto event = reader.next()) events.push_back(std::move(*event));
  return events;
}
std::vector<media::AccessUnit> units_of(const std::vector<MediaReader::Event>& events) {
  std::vector<media::AccessUnit> units;
  for (const auto& event : events) {
    if (const auto* unit = std::get_if<media::AccessUnit>(&event)) units.push_back(*unit);
  }
  return units;
}
std::vector<StreamsChanged> changes_of(const std::vector<MediaReader::Event>& events) {
  std::vector<StreamsChanged> changes;
  for (const auto& event : events) {
    if (const auto* change = std::get_if<StreamsChanged>(&event)) changes.push_back(*change);
  }
  return changes;
}

TEST(MediaReader, WaitsForBothKinds) {
  MediaReader reader;
  ASSERT_TRUE(reader.push(audio(0, "af 00 1190")));
  ASSERT_TRUE(reader.push(audio(0, "af 01 aabb")));
  EXPECT_TRUE(drain(reader).empty());
  ASSERT_TRUE(reader.push(avc_config()));
  ASSERT_TRUE(reader.push(video(5, "17 01 000000 00000001 65")));
  const auto events = drain(reader);
  const auto changes = changes_of(events);
  ASSERT_EQ(changes.size(), 1u);
  ASSERT_EQ(changes[0].streams.size(), 2u);
  EXPECT_EQ(changes[0].streams[0].kind, MediaKind::video);  // Though audio came first.
  const auto units = units_of(events);
  ASSERT_EQ(units.size(), 2u);
  EXPECT_EQ(units[0].stream, 1);
  EXPECT_EQ(units[1].stream, 0);
}

TEST(MediaReader, MetadataSaysThatThereIsNoAudio) {
  MediaReader reader;
  ASSERT_TRUE(reader.push(metadata_of({{"videocodecid", 7}, {"framerate", 12.5}})));
  ASSERT_TRUE(reader.push(avc_config()));
  const auto changes = changes_of(drain(reader));
  ASSERT_EQ(changes.size(), 1u);
  EXPECT_EQ(changes[0].streams.size(), 1u);
  EXPECT_EQ(changes[0].streams[0].profile, "High");
}

TEST(MediaReader, WaitsASecondAtMost) {
  MediaReader reader;
  ASSERT_TRUE(reader.push(avc_config()));
  for (uint32_t ms = 0; ms < 1000; ms += 40) {
    ASSERT_TRUE(reader.push(video(ms, "27 01 000000 00000001 41")));
    EXPECT_TRUE(drain(reader).empty());
  }
  ASSERT_TRUE(reader.push(video(1000, "27 01 000000 00000001 41")));
  EXPECT_EQ(units_of(drain(reader)).size(), 26u);
}

TEST(MediaReader, HoldsBackABoundedNumber) {
  MediaReader reader;
  ASSERT_TRUE(reader.push(avc_config()));
  for (size_t i = 0; i < MediaReader::kHeldUnitsMax; ++i) {
    ASSERT_TRUE(reader.push(video(0, "27 01 000000 00000001 41")));
  }
  EXPECT_EQ(units_of(drain(reader)).size(), MediaReader::kHeldUnitsMax);
}

TEST(MediaReader, FlushGivesWhatIsHeld) {
  MediaReader reader;
  ASSERT_TRUE(reader.push(avc_config()));
  ASSERT_TRUE(reader.push(video(0, "17 01 000000 00000001 65")));
  reader.flush();
  EXPECT_EQ(units_of(drain(reader)).size(), 1u);
}

// The 32 bits of a millisecond clock wrap after 49.7 days.
TEST(MediaReader, TimestampsAreUnwrapped) {
  MediaReader reader;
  ASSERT_TRUE(reader.push(metadata_of({{"audiocodecid", 10}})));
  ASSERT_TRUE(reader.push(audio(0xfffffff0, "af 00 1190")));
  for (const uint32_t ts : {0xfffffff0u, 0xfffffffau, 4u, 0xffffffffu, 10u}) {
    ASSERT_TRUE(reader.push(audio(ts, "af 01 aa")));
  }
  std::vector<int64_t> times;
  for (const auto& unit : units_of(drain(reader))) {
    times.push_back(std::chrono::duration_cast<milliseconds>(unit.dts).count());
  }
  EXPECT_THAT(times,
              testing::ElementsAre(0xfffffff0, 0xfffffffa, 0x100000004, 0xffffffff, 0x10000000a));
}

TEST(MediaReader, CompositionTimeAndNanosecondsMakePts) {
  MediaReader reader;
  ASSERT_TRUE(reader.push(metadata_of({{"videocodecid", 7}})));
  ASSERT_TRUE(reader.push(avc_config()));
  ASSERT_TRUE(reader.push(video(100, "27 01 000028 00000001 41")));
  ASSERT_TRUE(reader.push(video(140, "a7 02 0003e8 01 61766331 fffffe 00000001 41")));
  const auto units = units_of(drain(reader));
  ASSERT_EQ(units.size(), 2u);
  EXPECT_EQ(units[0].dts, milliseconds(100));
  EXPECT_EQ(units[0].pts, milliseconds(140));
  EXPECT_EQ(units[1].dts, milliseconds(140) + std::chrono::nanoseconds(1000));
  EXPECT_EQ(units[1].pts, milliseconds(138) + std::chrono::nanoseconds(1000));
}

TEST(MediaReader, RepeatedConfigurationChangesNothing) {
  MediaReader reader;
  ASSERT_TRUE(reader.push(metadata_of({{"videocodecid", 7}})));
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(reader.push(avc_config()));
  EXPECT_EQ(changes_of(drain(reader)).size(), 1u);
}

TEST(MediaReader, ResolutionChangesMidStream) {
  MediaReader reader;
  ASSERT_TRUE(reader.push(metadata_of({{"videocodecid", 7}})));
  ASSERT_TRUE(reader.push(avc_config()));
  // 64x64, Baseline.
  const TestBytes sps = from_hex("6742c00a d9047844 00000300 04000003 00f03c48 9920");
  const ByteView sps_view = sps, pps = sample_pps();
  const auto config = bits::make_avcc({&sps_view, 1}, {&pps, 1}).value();
  ASSERT_TRUE(reader.push(
      {MessageType::video, 1, 40, Bytes::copy(join({from_hex("17 00 000000"), config}))}));
  const auto changes = changes_of(drain(reader));
  ASSERT_EQ(changes.size(), 2u);
  EXPECT_EQ(changes[0].streams[0].width, 1280);
  EXPECT_NE(changes[1].streams[0].width, 1280);
  EXPECT_EQ(changes[1].streams[0].index, 0);
}

TEST(MediaReader, AudioThatJoinsLaterGetsTheNextIndex) {
  MediaReader reader;
  ASSERT_TRUE(reader.push(metadata_of({{"videocodecid", 7}})));
  ASSERT_TRUE(reader.push(avc_config()));
  ASSERT_TRUE(reader.push(audio(0, "82 ffff")));
  const auto events = drain(reader);
  const auto changes = changes_of(events);
  ASSERT_EQ(changes.size(), 2u);
  EXPECT_EQ(changes[1].streams[1].codec, media::Codec::pcmu);
  EXPECT_EQ(changes[1].streams[1].sample_rate, 8000);
  EXPECT_EQ(changes[1].streams[1].channels, 1);
  ASSERT_EQ(units_of(events).size(), 1u);
  EXPECT_EQ(units_of(events)[0].stream, 1);
}

TEST(MediaReader, TracksOfOneTagAreStreams) {
  MediaReader reader;
  ASSERT_TRUE(reader.push(metadata_of({{"audiocodecid", 10}})));
  ASSERT_TRUE(reader.push(audio(0, "95 10 6d703461 00 000002 1190 01 000002 1210")));
  ASSERT_TRUE(reader.push(audio(0, "95 11 6d703461 00 000001 aa 01 000001 bb")));
  const auto events = drain(reader);
  ASSERT_FALSE(changes_of(events).empty());
  EXPECT_EQ(changes_of(events).back().streams.size(), 2u);
  EXPECT_EQ(changes_of(events).back().streams[1].sample_rate, 44100);
  const auto units = units_of(events);
  ASSERT_EQ(units.size(), 2u);
  EXPECT_EQ(units[1].stream, 1);
}

TEST(MediaReader, FramesBeforeTheirConfigurationAreDropped) {
  MediaReader reader;
  EXPECT_FALSE(reader.push(video(0, "17 01 000000 00000001 65")));
  EXPECT_FALSE(reader.push(audio(0, "af 01 aa")));
  EXPECT_EQ(reader.dropped(), 2u);
  EXPECT_TRUE(drain(reader).empty());
}

TEST(MediaReader, DamagedUnitsAreDroppedAlone) {
  MediaReader reader;
  ASSERT_TRUE(reader.push(metadata_of({{"videocodecid", 7}})));
  ASSERT_TRUE(reader.push(avc_config()));
  EXPECT_FALSE(reader.push(video(0, "17 01 000000 000000ff 65")));
  ASSERT_TRUE(reader.push(video(40, "17 01 000000 00000001 65")));
  EXPECT_EQ(units_of(drain(reader)).size(), 1u);
  EXPECT_EQ(reader.dropped(), 1u);
}

TEST(MediaReader, AnnexBInPlaceOfLengthsIsTaken) {
  MediaReader reader;
  ASSERT_TRUE(reader.push(metadata_of({{"videocodecid", 7}})));
  ASSERT_TRUE(reader.push(avc_config()));
  ASSERT_TRUE(reader.push(video(0, "27 01 000000 00000001 0910 00000001 65aabb")));
  const auto units = units_of(drain(reader));
  ASSERT_EQ(units.size(), 1u);
  EXPECT_TRUE(units[0].key);  // Whatever the tag says.
  EXPECT_EQ(to_vector(units[0].data), from_hex("00000002 0910 00000003 65aabb"));
}

TEST(MediaReader, ShortLengthsBecomeFourBytes) {
  MediaReader reader;
  ASSERT_TRUE(reader.push(metadata_of({{"videocodecid", 7}})));
  TestBytes config = to_vector(h264_stream().extradata);
  config[4] = 0xfd;  // lengthSizeMinusOne 1
  ASSERT_TRUE(reader.push(
      {MessageType::video, 1, 0, Bytes::copy(join({from_hex("17 00 000000"), config}))}));
  ASSERT_TRUE(reader.push(video(0, "17 01 000000 0002 65aa")));
  const auto events = drain(reader);
  EXPECT_EQ(changes_of(events)[0].streams[0].extradata.data()[4], 0xff);
  EXPECT_EQ(to_vector(units_of(events)[0].data), from_hex("00000002 65aa"));
}

// SRS#3803: data that cannot be read, or that nobody knows, ends nothing.
TEST(MediaReader, UnexpectedDataIsPassedOver) {
  MediaReader reader;
  EXPECT_FALSE(reader.push(message_of(MessageType::data_amf0, 0, "12 34")));
  EXPECT_TRUE(
      reader.push(message_of(MessageType::data_amf0, 0, "02 0003 666f6f 00 3ff0000000000000")));
  EXPECT_TRUE(reader.push(message_of(MessageType::shared_object_amf0, 0, "00")));
  EXPECT_EQ(drain(reader).size(), 1u);
  EXPECT_EQ(reader.dropped(), 1u);
}

TEST(MediaReader, ManyTracksAreBounded) {
  MediaReader reader;
  for (int i = 0; i < 40; ++i) {
    TestBytes tag = from_hex("95 01 4f707573 00 aa");
    tag[6] = static_cast<uint8_t>(i);
    (void)reader.push({MessageType::audio, 1, 0, Bytes::copy(tag)});
  }
  EXPECT_EQ(reader.dropped(), 40 - MediaReader::kTracksMax);
}

// What a StreamWriter made, read back.
std::vector<MediaReader::Event> read_back(const std::vector<Bytes>& messages) {
  ChunkReader chunks;
  MediaReader reader;
  EXPECT_TRUE(chunks.push(chunk_control(MessageType::set_chunk_size, kChunkBytesOut)));
  for (const Bytes& bytes : messages) EXPECT_TRUE(chunks.push(bytes));
  while (const auto message = chunks.next()) {
    const auto pushed = reader.push(*message);
    EXPECT_TRUE(pushed) << pushed.error().message();
  }
  reader.flush();
  return drain(reader);
}

media::StreamInfo stream_of(MediaKind kind, media::Codec codec, std::string_view extradata) {
  media::StreamInfo info;
  info.kind = kind;
  info.codec = codec;
  info.codec_name = media::to_string(codec);
  info.extradata = Bytes::copy(from_hex(extradata));
  info.sample_rate = kind == MediaKind::audio ? 8000 : 0;
  info.channels = kind == MediaKind::audio ? 1 : 0;
  return info;
}

TEST(StreamWriter, EveryCodecRoundTrips) {
  using media::Codec;
  const media::StreamInfo streams[] = {
      h264_stream(),
      aac_stream(0),
      stream_of(MediaKind::video, Codec::av1, "81 00 0c 00"),
      stream_of(MediaKind::video, Codec::vp9, "01 000000"),
      stream_of(MediaKind::audio, Codec::opus, ""),
      stream_of(MediaKind::audio, Codec::mp3, ""),
      stream_of(MediaKind::audio, Codec::pcma, ""),
      stream_of(MediaKind::audio, Codec::pcmu, ""),
  };
  for (const media::StreamInfo& stream : streams) {
    SCOPED_TRACE(stream.codec_name);
    auto writer = StreamWriter::create({&stream, 1});
    ASSERT_TRUE(writer) << writer.error().message();
    media::AccessUnit unit = h264_unit(true, 40, stream.codec == Codec::h264 ? 120 : 40);
    const auto events =
        read_back({writer->header(unit.dts), writer->write(unit).value(), writer->end(unit.dts)});
    ASSERT_EQ(changes_of(events).size(), 1u);
    EXPECT_EQ(changes_of(events)[0].streams[0].codec, stream.codec);
    const auto units = units_of(events);
    ASSERT_EQ(units.size(), 1u);
    EXPECT_EQ(to_vector(units[0].data), to_vector(unit.data));
    EXPECT_EQ(units[0].pts, unit.pts);
    EXPECT_EQ(units[0].dts, unit.dts);
  }
}

TEST(StreamWriter, AnnexBIsTurnedIntoLengths) {
  media::StreamInfo stream = h264_stream();
  stream.extradata =
      Bytes::copy(join({from_hex("00000001"), sample_sps(), from_hex("000001"), sample_pps()}));
  auto writer = StreamWriter::create({&stream, 1});
  ASSERT_TRUE(writer) << writer.error().message();
  media::AccessUnit unit;
  unit.data = Bytes::copy(from_hex("00000001 65aabb 000001 65cc"));
  unit.key = true;
  const auto events = read_back({writer->header({}), writer->write(unit).value()});
  ASSERT_EQ(changes_of(events).size(), 1u);
  EXPECT_EQ(to_vector(changes_of(events)[0].streams[0].extradata),
            to_vector(h264_stream().extradata));
  EXPECT_EQ(to_vector(units_of(events)[0].data), from_hex("00000003 65aabb 00000002 65cc"));
}

TEST(StreamWriter, ParameterSetsInBandComeBeforeTheirUnit) {
  media::StreamInfo stream = h264_stream();
  stream.extradata = {};
  auto writer = StreamWriter::create({&stream, 1});
  ASSERT_TRUE(writer) << writer.error().message();
  media::AccessUnit unit;
  unit.data = Bytes::copy(join({from_hex("00000001"), sample_sps(), from_hex("00000001"),
                                sample_pps(), from_hex("00000001 65aa")}));
  unit.key = true;
  const Bytes first = writer->write(unit).value();
  const Bytes second = writer->write(unit).value();
  EXPECT_GT(first.size(), second.size());
  const auto events = read_back({first, second});
  EXPECT_EQ(changes_of(events).size(), 1u);
  EXPECT_EQ(units_of(events).size(), 2u);
  // A later reader is told at once.
  EXPECT_EQ(units_of(read_back({writer->header({}), second})).size(), 1u);
}

TEST(StreamWriter, NegativeTimesBecomeZero) {
  const media::StreamInfo stream = h264_stream();
  auto writer = StreamWriter::create({&stream, 1});
  const auto events =
      read_back({writer->header({}), writer->write(h264_unit(true, -80, 0)).value()});
  EXPECT_EQ(units_of(events)[0].dts, milliseconds(0));
}

// FFmpeg takes onMetaData for a stream of text where its time is not 0.
TEST(StreamWriter, MetadataIsAtTimeZero) {
  const media::StreamInfo stream = h264_stream();
  const auto writer = StreamWriter::create({&stream, 1}).value();
  ChunkReader chunks;
  ASSERT_TRUE(chunks.push(chunk_control(MessageType::set_chunk_size, kChunkBytesOut)));
  ASSERT_TRUE(chunks.push(writer.header(std::chrono::hours(1))));
  const auto metadata = chunks.next(), config = chunks.next();
  ASSERT_TRUE(metadata && config);
  EXPECT_EQ(metadata->type, MessageType::data_amf0);
  EXPECT_EQ(metadata->timestamp, 0u);
  EXPECT_EQ(config->type, MessageType::video);
  EXPECT_EQ(config->timestamp, 3'600'000u);
}

TEST(StreamWriter, RefusesWhatCannotBeCarried) {
  const auto code = [](const std::vector<media::StreamInfo>& streams) {
    const auto writer = StreamWriter::create(streams);
    return writer ? Errc{} : writer.error().code();
  };
  EXPECT_EQ(code({}), Errc::invalid_argument);
  EXPECT_EQ(code({h264_stream(0), h264_stream(1)}), Errc::invalid_argument);
  EXPECT_EQ(code({stream_of(MediaKind::video, media::Codec::mjpeg, "")}), Errc::unsupported);
  EXPECT_EQ(code({stream_of(MediaKind::audio, media::Codec::aac, "")}), Errc::truncated);
  const media::StreamInfo stream = h264_stream();
  auto writer = StreamWriter::create({&stream, 1}).value();
  EXPECT_EQ(writer.write(aac_unit(0)).error().code(), Errc::invalid_argument);
}

TEST(FlvFile, RoundTrips) {
  const TestBytes file = join({flv_file_header(true, true), flv_tag(avc_config()),
                               flv_tag(video(0x01234567, "17 01 000000 00000001 65"))});
  for (size_t cut = 1; cut < file.size(); ++cut) {
    FlvReader reader;
    ASSERT_TRUE(reader.push(ByteView(file).first(cut)));
    ASSERT_TRUE(reader.push(ByteView(file).subspan(cut)));
    ASSERT_TRUE(reader.next());
    const auto tag = reader.next();
    ASSERT_TRUE(tag);
    EXPECT_EQ(tag->timestamp, 0x01234567u);
    EXPECT_EQ(tag->payload.size(), 10u);
    EXPECT_FALSE(reader.next());
  }
}

TEST(FlvFile, RefusedByNameAndByte) {
  const auto error_of = [](const TestBytes& bytes) {
    FlvReader reader;
    const auto done = reader.push(bytes);
    return done ? std::string() : done.error().message();
  };
  EXPECT_THAT(error_of(TestBytes(20, 'x')), HasSubstr("does not begin"));
  EXPECT_THAT(error_of(from_hex("464c56 01 05 00000001 00000000")), HasSubstr("header of 1"));
  const TestBytes header = flv_file_header(true, true);
  EXPECT_THAT(error_of(join({header, from_hex("09 ffffff 000000 00 000000")})),
              HasSubstr("16777215 bytes at byte 13"));
  EXPECT_THAT(error_of(join({header, from_hex("29 000001 000000 00 000000 aa 00000000")})),
              HasSubstr("encrypted"));
}

}  // namespace
}  // namespace pasu::rtmp
