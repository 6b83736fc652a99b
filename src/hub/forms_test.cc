// The forms of a stream that are ready to send: RTP and RTMP.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "hub/registry.h"
#include "wire/rtp/packet.h"
#include "wire/rtp/rtcp.h"

namespace pasu::hub {
namespace {

using namespace std::chrono_literals;

media::StreamInfo track(media::MediaKind kind, media::Codec codec) {
  media::StreamInfo info;
  info.kind = kind;
  info.codec = codec;
  info.codec_name = to_string(codec);
  if (codec == media::Codec::h264) {  // Its parameter sets are only carried here, never read.
    const uint8_t avcc[] = {1,    0x42, 0xC0, 0x0A, 0xFF, 0xE1, 0x00, 0x0B, 0x67,
                            0x42, 0xC0, 0x0A, 0xDA, 0x0A, 0x0F, 0xC8, 0x08, 0x80,
                            0x80, 1,    0x00, 0x04, 0x68, 0xCE, 0x3C, 0x80};
    info.extradata = Bytes::copy(avcc);
  }
  if (kind == media::MediaKind::audio) {
    info.sample_rate = 8000;
    info.channels = 1;
  }
  return info;
}

media::AccessUnit picture(media::Pts at, bool key) {
  std::vector<uint8_t> bytes(5000, 0x55);
  const uint32_t size = 4996;
  for (size_t i = 0; i < 4; ++i) bytes[i] = static_cast<uint8_t>(size >> (24 - 8 * i));
  bytes[4] = key ? 0x65 : 0x41;
  media::AccessUnit unit;
  unit.data = Bytes::copy(bytes);
  unit.pts = unit.dts = at;
  unit.key = key;
  return unit;
}
media::AccessUnit sound(media::Pts at) {
  media::AccessUnit unit;
  unit.data = Bytes::copy(std::vector<uint8_t>(160, 0x7F));
  unit.stream = 1;
  unit.pts = unit.dts = at;
  unit.key = true;
  return unit;
}

class FormsTest : public testing::Test {
 protected:
  void SetUp() override {
    publication_ = std::move(*registry_.publish("gate"));
    stream_ = registry_.find("gate");
    ASSERT_TRUE(publication_->set_tracks({track(media::MediaKind::video, media::Codec::h264),
                                          track(media::MediaKind::audio, media::Codec::pcmu)}));
  }
  // What came, one letter an item: v video, a audio, V A their sender reports.
  static std::string drain(Reader<RtpItem>& reader, std::vector<RtpItem>* keep = nullptr) {
    std::vector<RtpItem> items;
    reader.take({}, items);
    std::string out;
    for (const auto& item : items) out += (item->rtcp ? "VA" : "va")[item->media];
    if (keep != nullptr) *keep = items;
    return out;
  }

  ManualClock clock_;
  Registry registry_{clock_};
  std::unique_ptr<Publication> publication_;
  std::shared_ptr<Stream> stream_;
};

TEST_F(FormsTest, TheRunningGopIsPacketisedWhenTheFirstReaderComes) {
  publication_->publish(picture(0ms, true));
  publication_->publish(sound(10ms));
  publication_->publish(picture(40ms, false));
  auto first = stream_->read_rtp();
  auto second = stream_->read_rtp();
  std::vector<RtpItem> a, b;
  EXPECT_EQ(drain(*first, &a), "vVAav");
  EXPECT_EQ(drain(*second, &b), "vVAav");
  for (size_t i = 0; i < a.size(); ++i) EXPECT_EQ(a[i], b[i]);  // The very same bytes.

  publication_->publish(picture(80ms, false));
  EXPECT_EQ(drain(*first, &a), "v");
  EXPECT_EQ(drain(*second, &b), "v");
  EXPECT_EQ(a[0], b[0]);
}

TEST_F(FormsTest, ATapHasTheReadersItemsAndIsNone) {
  const auto tap = stream_->tap_rtp();
  EXPECT_EQ(stream_->stats().readers, 0);
  const auto reader = stream_->read_rtp();
  EXPECT_EQ(stream_->stats().readers, 1);
  publication_->publish(picture(0ms, true));
  std::vector<RtpItem> a, b;
  EXPECT_EQ(drain(*tap, &a), drain(*reader, &b));
  EXPECT_EQ(a, b);
}

TEST_F(FormsTest, PacketsAreInterleavedAndNumberedThroughout) {
  auto reader = stream_->read_rtp();
  publication_->publish(picture(0ms, true));
  publication_->publish(picture(40ms, false));
  std::vector<RtpItem> items;
  EXPECT_EQ(drain(*reader, &items), "vVAv");
  std::optional<uint16_t> sequence;
  for (const auto& item : items) {
    const auto& batch = item->batch;
    for (size_t i = 0; i < batch.size(); ++i) {
      EXPECT_EQ(batch.data.view()[batch.offsets[i]], '$');
      EXPECT_EQ(batch.data.view()[batch.offsets[i] + 1], 2 * item->media + (item->rtcp ? 1 : 0));
      if (item->rtcp) continue;
      const auto packet = rtp::parse_packet(batch.packet(i));
      ASSERT_TRUE(packet);
      if (sequence) {
        EXPECT_EQ(packet->sequence, static_cast<uint16_t>(*sequence + 1));
      }
      sequence = packet->sequence;
    }
  }
  EXPECT_EQ(items[3]->batch.timestamp - items[0]->batch.timestamp, 3600u);
}

TEST_F(FormsTest, SenderReportsTieTheTracksToOneWallClock) {
  auto reader = stream_->read_rtp();
  publication_->publish(picture(0ms, true));
  std::vector<RtpItem> items;
  // Of the track, too, that has yet to begin.
  EXPECT_EQ(drain(*reader, &items), "vVA");
  const UtcTime began = clock_.utc();
  clock_.advance(2s);
  publication_->publish(sound(2000ms));
  publication_->publish(picture(2000ms, true));
  EXPECT_EQ(drain(*reader, &items), "avVA");
  const auto report = rtp::parse_rtcp(items[2]->batch.packet(0));
  ASSERT_TRUE(report);
  const auto& sr = std::get<rtp::SenderReport>(report->front());
  EXPECT_EQ(std::chrono::round<std::chrono::milliseconds>(rtp::from_ntp(sr.ntp) - began), 2s);
  EXPECT_EQ(sr.timestamp, items[1]->batch.timestamp);
  const auto audio = rtp::parse_rtcp(items[3]->batch.packet(0));
  ASSERT_TRUE(audio);
  EXPECT_EQ(std::get<rtp::SenderReport>(audio->front()).timestamp, items[0]->batch.timestamp);
  EXPECT_EQ(std::get<rtp::SenderReport>(audio->front()).octets, 160u);

  clock_.advance(4s);
  publication_->publish(picture(6000ms, false));
  EXPECT_EQ(drain(*reader), "v");
  clock_.advance(1s);
  publication_->publish(picture(7000ms, false));
  EXPECT_EQ(drain(*reader), "vVA");
}

TEST_F(FormsTest, AFormLivesAsLongAsItsReaders) {
  publication_->publish(picture(0ms, true));
  auto ssrc_of = [&] {
    auto reader = stream_->read_rtp();
    std::vector<RtpItem> items;
    drain(*reader, &items);
    return rtp::parse_packet(items.at(0)->batch.packet(0))->ssrc;
  };
  const uint32_t first = ssrc_of();
  EXPECT_NE(ssrc_of(), first);  // Made anew.
  const auto keep = stream_->read_rtp();
  EXPECT_EQ(ssrc_of(), ssrc_of());
}

TEST_F(FormsTest, NumbersGoOnOverAChangeOfTheTracks) {
  auto reader = stream_->read_rtp();
  publication_->publish(picture(0ms, true));
  std::vector<RtpItem> before, after;
  drain(*reader, &before);
  auto other = track(media::MediaKind::video, media::Codec::h264);
  other.width = 640;
  ASSERT_TRUE(publication_->set_tracks({other}));
  publication_->publish(picture(40ms, true));
  drain(*reader, &after);
  const auto last = rtp::parse_packet(before[0]->batch.packet(before[0]->batch.size() - 1));
  const auto next = rtp::parse_packet(after.at(0)->batch.packet(0));
  ASSERT_TRUE(last && next);
  EXPECT_EQ(next->ssrc, last->ssrc);
  EXPECT_EQ(next->sequence, static_cast<uint16_t>(last->sequence + 1));
  EXPECT_EQ(after[0]->generation, 2u);
}

TEST_F(FormsTest, WhatRtpCannotCarryIsLeftOut) {
  auto odd = track(media::MediaKind::video, media::Codec::mpeg4);
  const auto carried = rtp_tracks({odd, track(media::MediaKind::audio, media::Codec::pcmu)});
  ASSERT_EQ(carried.size(), 1u);
  EXPECT_EQ(carried[0].track, 1u);
  EXPECT_EQ(carried[0].format.payload_type, 0);
}

TEST_F(FormsTest, RtmpReadersShareTheChunksToo) {
  publication_->publish(picture(0ms, true));
  publication_->publish(sound(10ms));
  auto a = stream_->read_rtmp();
  auto b = stream_->read_rtmp();
  std::vector<RtmpItem> first, second;
  a->take({}, first);
  b->take({}, second);
  ASSERT_EQ(first.size(), 2u);
  ASSERT_EQ(second.size(), 2u);
  EXPECT_EQ(first[0].data.data(), second[0].data.data());
  EXPECT_FALSE(first[0].header.empty());
  EXPECT_TRUE(first[1].header.empty());
}

}  // namespace
}  // namespace pasu::hub
