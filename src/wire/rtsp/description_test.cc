#include "wire/rtsp/description.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pasu::rtsp {
namespace {

media::StreamInfo aac() {
  media::StreamInfo info;
  info.kind = media::MediaKind::audio;
  info.codec = media::Codec::aac;
  const uint8_t config[] = {0x11, 0x90};  // ISO 14496-3 1.6.2.1: LC, 48 kHz, two channels.
  info.extradata = Bytes::copy(config);
  return info;
}

media::StreamInfo h264() {
  media::StreamInfo info;
  info.kind = media::MediaKind::video;
  info.codec = media::Codec::h264;
  return info;
}

TEST(Description, RoundTripsThroughText) {
  const auto session = describe({h264(), aac()}, "gate");
  ASSERT_TRUE(session) << session.error().message();
  const auto text = sdp::print(*session);
  ASSERT_TRUE(text) << text.error().message();
  const auto read = sdp::parse(*text);
  ASSERT_TRUE(read);
  ASSERT_EQ(read->media.size(), 2u);
  EXPECT_EQ(read->name, "gate");

  const auto video = payload_format(read->media[0]);
  ASSERT_TRUE(video);
  EXPECT_EQ(read->media[0].type, "video");
  EXPECT_EQ(video->payload_type, 96);
  EXPECT_EQ(video->encoding, "H264");
  EXPECT_EQ(video->clock_rate, 90'000);
  EXPECT_EQ(rtp::fmtp_value(*video, "packetization-mode"), "1");

  const auto audio = payload_format(read->media[1]);
  ASSERT_TRUE(audio);
  EXPECT_EQ(read->media[1].type, "audio");
  EXPECT_EQ(audio->payload_type, 97);
  EXPECT_EQ(audio->clock_rate, 48'000);
  EXPECT_EQ(audio->channels, 2);
  EXPECT_EQ(rtp::fmtp_value(*audio, "config"), "1190");
  EXPECT_EQ(rtp::fmtp_value(*audio, "mode"), "AAC-hbr");
}

TEST(Description, StaticTypesNeedNoRtpmap) {  // RFC 3551 table 4; go2rtc#679
  const auto session = sdp::parse("m=audio 0 RTP/AVP 8\r\n");
  ASSERT_TRUE(session);
  const auto format = payload_format(session->media[0]);
  ASSERT_TRUE(format) << format.error().message();
  EXPECT_EQ(format->encoding, "PCMA");
  EXPECT_EQ(format->clock_rate, 8000);
}

TEST(Description, MediaNobodyExplains) {
  const auto session = sdp::parse("m=video 0 RTP/AVP 120\r\n");
  ASSERT_TRUE(session);
  const auto format = payload_format(session->media[0]);
  ASSERT_FALSE(format);
  EXPECT_EQ(format.error().code(), Errc::unsupported);
}

}  // namespace
}  // namespace pasu::rtsp
