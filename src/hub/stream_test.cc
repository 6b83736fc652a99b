#include "hub/stream.h"

#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "hub/registry.h"

namespace pasu::hub {
namespace {

using namespace std::chrono_literals;
using media::Codec;
using media::MediaKind;

media::StreamInfo track(Codec codec, MediaKind kind, int width = 0) {
  media::StreamInfo info;
  info.codec = codec;
  info.kind = kind;
  info.width = width;
  return info;
}
Tracks video_and_audio() {
  return {track(Codec::h264, MediaKind::video, 1280), track(Codec::aac, MediaKind::audio)};
}

media::AccessUnit unit(int stream, media::Pts at, bool key = false, size_t size = 10) {
  media::AccessUnit out;
  out.data = Bytes::copy(std::vector<uint8_t>(size, 1));
  out.stream = stream;
  out.pts = out.dts = at;
  out.key = key;
  return out;
}

class CountingWaiter final : public Waiter {
 public:
  void on_news(Urgency) override { ++calls; }
  std::atomic<int> calls = 0;
};

class StreamTest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(registry_.add("gate", {[this] { hooks_ += '+'; }, [this] { hooks_ += '-'; }}));
    stream_ = registry_.find("gate");
  }
  std::unique_ptr<Publication> publish() {
    auto publication = registry_.publish("gate");
    EXPECT_TRUE(publication);
    EXPECT_TRUE((*publication)->set_tracks(video_and_audio()));
    return std::move(*publication);
  }
  // Tracks and times in milliseconds of what a reader has: "v0 a5 v40".
  static std::string drain(Reader<Unit>& reader) {
    std::vector<Unit> units;
    reader.take({}, units);
    std::string out;
    for (const auto& u : units) {
      if (!out.empty()) out += ' ';
      out += (u.unit.stream == 0 ? 'v' : 'a') + std::to_string(u.unit.pts / 1ms);
    }
    return out;
  }

  ManualClock clock_;
  std::string hooks_;
  Registry registry_{clock_};
  std::shared_ptr<Stream> stream_;
};

TEST_F(StreamTest, ANewReaderBeginsWithTheLastKeyFrame) {
  auto publication = publish();
  publication->publish(unit(1, 0ms, true));  // Sound is no start where there are pictures.
  publication->publish(unit(0, 10ms, true));
  publication->publish(unit(1, 20ms, true));
  auto reader = stream_->read_units();
  EXPECT_EQ(drain(*reader), "v10 a20");
  publication->publish(unit(0, 50ms));
  EXPECT_TRUE(reader->has_news());
  EXPECT_EQ(drain(*reader), "v50");
  EXPECT_FALSE(reader->has_news());
}

// H.264+ and H.265+ of Hikvision, Dahua's Smart H.264: key frames half a minute apart.
TEST_F(StreamTest, TheLongGopOfASmartCodecIsKeptForNewReaders) {
  auto publication = publish();
  auto early = stream_->read_units();
  for (int i = 0; i < 750; ++i) {
    publication->publish(unit(0, i * 40ms, i == 0, 2000));
    publication->publish(unit(1, i * 40ms + 20ms, true, 200));
    std::vector<Unit> units;
    early->take({}, units);
  }
  auto reader = stream_->read_units();
  std::vector<Unit> units;
  while (reader->take({}, units) > 0) continue;
  ASSERT_EQ(units.size(), 1500u);
  EXPECT_TRUE(units.front().unit.key);
  EXPECT_EQ(units.front().unit.pts, 0ms);
  EXPECT_EQ(early->lost() + reader->lost(), 0u);
}

TEST_F(StreamTest, SoundAloneBeginsAnywhere) {
  auto publication = std::move(*registry_.publish("radio"));
  ASSERT_TRUE(publication->set_tracks({track(Codec::pcmu, MediaKind::audio)}));
  publication->publish(unit(0, 0ms));
  publication->publish(unit(0, 20ms));
  auto reader = publication->stream().read_units();
  EXPECT_EQ(drain(*reader), "v20");
}

TEST_F(StreamTest, HooksTellTheFirstAndTheLastReader) {
  auto a = stream_->read_units();
  auto b = stream_->read_units();
  EXPECT_EQ(hooks_, "+");
  EXPECT_EQ(stream_->stats().readers, 2);
  a.reset();
  EXPECT_EQ(hooks_, "+");
  b.reset();
  EXPECT_EQ(hooks_, "+-");
  a = stream_->read_units();
  EXPECT_EQ(hooks_, "+-+");
}

TEST_F(StreamTest, OneWaiterIsCalledOnceAPublishHoweverManyReaders) {
  auto publication = publish();
  std::vector<std::unique_ptr<Reader<Unit>>> readers;
  for (int i = 0; i < 500; ++i) readers.push_back(stream_->read_units());
  auto waiter = std::make_shared<CountingWaiter>();
  stream_->add_waiter(waiter);
  publication->publish(unit(0, 0ms, true));
  EXPECT_EQ(waiter->calls, 1);
  stream_->remove_waiter(*waiter);
  publication->publish(unit(0, 40ms));
  EXPECT_EQ(waiter->calls, 1);
}

TEST_F(StreamTest, StateTellsTracksPublisherAndEnd) {
  auto waiter = std::make_shared<CountingWaiter>();
  stream_->add_waiter(waiter);
  EXPECT_FALSE(stream_->state().live);
  EXPECT_TRUE(stream_->state().tracks->empty());

  auto publication = publish();
  EXPECT_TRUE(stream_->state().live);
  EXPECT_EQ(stream_->state().generation, 1u);
  EXPECT_EQ(stream_->state().tracks->at(1).index, 1);

  const auto version = stream_->state_version();
  publication.reset();
  EXPECT_NE(stream_->state_version(), version);
  EXPECT_FALSE(stream_->state().live);
  EXPECT_FALSE(stream_->state().ended);  // Declared: it waits for the next publisher.

  registry_.remove("gate", "the camera was removed");
  EXPECT_TRUE(stream_->state().ended);
  EXPECT_EQ(stream_->state().end_reason, "the camera was removed");
  EXPECT_EQ(waiter->calls, 3);
  EXPECT_EQ(registry_.find("gate"), nullptr);
}

TEST_F(StreamTest, OtherTracksAreANewGenerationTheSameAreNot) {
  auto publication = publish();
  publication->publish(unit(0, 0ms, true));
  ASSERT_TRUE(publication->set_tracks(video_and_audio()));
  EXPECT_EQ(stream_->state().generation, 1u);
  auto reader = stream_->read_units();
  EXPECT_EQ(drain(*reader), "v0");

  ASSERT_TRUE(publication->set_tracks({track(Codec::h264, MediaKind::video, 640)}));
  EXPECT_EQ(stream_->state().generation, 2u);
  publication->publish(unit(0, 40ms));  // No use before a key frame of the new size.
  EXPECT_EQ(drain(*reader), "");
  publication->publish(unit(0, 80ms, true));
  std::vector<Unit> units;
  reader->take({}, units);
  ASSERT_EQ(units.size(), 1u);
  EXPECT_EQ(units[0].generation, 2u);
  EXPECT_EQ(reader->lost(), 0u);
}

TEST_F(StreamTest, TracksThatNobodyAnnouncedAreRefused) {
  auto publication = std::move(*registry_.publish("other"));
  publication->publish(unit(0, 0ms, true));
  EXPECT_FALSE(publication->set_tracks({}));
  EXPECT_FALSE(publication->set_tracks(Tracks(Stream::kTracksMax + 1)));
  ASSERT_TRUE(publication->set_tracks(video_and_audio()));
  publication->publish(unit(2, 0ms, true));
  publication->publish(unit(-1, 0ms, true));
  EXPECT_EQ(publication->stream().stats().refused, 3u);
  EXPECT_EQ(publication->stream().stats().units, 0u);
}

TEST_F(StreamTest, TheNextPublishersTimesFollowTheLastOnes) {
  auto reader = stream_->read_units();
  auto publication = publish();
  publication->publish(unit(0, 700ms, true));  // The first one's are kept.
  publication->publish(unit(0, 740ms));
  EXPECT_EQ(drain(*reader), "v700 v740");
  publication.reset();
  clock_.advance(3s);
  publication = publish();
  publication->publish(unit(0, 20ms, true));
  publication->publish(unit(0, 60ms));
  EXPECT_EQ(drain(*reader), "v3740 v3780");
  publication.reset();
  publication = publish();  // At the same instant: still after what was given out.
  publication->publish(unit(0, 5000ms, true));
  EXPECT_EQ(drain(*reader), "v3781");
}

TEST_F(StreamTest, ASlowReaderIsCounted) {
  auto publication = publish();
  auto reader = stream_->read_units();
  publication->publish(unit(0, 0ms, true));
  EXPECT_EQ(drain(*reader), "v0");
  for (int i = 1; i <= 300; ++i) publication->publish(unit(0, i * 40ms, i % 100 == 0));
  EXPECT_EQ(drain(*reader), "v12000");
  EXPECT_EQ(reader->lost(), 299u);
  EXPECT_EQ(stream_->stats().lost, 299u);
}

TEST_F(StreamTest, APathHasOnePublisher) {
  auto first = publish();
  auto second = registry_.publish("gate");
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code(), Errc::exists);
  first.reset();
  EXPECT_TRUE(registry_.publish("gate"));
  EXPECT_EQ(registry_.add("gate").error().code(), Errc::exists);
}

TEST_F(StreamTest, AnUndeclaredStreamEndsWithItsPublisher) {
  auto publication = std::move(*registry_.publish("drone"));
  auto stream = registry_.find("drone");
  auto reader = stream->read_units();
  EXPECT_EQ(registry_.streams().size(), 2u);
  publication.reset();
  EXPECT_TRUE(stream->state().ended);
  EXPECT_EQ(registry_.find("drone"), nullptr);
}

TEST_F(StreamTest, APublisherOutlivesTheRemovalOfItsStream) {
  auto old = publish();
  registry_.remove("gate", "changed");
  ASSERT_TRUE(registry_.add("gate"));
  auto fresh = publish();
  old->publish(unit(0, 0ms, true));
  old.reset();
  EXPECT_TRUE(registry_.find("gate")->state().live);
  EXPECT_EQ(stream_->stats().units, 0u);
}

TEST_F(StreamTest, ReadersComeAndGoWhileAPublisherWorks) {
  auto publication = publish();
  std::atomic<bool> stop = false;
  auto churn = [&] {
    auto waiter = std::make_shared<CountingWaiter>();
    while (!stop) {
      stream_->add_waiter(waiter);
      auto reader = stream_->read_units();
      drain(*reader);
      stream_->remove_waiter(*waiter);
    }
  };
  std::thread a(churn), b(churn);
  for (int i = 0; i < 3000; ++i) publication->publish(unit(0, i * 40ms, i % 10 == 0));
  stop = true;
  a.join();
  b.join();
  EXPECT_EQ(stream_->stats().readers, 0);
}

}  // namespace
}  // namespace pasu::hub
