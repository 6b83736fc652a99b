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
  EXPECT_EQ(client->log, "described ready:0 ready:1 playing ");
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
