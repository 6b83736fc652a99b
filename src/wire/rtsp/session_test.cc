// The client machine and the server machine, talking to each other.
#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "wire/rtsp/test_peers.h"

namespace pasu::rtsp {
namespace {

using namespace std::chrono_literals;
using testing::ClientOwner;
using testing::frame;
using ::testing::HasSubstr;
using testing::join;
using testing::ServerOwner;

ClientOptions to(const std::string& url) {
  ClientOptions options;
  options.url = Url::parse(url).value();
  return options;
}

ServerOptions served() {
  ServerOptions options;
  options.auth = testing::ann();
  options.multicast = true;
  return options;
}

// Both machines and the bytes between them, which arrive in pieces of random size.
class Pipe : public ::testing::Test {
 protected:
  void connect(const std::string& url, ServerOptions options = served()) {
    client.emplace(to(url));
    server.emplace(std::move(options), now);
  }

  // Runs until neither side has anything to say. Errors end it and are kept.
  void run() {
    for (int quiet = 0; quiet < 2 && !client_error && !server_error;) {
      const auto to_server = join(client->session.take_output());
      const auto to_client = join(server->session.take_output());
      quiet = to_server.empty() && to_client.empty() ? quiet + 1 : 0;
      pass(to_server, [this](ByteView piece) {
        if (auto ok = server->session.receive(piece, now); !ok) server_error = ok.error();
        server->drain();
      });
      pass(to_client, [this](ByteView piece) {
        if (auto ok = client->session.receive(piece, now); !ok) client_error = ok.error();
        client->drain(now);
      });
    }
  }

  template <class F>
  void pass(const std::vector<uint8_t>& bytes, F&& take) {
    for (size_t at = 0; at < bytes.size() && !client_error && !server_error;) {
      const size_t size = std::min<size_t>(bytes.size() - at, 1 + random() % 40);
      take(ByteView(bytes).subspan(at, size));
      at += size;
    }
  }

  void feed_client(const std::vector<uint8_t>& bytes) {
    pass(bytes, [this](ByteView piece) {
      if (auto ok = client->session.receive(piece, now); !ok) client_error = ok.error();
      client->drain(now);
    });
  }
  void feed_server(const std::vector<uint8_t>& bytes) {
    pass(bytes, [this](ByteView piece) {
      if (auto ok = server->session.receive(piece, now); !ok) server_error = ok.error();
      server->drain();
    });
  }

  MonoTime now{std::chrono::hours(1)};
  std::mt19937 random{7};
  std::optional<ClientOwner> client;
  std::optional<ServerOwner> server;
  std::optional<Error> client_error, server_error;
};

TEST_F(Pipe, PullsOverTcp) {
  connect("rtsp://ann:secret@host:8554/cam");
  client->session.describe(now);
  run();
  ASSERT_FALSE(client_error) << client_error->message();
  EXPECT_EQ(server->log, "describe:cam:ann setup:0 setup:1 play ");
  ASSERT_EQ(client->log, "described ready:0 ready:1 playing ");
  EXPECT_EQ(client->ready[1].transport.interleaved, (Pair<uint8_t>{2, 3}));
  EXPECT_EQ(client->ready[1].transport.ssrc, 0x1234u);
  ASSERT_EQ(client->playing.starts.size(), 2u);
  EXPECT_EQ(client->playing.starts[1].media, 1u);
  EXPECT_EQ(client->playing.starts[1].sequence, 7);
  EXPECT_EQ(client->playing.starts[1].rtp_time, 48000u);

  feed_client(frame(2, "sound"));
  feed_client(frame(1, "report"));
  feed_server(frame(1, "rr"));
  client->session.teardown(now);
  run();
  EXPECT_THAT(client->log, HasSubstr("rtp1:sound rtcp0:report closed"));
  EXPECT_THAT(server->log, HasSubstr("rtcp0:rr teardown"));
}

TEST_F(Pipe, PullsOverUdpAndMulticast) {
  for (const auto delivery : {Delivery::udp, Delivery::multicast}) {
    connect("rtsp://ann:secret@host/cam");
    client->delivery = delivery;
    client->session.describe(now);
    run();
    EXPECT_EQ(client->log, "described ready:0 ready:1 playing ");
    const auto& transport = client->ready.at(1).transport;
    if (delivery == Delivery::udp) {
      EXPECT_EQ(server->setups[1].transport.client_port, (Pair<uint16_t>{5002, 5003}));
      EXPECT_EQ(transport.server_port, (Pair<uint16_t>{8000, 8001}));
    } else {
      EXPECT_EQ(transport.destination, "239.1.2.3");
      EXPECT_EQ(transport.ttl, 16);
    }
  }
}

TEST_F(Pipe, UdpRefusedIsSaidSoThatTheOwnerFallsBack) {
  auto options = served();
  options.udp = false;
  connect("rtsp://ann:secret@host/cam", options);
  client->delivery = Delivery::udp;
  client->session.describe(now);
  run();
  EXPECT_EQ(client->log, "described refused:0:461 ");
  client->delivery = Delivery::tcp;
  client->set_up(2, now);
  client->session.play(std::nullopt, now);
  run();
  EXPECT_THAT(client->log, HasSubstr("ready:0 ready:1 playing"));
}

TEST_F(Pipe, AWrongPasswordEndsTheClientAfterOneGuess) {
  connect("rtsp://ann:wrong@host/cam");
  client->session.describe(now);
  run();
  ASSERT_TRUE(client_error);
  EXPECT_EQ(client_error->code(), Errc::invalid_argument);
  EXPECT_FALSE(server_error);
  EXPECT_EQ(server->log, "");
}

TEST_F(Pipe, NobodyPublishesWithoutTheRight) {
  connect("rtsp://ann:secret@host/other");
  client->description = sdp::parse(testing::kSdp).value();
  ASSERT_TRUE(client->session.announce(client->description, now));
  run();
  ASSERT_TRUE(client_error);
  EXPECT_THAT(client_error->message(), HasSubstr("ANNOUNCE rtsp://host/other: 403 Forbidden"));
}

TEST_F(Pipe, AMissingPathIsNotFound) {
  connect("rtsp://ann:secret@host/missing");
  client->session.describe(now);
  run();
  EXPECT_EQ(client_error->code(), Errc::not_found);
}

TEST_F(Pipe, KeepAlivesKeepASessionForHours) {
  connect("rtsp://ann:secret@host/cam");
  client->delivery = Delivery::udp;
  client->session.describe(now);
  run();
  const MonoTime end = now + 3h;
  while (now < end) {
    const auto due = std::min(*client->session.deadline(), *server->session.deadline());
    ASSERT_GT(due, now);
    now = due;
    ASSERT_TRUE(client->session.on_time(now));
    ASSERT_TRUE(server->session.on_time(now));
    run();
    ASSERT_FALSE(client_error || server_error);
  }
  EXPECT_EQ(client->log, "described ready:0 ready:1 playing ");
}

TEST_F(Pipe, PublishesBehindAQuery) {
  connect("rtsp://ann:secret@host/push?key=1");
  client->description = sdp::parse(testing::kSdp).value();
  ASSERT_TRUE(client->session.announce(client->description, now));
  run();
  EXPECT_EQ(client->log, "announced ready:0 ready:1 recording ");
}

TEST_F(Pipe, MediaBetweenMessagesDisturbsNothing) {
  connect("rtsp://ann:secret@host/cam");
  client->session.describe(now);
  run();
  std::string expected = client->log;
  for (int i = 0; i < 200; ++i) {
    const std::string text = "\x80\x60" + std::string(static_cast<size_t>(random() % 300), 'x');
    feed_client(frame(2, text));
    expected += "rtp1:" + text + " ";
    if (i % 50 == 49) {
      now += 30s;
      ASSERT_TRUE(client->session.on_time(now));
      run();
    }
  }
  EXPECT_FALSE(client_error || server_error);
  EXPECT_EQ(client->log, expected);
  EXPECT_EQ(client->session.reader().resyncs(), 0u);
}

TEST_F(Pipe, PublishesOverTcp) {
  connect("rtsp://ann:secret@host/push");
  client->description = sdp::parse(testing::kSdp).value();
  ASSERT_TRUE(client->session.announce(client->description, now));
  run();
  ASSERT_FALSE(client_error) << client_error->message();
  EXPECT_EQ(server->log, "announce:push setup:0 setup:1 record ");
  EXPECT_EQ(client->log, "announced ready:0 ready:1 recording ");
  EXPECT_EQ(server->announced.media.size(), 2u);
  EXPECT_TRUE(server->setups[0].publish);
  feed_server(frame(0, "picture"));
  EXPECT_THAT(server->log, HasSubstr("rtp0:picture"));
}

}  // namespace
}  // namespace pasu::rtsp
