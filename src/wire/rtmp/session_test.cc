#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "wire/rtmp/adobe_auth.h"
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

TEST(RtmpSession, PublishedUnitsArriveAsTheyWere) {
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

TEST(RtmpSession, PlayedUnitsArriveAsTheyWere) {
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

TEST(RtmpSession, RefusalsSayWhy) {
  struct Case {
    Refusal why;
    Client::Mode mode;
    Errc code;
    const char* says;
  };
  const Case cases[] = {
      // SRS#416: play of a missing stream.
      {Refusal::not_found, Client::Mode::play, Errc::not_found, "NetStream.Play.StreamNotFound"},
      {Refusal::denied, Client::Mode::play, Errc::unavailable, "NetStream.Play.Failed"},
      {Refusal::busy, Client::Mode::publish, Errc::exists, "NetStream.Publish.BadName"},
      {Refusal::denied, Client::Mode::publish, Errc::invalid_argument, "NetStream.Publish.Denied"},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.says);
    Pair pair(c.mode);
    pair.connect();
    if (c.mode == Client::Mode::play) {
      expect_event<Server::Play>(pair.server);
      pair.server.reject_play(c.why, "the reason");
    } else {
      expect_event<Server::Publish>(pair.server);
      pair.server.reject_publish(c.why, "the reason");
    }
    const auto done = rtmp::exchange(pair.client, pair.server, pair.random, pair.now);
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().code(), c.code);
    EXPECT_THAT(done.error().message(), testing::HasSubstr(c.says));
    EXPECT_THAT(done.error().message(), testing::HasSubstr("the reason"));
  }
}

TEST(RtmpSession, ConnectMayBeRefused) {
  Pair pair(Client::Mode::play);
  pair.exchange();
  expect_event<Server::Connect>(pair.server);
  pair.server.reject_connect("no such application");
  const auto done = rtmp::exchange(pair.client, pair.server, pair.random, pair.now);
  ASSERT_FALSE(done);
  EXPECT_THAT(done.error().message(), testing::HasSubstr("no such application"));
}

// authmod=adobe: three connections, as FFmpeg and OBS make them.
TEST(RtmpSession, AdobeLogin) {
  const AdobeAuth auth("secret of the server");
  for (const bool right : {true, false}) {
    std::string query;
    for (int round = 0; round < 3; ++round) {
      SCOPED_TRACE(round);
      std::mt19937 random(1);
      const Url url = Url::parse("rtmp://me:pass@host/cam/one").value();
      Client client(url, {.mode = Client::Mode::publish, .auth_query = query}, kTestStart);
      Server server(kTestStart);
      ASSERT_TRUE(rtmp::exchange(client, server, random, kTestStart));
      const auto connect = expect_event<Server::Connect>(server);
      ASSERT_TRUE(connect);
      const auto attempt = AdobeAuth::attempt(connect->app);
      if (attempt && attempt->has_proof) {
        EXPECT_EQ(attempt->user, "me");
        EXPECT_EQ(stream_path(connect->app, "one"), "cam/one");
        EXPECT_EQ(auth.verify(connect->app, "pass"), true);
        EXPECT_FALSE(auth.verify(connect->app, "other"));
        EXPECT_FALSE(AdobeAuth("another secret").verify(connect->app, "pass"));
        if (right) break;
        server.reject_connect(AdobeAuth::failure());
        EXPECT_FALSE(rtmp::exchange(client, server, random, kTestStart));
        break;
      }
      ASSERT_LT(round, 2);
      server.reject_connect(auth.challenge(connect->app));
      ASSERT_TRUE(rtmp::exchange(client, server, random, kTestStart));
      const auto again = expect_event<Client::Authenticate>(client);
      ASSERT_TRUE(again);
      query = again->query;
    }
  }
}

TEST(RtmpSession, LoginWithoutCredentialsIsAnError) {
  Pair pair(Client::Mode::publish, "rtmp://host/cam/one");
  pair.exchange();
  expect_event<Server::Connect>(pair.server);
  pair.server.reject_connect(AdobeAuth("s").challenge("cam"));
  EXPECT_FALSE(rtmp::exchange(pair.client, pair.server, pair.random, pair.now));
}

TEST(RtmpSession, ReconnectRequestIsAnEvent) {
  Pair pair(Client::Mode::play);
  pair.connect();
  expect_event<Server::Play>(pair.server);
  ASSERT_TRUE(pair.server.accept_play(pair.now));
  pair.server.request_reconnect("rtmp://other/cam", "maintenance");
  pair.exchange();
  expect_event<Client::Started>(pair.client);
  const auto reconnect = expect_event<Client::Reconnect>(pair.client);
  ASSERT_TRUE(reconnect);
  EXPECT_EQ(reconnect->tc_url, "rtmp://other/cam");
  EXPECT_EQ(reconnect->description, "maintenance");
}

TEST(RtmpSession, PingsAreAnsweredAndSilenceEnds) {
  Pair pair(Client::Mode::play);
  pair.connect();
  expect_event<Server::Play>(pair.server);
  ASSERT_TRUE(pair.server.accept_play(pair.now));
  pair.exchange();
  for (int i = 0; i < 10; ++i) {
    pair.now = *pair.server.deadline();
    ASSERT_TRUE(pair.server.on_time(pair.now));
    pair.exchange();  // The answer is heard.
  }
  // Half-open: nothing comes any more.
  Result<void> done;
  for (int i = 0; i < 10 && done; ++i) {
    pair.now = *pair.server.deadline();
    done = pair.server.on_time(pair.now);
    (void)pair.server.take_output();
  }
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code(), Errc::timeout);
}

TEST(RtmpSession, SlowLorisIsTimedOut) {
  Server server(kTestStart);
  MonoTime now = kTestStart;
  Result<void> done;
  for (int i = 0; i < 100 && done; ++i) {
    now += std::chrono::seconds(1);
    const uint8_t byte = 3;
    ASSERT_TRUE(server.receive({&byte, 1}, now));
    done = server.on_time(now);
  }
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code(), Errc::timeout);
  EXPECT_EQ(now, kTestStart + std::chrono::seconds(15));
}

TEST(RtmpSession, PublisherWithoutMediaIsTimedOut) {
  Pair pair(Client::Mode::publish);
  pair.connect();
  expect_event<Server::Publish>(pair.server);
  ASSERT_TRUE(pair.server.accept_publish(pair.now));
  EXPECT_TRUE(pair.server.on_time(pair.now + std::chrono::seconds(29)));
  EXPECT_FALSE(pair.server.on_time(pair.now + std::chrono::seconds(30)));
}

// nginx-rtmp#519, #1147: an upstream that dies mid-stream.
TEST(RtmpSession, ServerThatDiesIsTimedOut) {
  for (const bool started : {false, true}) {
    Pair pair(Client::Mode::play);
    pair.connect();
    expect_event<Server::Play>(pair.server);
    if (started) {
      ASSERT_TRUE(pair.server.accept_play(pair.now));
      pair.exchange();
    }
    ASSERT_TRUE(pair.client.deadline());
    const auto done = pair.client.on_time(*pair.client.deadline());
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().code(), Errc::timeout);
  }
}

// A server that has seen a handshake and a connect; commands are sent as any client might.
struct Bare {
  Server server{kTestStart};
  MonoTime now = kTestStart;

  explicit Bare(const char* app = "cam") {
    TestBytes hello(1 + 1536 * 2);
    hello[0] = 3;
    EXPECT_TRUE(server.receive(hello, now));
    if (app == nullptr) return;
    EXPECT_TRUE(command({"connect", 1, Object({{"app", app}}), {}}));
    expect_event<Server::Connect>(server);
    EXPECT_TRUE(server.accept_connect(now));
    (void)server.take_output();
  }
  Result<void> send(MessageType type, uint32_t stream_id, ByteView payload) {
    return server.receive(chunk_message({ChunkStream::command, type, stream_id, 0}, payload, 128),
                          now);
  }
  Result<void> command(const Command& command, uint32_t stream_id = 0) {
    return send(MessageType::command_amf0, stream_id, build_command(command));
  }
  // What the server sent, as commands; its chunk size is known.
  std::vector<Command> answers() {
    ChunkReader reader;
    EXPECT_TRUE(reader.push(chunk_control(MessageType::set_chunk_size, kChunkBytesOut)));
    const TestBytes bytes = flatten(server.take_output());
    EXPECT_TRUE(reader.push(bytes));
    std::vector<Command> commands;
    while (const auto message = reader.next()) {
      if (message->type != MessageType::command_amf0) continue;
      commands.push_back(parse_command(message->type, message->payload).value());
    }
    return commands;
  }
};

TEST(RtmpServer, CreateStreamFloodIsRefused) {
  Bare bare;
  Result<void> done;
  int sent = 0;
  for (; sent < 100'000 && done; ++sent) {
    done = bare.command({"createStream", 2.0 + sent, Null{}, {}});
  }
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code(), Errc::too_large);
  EXPECT_LE(sent, Server::kCommandsMax + 1);
  const auto answers = bare.answers();
  const auto given = std::ranges::count(answers, "_result", &Command::name);
  EXPECT_EQ(static_cast<size_t>(given), Server::kStreamsMax);
}

TEST(RtmpServer, CommandsInTheirOwnTimeAreNoFlood) {
  Bare bare;
  for (int i = 0; i < 1000; ++i) {
    bare.now += std::chrono::seconds(1);
    ASSERT_TRUE(bare.command({"createStream", 2, Null{}, {}}));
    ASSERT_TRUE(bare.command({"deleteStream", 0, Null{}, {1}}));
  }
}

TEST(RtmpServer, CommandBeforeConnectEndsTheConnection) {
  Bare bare(nullptr);
  const auto done = bare.command({"createStream", 2, Null{}, {}});
  ASSERT_FALSE(done);
  EXPECT_THAT(done.error().message(), testing::HasSubstr("createStream before connect"));
}

TEST(RtmpServer, UnknownAmf0MarkerInConnectIsNamed) {
  Bare bare(nullptr);
  const auto done = bare.send(MessageType::command_amf0, 0, from_hex("02 0007 636f6e6e656374 42"));
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code(), Errc::unsupported);
  EXPECT_THAT(done.error().message(), testing::HasSubstr("0x42 at byte 10"));
}

TEST(RtmpServer, NestedTenThousandDeepIsRefused) {
  for (const bool connected : {false, true}) {
    Bare bare(connected ? "cam" : nullptr);
    TestBytes bytes = from_hex("02 0007 636f6e6e656374 00 3ff0000000000000");
    for (int i = 0; i < 10'000; ++i) bytes.insert(bytes.end(), {3, 0, 1, 'a'});
    const auto done = bare.send(MessageType::command_amf0, 0, bytes);
    // A command that cannot be read is passed over, but the first has to be connect.
    EXPECT_EQ(done.has_value(), connected);
    EXPECT_EQ(bare.server.messages_ignored(), connected ? 1u : 0u);
  }
}

// SRS#681, #3803: data and media where none belong.
TEST(RtmpServer, UnexpectedMessagesAreIgnoredAndCounted) {
  Bare bare;
  ASSERT_TRUE(bare.send(MessageType::data_amf0, 0, from_hex("02 0003 666f6f")));
  ASSERT_TRUE(bare.send(MessageType::data_amf0, 0, from_hex("42 42")));
  ASSERT_TRUE(bare.send(MessageType::video, 1, from_hex("17 01 000000 00000001 65")));
  ASSERT_TRUE(bare.send(static_cast<MessageType>(77), 1, from_hex("00")));
  ASSERT_TRUE(bare.command({"noSuchCommand", 9, Null{}, {}}));
  EXPECT_EQ(bare.server.messages_ignored(), 5u);
  EXPECT_FALSE(bare.server.next_event());
}

TEST(RtmpServer, MediaBeforeTheAnswerWaitsAndIsBounded) {
  Bare bare;
  ASSERT_TRUE(bare.command({"createStream", 2, Null{}, {}}));
  ASSERT_TRUE(bare.command({"publish", 3, Null{}, {"one", "live"}}, 1));
  // Encoders that do not wait for NetStream.Publish.Start lose nothing.
  const media::StreamInfo stream = h264_stream();
  const TestBytes config = join({from_hex("17 00 000000"), stream.extradata});
  ASSERT_TRUE(bare.send(MessageType::video, 1, config));
  ASSERT_TRUE(bare.send(MessageType::data_amf0, 1,
                        build_data({"onMetaData", {Object({{"videocodecid", 7}})}})));
  expect_event<Server::Publish>(bare.server);
  EXPECT_FALSE(bare.server.next_event());
  ASSERT_TRUE(bare.server.accept_publish(bare.now));
  expect_event<StreamsChanged>(bare.server);
  expect_event<Data>(bare.server);

  Bare other;
  ASSERT_TRUE(other.command({"publish", 3, Null{}, {"one", "live"}}, 1));
  Result<void> done;
  size_t bytes = 0;
  const TestBytes unit(100'000, 1);
  while (done && bytes < 100u << 20) {
    done = other.send(MessageType::video, 1, unit);
    bytes += unit.size();
  }
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code(), Errc::too_large);
  EXPECT_LE(bytes, Server::kWaitingBytesMax + unit.size());
}

TEST(RtmpServer, OneStreamAtATime) {
  Bare bare;
  ASSERT_TRUE(bare.command({"createStream", 2, Null{}, {}}));
  ASSERT_TRUE(bare.command({"createStream", 3, Null{}, {}}));
  ASSERT_TRUE(bare.command({"publish", 4, Null{}, {"one", "live"}}, 1));
  expect_event<Server::Publish>(bare.server);
  ASSERT_TRUE(bare.server.accept_publish(bare.now));
  (void)bare.server.take_output();
  ASSERT_TRUE(bare.command({"publish", 5, Null{}, {"two", "live"}}, 2));
  ASSERT_TRUE(bare.command({"play", 6, Null{}, {"two"}}, 2));
  EXPECT_FALSE(bare.server.next_event());
  const auto answers = bare.answers();
  ASSERT_EQ(answers.size(), 2u);
  EXPECT_EQ(parse_status(answers[0].arg(0)).code, "NetStream.Publish.BadName");
  EXPECT_EQ(parse_status(answers[1].arg(0)).code, "NetStream.Play.Failed");
  // After closeStream the connection may publish again.
  ASSERT_TRUE(bare.command({"closeStream", 0, Null{}, {}}, 1));
  expect_event<Server::Stopped>(bare.server);
  ASSERT_TRUE(bare.command({"publish", 7, Null{}, {"three", "live"}}, 2));
  const auto publish = expect_event<Server::Publish>(bare.server);
  ASSERT_TRUE(publish);
  EXPECT_EQ(publish->path, "cam/three");
}

// What OBS, FFmpeg, librtmp, GStreamer and Flash Media Live Encoder send beside publish.
TEST(RtmpServer, CommandsOfEncodersAreAnswered) {
  Bare bare;
  ASSERT_TRUE(bare.command({"releaseStream", 2, Null{}, {"one"}}));
  ASSERT_TRUE(bare.command({"FCPublish", 3, Null{}, {"one"}}));
  ASSERT_TRUE(bare.command({"createStream", 4, Null{}, {}}));
  ASSERT_TRUE(bare.command({"_checkbw", 5, Null{}, {}}));
  ASSERT_TRUE(bare.command({"getStreamLength", 6, Null{}, {"one"}}));
  ASSERT_TRUE(bare.command({"FCSubscribe", 0, Null{}, {"one"}}));
  ASSERT_TRUE(bare.command({"FCUnpublish", 7, Null{}, {"one"}}));
  std::vector<std::pair<std::string, double>> answers;
  for (const Command& command : bare.answers()) {
    answers.emplace_back(command.name, command.transaction);
  }
  using P = std::pair<std::string, double>;
  EXPECT_THAT(answers,
              testing::ElementsAre(P{"_result", 2}, P{"_result", 3}, P{"onFCPublish", 0},
                                   P{"_result", 4}, P{"_result", 5}, P{"_result", 6},
                                   P{"onFCSubscribe", 0}, P{"_result", 7}, P{"onFCUnpublish", 0}));
}

TEST(RtmpServer, PauseSeekAndTheEndOfPlay) {
  Bare bare;
  ASSERT_TRUE(bare.command({"createStream", 2, Null{}, {}}));
  ASSERT_TRUE(bare.command({"play2", 0, Null{}, {Object({{"streamName", "boxes"}})}}, 1));
  const auto play = expect_event<Server::Play>(bare.server);
  ASSERT_TRUE(play);
  EXPECT_EQ(play->path, "cam/boxes");
  ASSERT_TRUE(bare.server.accept_play(bare.now));
  (void)bare.server.take_output();
  ASSERT_TRUE(bare.command({"pause", 0, Null{}, {true, 0}}, 1));
  ASSERT_TRUE(bare.command({"pause", 0, Null{}, {false, 0}}, 1));
  ASSERT_TRUE(bare.command({"seek", 0, Null{}, {5000}}, 1));
  ASSERT_TRUE(bare.command({"deleteStream", 0, Null{}, {1}}));
  EXPECT_TRUE(expect_event<Server::Pause>(bare.server)->paused);
  EXPECT_FALSE(expect_event<Server::Pause>(bare.server)->paused);
  expect_event<Server::Stopped>(bare.server);
  std::vector<std::string> codes;
  for (const Command& command : bare.answers()) codes.push_back(parse_status(command.arg(0)).code);
  EXPECT_THAT(codes, testing::ElementsAre("NetStream.Pause.Notify", "NetStream.Unpause.Notify",
                                          "NetStream.Seek.Failed", "NetStream.Play.Stop"));
}

// objectEncoding 3: commands of type 17, answered in AMF0, which every player reads.
TEST(RtmpServer, Amf3Connect) {
  Bare bare(nullptr);
  const TestBytes command =
      join({TestBytes{0},
            build_command({"connect", 1, Object({{"app", "cam"}, {"objectEncoding", 3}}), {}})});
  ASSERT_TRUE(bare.send(MessageType::command_amf3, 0, command));
  expect_event<Server::Connect>(bare.server);
  ASSERT_TRUE(bare.server.accept_connect(bare.now));
  (void)bare.server.take_output();
}

TEST(RtmpServer, ConnectAnswersCapabilities) {
  Bare bare(nullptr);
  ASSERT_TRUE(
      bare.command({"connect",
                    1,
                    Object({{"app", "cam"}, {"fourCcList", Array{{"hvc1", "hvc1", "zzzz", 5}}}}),
                    {}}));
  const auto connect = expect_event<Server::Connect>(bare.server);
  ASSERT_TRUE(connect);
  EXPECT_TRUE(connect->enhanced);
  EXPECT_THAT(connect->fourccs, testing::ElementsAre(fourcc("hvc1")));
  (void)bare.server.take_output();
  ASSERT_TRUE(bare.server.accept_connect(bare.now));
  const auto answers = bare.answers();
  ASSERT_EQ(answers.size(), 1u);
  EXPECT_EQ(parse_status(answers[0].arg(0)).code, "NetConnection.Connect.Success");
  EXPECT_NE(answers[0].arg(0).find("capsEx"), nullptr);
}

TEST(RtmpServer, ApplicationMayBeInTcUrlAlone) {
  Bare bare(nullptr);
  ASSERT_TRUE(
      bare.command({"connect", 1, Object({{"tcUrl", "rtmp://host/cam?user=u&pass=p"}}), {}}));
  const auto connect = expect_event<Server::Connect>(bare.server);
  ASSERT_TRUE(connect);
  EXPECT_EQ(connect->credentials, (Credentials{"u", "p"}));
}

TEST(RtmpServer, AcknowledgesByThePeersWindow) {
  Bare bare;
  ASSERT_TRUE(
      bare.server.receive(chunk_control(MessageType::window_acknowledgement_size, 1), bare.now));
  for (int i = 0; i < 100; ++i) {
    ASSERT_TRUE(bare.send(MessageType::video, 1, TestBytes(1000)));
  }
  ChunkReader reader;
  ASSERT_TRUE(reader.push(flatten(bare.server.take_output())));
  int acknowledgements = 0;
  while (const auto message = reader.next()) {
    if (message->type == MessageType::acknowledgement) ++acknowledgements;
  }
  EXPECT_EQ(acknowledgements, 5);  // Of 101 KB, where 16 KiB have come, not for each byte.
}

TEST(RtmpServer, GarbageEndsTheConnectionAlone) {
  std::mt19937 random(3);
  for (int i = 0; i < 50; ++i) {
    Bare bare;
    TestBytes garbage(64u << 10);
    for (uint8_t& byte : garbage) byte = static_cast<uint8_t>(random());
    (void)bare.server.receive(garbage, bare.now);
    while (bare.server.next_event()) {
    }
  }
}

// A client that knows a server which answers in parts, late, and with more than was asked.
TEST(RtmpClient, UnaskedAnswersAreIgnored) {
  Pair pair(Client::Mode::play);
  pair.connect();
  const auto send = [&](const Command& command) {
    return pair.client.receive(
        chunk_message({ChunkStream::command, MessageType::command_amf0, 0, 0},
                      build_command(command)),
        pair.now);
  };
  EXPECT_TRUE(send({"_result", 1, Null{}, {}}));
  EXPECT_TRUE(send({"_result", 99, Null{}, {}}));
  EXPECT_TRUE(send({"_error", 2, Null{}, {}}));  // releaseStream is not known everywhere.
  EXPECT_TRUE(send({"onBWDone", 0, Null{}, {8192}}));
  EXPECT_TRUE(send({"onStatus", 0, Null{}, {}}));
  EXPECT_EQ(pair.client.messages_ignored(), 4u);
}

TEST(RtmpClient, MediaWithoutPlayStartIsAStart) {
  Pair pair(Client::Mode::play);
  pair.connect();
  ASSERT_TRUE(pair.client.receive(
      chunk_message({ChunkStream::audio, MessageType::audio, 1, 0}, from_hex("af 00 1190")),
      pair.now));
  expect_event<Client::Started>(pair.client);
}

TEST(RtmpClient, ServersMessageStreamIsUsed) {
  std::mt19937 random(1);
  Client client(Url::parse("rtmp://host/a/b").value(), {.mode = Client::Mode::publish}, kTestStart);
  TestBytes hello = flatten(client.take_output());
  TestBytes answer(1 + 2 * 1536);
  answer[0] = 3;
  ASSERT_TRUE(client.receive(answer, kTestStart));
  const auto send = [&](const Command& command) {
    return client.receive(chunk_message({ChunkStream::command, MessageType::command_amf0, 0, 0},
                                        build_command(command), 128),
                          kTestStart);
  };
  ASSERT_TRUE(send({"_result", 1, Null{}, {}}));
  ASSERT_TRUE(send({"_result", 4, Null{}, {7}}));
  ASSERT_TRUE(
      send({"onStatus", 0, Null{}, {to_object({"status", "NetStream.Publish.Start", ""})}}));
  expect_event<Client::Started>(client);
  (void)client.take_output();
  const media::StreamInfo stream = h264_stream();
  ASSERT_TRUE(client.set_streams({&stream, 1}, {}));
  ASSERT_TRUE(client.write(h264_unit(true, 0, 0)));
  ChunkReader reader;
  ASSERT_TRUE(reader.push(chunk_control(MessageType::set_chunk_size, kChunkBytesOut)));
  ASSERT_TRUE(reader.push(flatten(client.take_output())));
  int messages = 0;
  for (; const auto message = reader.next(); ++messages) EXPECT_EQ(message->stream_id, 7u);
  EXPECT_EQ(messages, 3);
}

TEST(RtmpClient, RedirectionIsAnEvent) {
  Pair pair(Client::Mode::play);
  pair.exchange();
  expect_event<Server::Connect>(pair.server);
  Object info = to_object({"error", "NetConnection.Connect.Rejected", "moved"});
  info.members.push_back({"ex", Object({{"code", 302}, {"redirect", "rtmp://other/cam"}})});
  ASSERT_TRUE(
      pair.client.receive(chunk_message({ChunkStream::command, MessageType::command_amf0, 0, 0},
                                        build_command({"_error", 1, Null{}, {info}}), 128),
                          pair.now));
  const auto reconnect = expect_event<Client::Reconnect>(pair.client);
  ASSERT_TRUE(reconnect);
  EXPECT_EQ(reconnect->tc_url, "rtmp://other/cam");
}

}  // namespace
}  // namespace pasu::rtmp
