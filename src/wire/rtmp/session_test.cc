#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "wire/rtmp/test_support.h"

namespace pasu::rtmp {
namespace {

using Server = ServerSession;
using Client = ClientSession;
using std::chrono::milliseconds;

// A client and a server that are up to Started.
struct Pair {
  std::mt19937 random{7};
  MonoTime now = kTestStart;
  Client client;
  Server server{now};

  explicit Pair(Client::Mode mode, const char* url = "rtmp://host/cam/one?user=u&pass=p")
      : client(Url::parse(url).value(), {.mode = mode}, now) {}

  void exchange() {
    const auto done = rtmp::exchange(client, server, random, now);
    ASSERT_TRUE(done) << done.error().message();
  }
  void connect() {
    exchange();
    expect_event<Server::Connect>(server);
    ASSERT_TRUE(server.accept_connect(now));
    exchange();
  }
};

TEST(Session, PublishedUnitsArriveAsTheyWere) {
  Pair pair(Client::Mode::publish);
  pair.connect();
  const auto publish = expect_event<Server::Publish>(pair.server);
  ASSERT_TRUE(publish);
  EXPECT_EQ(publish->path, "cam/one");
  EXPECT_EQ(publish->credentials, (Credentials{"u", "p"}));
  ASSERT_TRUE(pair.server.accept_publish(pair.now));
  pair.exchange();
  expect_event<Client::Started>(pair.client);

  const std::vector<media::StreamInfo> streams{h264_stream(), aac_stream()};
  ASSERT_TRUE(pair.client.set_streams(streams, media::Pts(0)));
  const std::vector<media::AccessUnit> units{
      h264_unit(true, 0, 80, 200'000), aac_unit(3),
      h264_unit(false, 40, 200),       aac_unit(24),
      h264_unit(false, 80, 120),       h264_unit(false, 120, 160, 70'000)};
  for (const auto& unit : units) ASSERT_TRUE(pair.client.write(unit));
  pair.exchange();

  const auto data = expect_event<Data>(pair.server);
  ASSERT_TRUE(data);
  EXPECT_EQ(data->name, "onMetaData");
  const auto changed = expect_event<StreamsChanged>(pair.server);
  ASSERT_TRUE(changed);
  ASSERT_EQ(changed->streams.size(), 2u);
  EXPECT_EQ(changed->streams[0].codec, media::Codec::h264);
  EXPECT_EQ(changed->streams[0].width, 1280);
  EXPECT_EQ(changed->streams[0].height, 720);
  EXPECT_EQ(to_vector(changed->streams[0].extradata), to_vector(streams[0].extradata));
  EXPECT_EQ(changed->streams[1].codec, media::Codec::aac);
  EXPECT_EQ(changed->streams[1].sample_rate, 48000);
  EXPECT_EQ(changed->streams[1].channels, 2);
  EXPECT_EQ(to_vector(changed->streams[1].extradata), to_vector(streams[1].extradata));
  for (const auto& sent : units) {
    const auto unit = expect_event<media::AccessUnit>(pair.server);
    ASSERT_TRUE(unit);
    EXPECT_EQ(unit->stream, sent.stream);
    EXPECT_EQ(unit->dts, sent.dts);
    EXPECT_EQ(unit->pts, sent.pts);
    EXPECT_EQ(unit->key, sent.key);
    EXPECT_EQ(to_vector(unit->data), to_vector(sent.data));
  }

  pair.client.stop();
  pair.exchange();
  expect_event<Server::Stopped>(pair.server);
  EXPECT_FALSE(pair.server.publishing());
}

TEST(Session, PlayedUnitsArriveAsTheyWere) {
  Pair pair(Client::Mode::play, "rtmp://host/cam/boxes");
  pair.connect();
  const auto play = expect_event<Server::Play>(pair.server);
  ASSERT_TRUE(play);
  EXPECT_EQ(play->path, "cam/boxes");
  ASSERT_TRUE(pair.server.accept_play(pair.now));
  const std::vector<media::StreamInfo> streams{h264_stream(), aac_stream()};
  auto writer = StreamWriter::create(streams);
  ASSERT_TRUE(writer);
  const std::vector<media::AccessUnit> units{h264_unit(true, 5'000'000, 5'000'080, 500'000),
                                             aac_unit(5'000'003),
                                             h264_unit(false, 20'000'000, 20'000'000, 120'001)};
  pair.server.send(writer->header(units[0].dts));
  for (const auto& unit : units) pair.server.send(writer->write(unit).value());
  pair.exchange();
  expect_event<Client::Started>(pair.client);
  expect_event<Data>(pair.client);  // |RtmpSampleAccess
  expect_event<Data>(pair.client);
  const auto changed = expect_event<StreamsChanged>(pair.client);
  ASSERT_TRUE(changed);
  EXPECT_EQ(changed->streams.size(), 2u);
  for (const auto& sent : units) {
    const auto unit = expect_event<media::AccessUnit>(pair.client);
    ASSERT_TRUE(unit);
    EXPECT_EQ(unit->dts, sent.dts);
    EXPECT_EQ(unit->pts, sent.pts);
    EXPECT_EQ(to_vector(unit->data), to_vector(sent.data));
  }
  pair.server.end_play("the camera is gone");
  pair.exchange();
  const auto stopped = expect_event<Client::Stopped>(pair.client);
  ASSERT_TRUE(stopped);
  EXPECT_EQ(stopped->reason, "the camera is gone");
}

}  // namespace
}  // namespace pasu::rtmp
