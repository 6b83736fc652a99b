#include "wire/rtmp/message.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "wire/rtmp/metadata.h"
#include "wire/rtmp/test_support.h"

namespace pasu::rtmp {
namespace {

using testing::ElementsAre;

TEST(RtmpMessage, CommandOfTypes20And17) {
  const TestBytes amf0 =
      from_hex("02 0004 706c6179 00 4014000000000000 05 02 0003 63616d 00 c09f400000000000");
  for (const bool type17 : {false, true}) {
    const TestBytes bytes = join({type17 ? TestBytes{0} : TestBytes{}, amf0});
    const auto command =
        parse_command(type17 ? MessageType::command_amf3 : MessageType::command_amf0, bytes);
    ASSERT_TRUE(command) << command.error().message();
    EXPECT_EQ(command->name, "play");
    EXPECT_EQ(command->transaction, 5);
    EXPECT_EQ(command->object, Value(Null{}));
    EXPECT_EQ(command->arg(0).text(), "cam");
    EXPECT_EQ(command->arg(1).number(), -2000);
    EXPECT_EQ(command->arg(2), Value());
  }
}

TEST(RtmpMessage, CommandRoundTrips) {
  const Command command{"connect", 1, Object({{"app", "cam"}}), {true, Array{{"hvc1"}}}};
  const auto back = parse_command(MessageType::command_amf0, build_command(command));
  ASSERT_TRUE(back);
  EXPECT_EQ(back->name, command.name);
  EXPECT_EQ(back->object, command.object);
  EXPECT_EQ(back->args, command.args);
}

TEST(RtmpMessage, WithoutNameIsRefused) {
  for (const char* hex : {"", "05", "00 3ff0000000000000", "03 000009"}) {
    const auto command = parse_command(MessageType::command_amf0, from_hex(hex));
    ASSERT_FALSE(command) << hex;
    EXPECT_EQ(command.error().code(), Errc::malformed);
    EXPECT_FALSE(parse_data(MessageType::data_amf0, from_hex(hex)));
  }
}

TEST(RtmpMessage, SetDataFrameIsTakenOff) {
  const Data data{"@setDataFrame", {"onMetaData", Object({{"width", 640}})}};
  const auto parsed = parse_data(MessageType::data_amf0, build_data(data));
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->name, "onMetaData");
  EXPECT_EQ(parse_metadata(*parsed).width, 640);
}

TEST(RtmpMessage, UserControl) {
  const auto ping = parse_user_control(from_hex("0006 00001234"));
  ASSERT_TRUE(ping);
  EXPECT_EQ(ping->event, ControlEvent::ping_request);
  EXPECT_EQ(ping->value, 0x1234u);
  EXPECT_FALSE(parse_user_control(from_hex("0006 000012")));
}

// RTMP 1.0 7.1.6: the first message's time is the aggregate's.
TEST(RtmpMessage, AggregateIsSplit) {
  const TestBytes bytes = from_hex(
      "08 000002 000064 00 000000 af01 0000000d"
      "09 000003 000078 00 000000 170000 0000000e"
      "08 000001 ffffff 01 000000 af");
  const auto parts = split_aggregate({MessageType::aggregate, 1, 5000, Bytes::copy(bytes)});
  ASSERT_TRUE(parts) << parts.error().message();
  ASSERT_EQ(parts->size(), 3u);
  EXPECT_EQ((*parts)[0].timestamp, 5000u);
  EXPECT_EQ((*parts)[1].timestamp, 5020u);
  EXPECT_EQ((*parts)[2].timestamp, 5000u + 0x01ffffff - 100);
  EXPECT_EQ((*parts)[1].type, MessageType::video);
  EXPECT_EQ((*parts)[1].stream_id, 1u);
  EXPECT_THAT(to_vector((*parts)[1].payload), ElementsAre(0x17, 0, 0));
}

TEST(RtmpMessage, AggregateWithinAggregateAndShortOnesAreRefused) {
  for (const char* hex :
       {"16 000000 000000 00 000000 00000000", "08 000005 000000 00 000000 af", "08 0000"}) {
    EXPECT_FALSE(split_aggregate({MessageType::aggregate, 1, 0, Bytes::copy(from_hex(hex))}))
        << hex;
  }
}

TEST(RtmpMetadata, RoundTrips) {
  media::StreamInfo video = h264_stream();
  video.frame_rate = 25;
  video.bit_rate = 2'000'000;
  const media::StreamInfo audio = aac_stream();
  const std::vector<media::StreamInfo> streams{video, audio};
  const Data data = build_metadata(streams);
  EXPECT_EQ(data.values[0].find("videocodecid")->number(), 7);
  EXPECT_EQ(data.values[0].find("audiocodecid")->number(), 10);
  const Metadata metadata = parse_metadata(data);
  EXPECT_EQ(metadata.has_video, true);
  EXPECT_EQ(metadata.has_audio, true);
  EXPECT_EQ(metadata.width, 1280);
  EXPECT_EQ(metadata.height, 720);
  EXPECT_EQ(metadata.frame_rate, 25);
  EXPECT_EQ(metadata.video_bit_rate, 2'000'000);
  EXPECT_EQ(metadata.sample_rate, 48000);
  EXPECT_EQ(metadata.channels, 2);
}

TEST(RtmpMetadata, FourCcAsNumber) {
  media::StreamInfo video = h264_stream();
  video.codec = media::Codec::h265;
  const Data data = build_metadata({&video, 1});
  EXPECT_EQ(data.values[0].find("videocodecid")->number(), double{0x68766331});
  EXPECT_EQ(parse_metadata(data).has_audio, std::nullopt);
}

// Encoders write numbers as text, and nonsense.
TEST(RtmpMetadata, NonsenseStaysUnknown) {
  const Metadata metadata = parse_metadata({"onMetaData",
                                            {Object({{"width", "1920"},
                                                     {"height", -1},
                                                     {"framerate", NAN},
                                                     {"videodatarate", 1e308},
                                                     {"audiosamplerate", "x"},
                                                     {"stereo", true},
                                                     {"videocodecid", "avc1"},
                                                     {"audiocodecid", 0},
                                                     {"audiochannels", Object()}})}});
  EXPECT_EQ(metadata.width, 1920);
  EXPECT_EQ(metadata.height, 0);
  EXPECT_EQ(metadata.frame_rate, 0);
  EXPECT_EQ(metadata.video_bit_rate, 0);
  EXPECT_EQ(metadata.sample_rate, 0);
  EXPECT_EQ(metadata.channels, 2);
  EXPECT_EQ(metadata.has_video, true);
  EXPECT_EQ(metadata.has_audio, false);
  EXPECT_EQ(parse_metadata({"onMetaData", {}}).width, 0);
  EXPECT_EQ(parse_metadata({"onMetaData", {5.0}}).width, 0);
}

}  // namespace
}  // namespace pasu::rtmp
