#include <gtest/gtest.h>

#include "hub/gop_cache.h"
#include "hub/video_feed.h"

namespace pasu::hub {
namespace {

using Kind = VideoMessage::Kind;

Bytes bytes(size_t size, uint8_t value = 1) {
  return Bytes::copy(std::vector<uint8_t>(size, value));
}

media::AccessUnit unit(bool key, size_t size = 10) {
  media::AccessUnit out;
  out.data = bytes(size);
  out.key = key;
  return out;
}

void start(VideoFeed& feed) {
  VideoMessage message;
  message.mime = "video/mp4";
  feed.restart(message, bytes(5));
}

std::string drain(VideoReader& reader) {
  std::string out;
  while (auto message = reader.take()) {
    switch (message->kind) {
      case Kind::start:
        out += 's';
        break;
      case Kind::init:
        out += 'i';
        break;
      case Kind::fragment:
        out += message->key ? 'K' : 'f';
        break;
      case Kind::end:
        out += 'e';
        break;
    }
  }
  return out;
}

TEST(GopCache, KeepsFromTheLastKeyFrame) {
  GopCache cache;
  cache.push(unit(false));
  EXPECT_TRUE(cache.units().empty());
  cache.push(unit(true));
  cache.push(unit(false));
  EXPECT_EQ(cache.units().size(), 2u);
  cache.push(unit(true));
  EXPECT_EQ(cache.units().size(), 1u);
}

TEST(GopCache, AnEndlessGopIsForgottenUntilTheNextKey) {
  GopCache cache;
  cache.push(unit(true));
  for (size_t i = 0; i < GopCache::kUnitsMax; ++i) cache.push(unit(false));
  EXPECT_TRUE(cache.units().empty());
  cache.push(unit(false));
  EXPECT_TRUE(cache.units().empty());
  cache.push(unit(true));
  EXPECT_EQ(cache.units().size(), 1u);
  cache.push(unit(false, GopCache::kBytesMax));
  EXPECT_TRUE(cache.units().empty());
}

TEST(VideoFeed, ANewReaderBeginsWithTheRunningGop) {
  VideoFeed feed;
  start(feed);
  feed.publish(bytes(9), true);
  feed.publish(bytes(9), false);
  feed.publish(bytes(9), true);
  feed.publish(bytes(9), false);
  auto reader = feed.subscribe();
  EXPECT_EQ(drain(*reader), "siKf");
  feed.publish(bytes(9), false);
  EXPECT_EQ(drain(*reader), "f");
}

TEST(VideoFeed, AnEarlyReaderWaitsForAKeyFrame) {
  VideoFeed feed;
  auto reader = feed.subscribe();
  EXPECT_EQ(feed.readers(), 1);
  start(feed);
  feed.publish(bytes(9), false);
  feed.publish(bytes(9), true);
  EXPECT_EQ(drain(*reader), "siK");
}

TEST(VideoFeed, ASlowReaderSkipsToTheNextKeyFrameAlone) {
  VideoFeed feed;
  start(feed);
  auto slow = feed.subscribe();
  auto quick = feed.subscribe();
  const size_t third = VideoReader::kQueueBytesMax / 3;
  feed.publish(bytes(third), true);
  EXPECT_EQ(drain(*quick), "siK");
  for (int i = 0; i < 3; ++i) {
    feed.publish(bytes(third), false);
    EXPECT_EQ(drain(*quick), "f");
  }
  EXPECT_EQ(drain(*slow), "si");
  EXPECT_EQ(slow->dropped(), 4u);
  EXPECT_EQ(quick->dropped(), 0u);
  feed.publish(bytes(9), false);
  feed.publish(bytes(9), true);
  EXPECT_EQ(drain(*slow), "K");
}

TEST(VideoFeed, RestartMakesOldFragmentsWorthless) {
  VideoFeed feed;
  start(feed);
  auto reader = feed.subscribe();
  feed.publish(bytes(9), true);
  start(feed);
  feed.publish(bytes(9), false);
  feed.publish(bytes(9), true);
  EXPECT_EQ(drain(*reader), "siK");
  for (int i = 0; i < 1000; ++i) start(feed);
  EXPECT_EQ(drain(*reader), "si");
}

TEST(VideoFeed, EndIsTheLastWordAlsoToLateReaders) {
  auto feed = std::make_unique<VideoFeed>();
  auto early = feed->subscribe();
  feed->end("the camera was removed");
  auto late = feed->subscribe();
  EXPECT_EQ(drain(*early), "e");
  EXPECT_EQ(drain(*late), "e");
  feed.reset();  // Readers may outlive the feed.
  EXPECT_EQ(drain(*late), "");
}

TEST(VideoFeed, WakesItsReaders) {
  VideoFeed feed;
  auto reader = feed.subscribe();
  int wakes = 0;
  reader->on_ready([&] { ++wakes; });
  start(feed);
  feed.publish(bytes(9), false);  // Not wanted before a key frame: no wake.
  EXPECT_EQ(wakes, 2);
  reader.reset();
  EXPECT_EQ(feed.readers(), 0);
}

TEST(VideoFeed, RefusesMoreThanItsLimit) {
  VideoFeed feed;
  std::vector<std::unique_ptr<VideoReader>> readers;
  for (size_t i = 0; i < VideoFeed::kReadersMax; ++i) readers.push_back(feed.subscribe());
  EXPECT_EQ(feed.subscribe(), nullptr);
  readers.pop_back();
  EXPECT_NE(feed.subscribe(), nullptr);
}

}  // namespace
}  // namespace pasu::hub
