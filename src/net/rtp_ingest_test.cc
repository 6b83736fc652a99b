#include "net/rtp_ingest.h"

#include <gtest/gtest.h>

#include "net/test_stream.h"
#include "wire/rtp/packetizer.h"

namespace pasu::net {
namespace {

using namespace std::chrono_literals;

media::StreamInfo pcmu() {
  media::StreamInfo info;
  info.kind = media::MediaKind::audio;
  info.codec = media::Codec::pcmu;
  info.sample_rate = 8000;
  info.channels = 1;
  return info;
}

// Pictures whose parameter sets come in band alone, with sound.
class RtpIngestTest : public testing::Test {
 protected:
  void SetUp() override {
    rtp::PayloadFormat pictures = rtp::format_of(testing_stream::h264()).value();
    pictures.fmtp.erase("sprop-parameter-sets");
    ASSERT_TRUE(ingest_.add(pictures, {}));
    ASSERT_TRUE(ingest_.add(rtp::format_of(pcmu()).value(), {}));
    pictures_ = rtp::Packetizer::create(testing_stream::h264(), {}).value();
    sound_ = rtp::Packetizer::create(pcmu(), {.payload_type = 0}).value();
  }
  void push(size_t track, const rtp::PacketBatch& batch) {
    for (size_t i = 0; i < batch.size(); ++i) {
      const auto pushed = ingest_.push(track, batch.packet(i), now_);
      EXPECT_TRUE(pushed) << pushed.error().message();
    }
  }
  void picture(int number) { push(0, pictures_->push(testing_stream::picture(number)).value()); }
  void sound(int number) {
    const std::vector<uint8_t> bytes(160, 1);
    push(1, sound_->push(testing_stream::unit(bytes, number * 20ms, true)).value());
  }
  void wait(std::chrono::milliseconds time) {
    now_ += time;
    ingest_.on_time(now_);
  }

  // "[video audio] 0 1": the tracks as they were told, and the units' places.
  std::string log_;
  RtpIngest ingest_{
      {.tracks =
           [this](const std::vector<media::StreamInfo>& tracks) {
             log_ += '[';
             for (const auto& track : tracks) {
               log_ += track.kind == media::MediaKind::video ? 'v' : 'a';
             }
             log_ += ']';
           },
       .unit = [this](const media::AccessUnit& unit) { log_ += std::to_string(unit.stream); }}};
  std::unique_ptr<rtp::Packetizer> pictures_, sound_;
  MonoTime now_{1h};
};

TEST_F(RtpIngestTest, WhatComesBeforeAllTracksAreKnownIsHeld) {
  sound(0);
  sound(1);
  picture(1);  // No key picture: nothing to decode it with.
  EXPECT_EQ(log_, "");
  wait(100ms);
  picture(10);
  EXPECT_EQ(log_, "[va]110");
  sound(2);
  EXPECT_EQ(log_, "[va]1101");
}

TEST_F(RtpIngestTest, SoundWaitsLongForPicturesThatThenComeBehind) {
  sound(0);
  wait(RtpIngest::kTracksWait);
  EXPECT_EQ(log_, "");
  ASSERT_EQ(ingest_.deadline(), MonoTime(1h) + RtpIngest::kPicturesWait);
  wait(RtpIngest::kPicturesWait - RtpIngest::kTracksWait);
  EXPECT_EQ(log_, "[a]0");
  EXPECT_EQ(ingest_.deadline(), std::nullopt);
  picture(0);
  sound(1);
  EXPECT_EQ(log_, "[a]0[av]10");  // The sound keeps its place.
}

TEST_F(RtpIngestTest, WhatIsHeldIsBounded) {
  const int many = static_cast<int>(RtpIngest::kHeldUnitsMax);
  for (int i = 0; i <= many; ++i) sound(i);
  EXPECT_EQ(ingest_.dropped(), RtpIngest::kHeldUnitsMax + 1);
  picture(0);
  sound(many + 1);
  EXPECT_EQ(log_, "[va]01");
}

TEST_F(RtpIngestTest, DamagedPacketsAreCounted) {
  const std::vector<uint8_t> nonsense(5, 0xFF);
  EXPECT_FALSE(ingest_.push(1, nonsense, now_));
  EXPECT_EQ(ingest_.malformed(), 1u);
  EXPECT_EQ(log_, "");
}

}  // namespace
}  // namespace pasu::net
