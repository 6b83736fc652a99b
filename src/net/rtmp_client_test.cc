#include "net/rtmp_client.h"

#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "net/connection.h"
#include "net/detail/login_requests.h"
#include "net/pull_reader.h"
#include "net/rtmp_server.h"
#include "net/test_wait.h"
#include "wire/rtmp/test_support.h"

namespace pasu::net {
namespace {

using namespace std::chrono_literals;
using rtmp::aac_stream;
using rtmp::aac_unit;
using rtmp::h264_stream;
using rtmp::h264_unit;

// What a session's owner was told.
struct Told {
  std::vector<hub::Tracks> tracks;
  std::vector<media::AccessUnit> units;
  bool ready = false;
  std::optional<Error> end;
};

// Says what it is told to, to whoever connects, and listens.
class Parrot final : public Session {
 public:
  explicit Parrot(std::string greeting, bool hang_up)
      : greeting_(std::move(greeting)), hang_up_(hang_up) {}
  Result<void> on_start(Connection& connection, MonoTime) override {
    connection.send(Bytes::copy(as_bytes(greeting_)));
    connection_ = &connection;
    return {};
  }
  Result<void> on_bytes(ByteView, MonoTime) override {
    if (hang_up_) connection_->close();
    return {};
  }
  void on_end(const Error*) override {}

 private:
  const std::string greeting_;
  const bool hang_up_;
  Connection* connection_ = nullptr;
};

class RtmpClientTest : public testing::Test {
 protected:
  // Publishing needs cam's login; by authmod=adobe where `adobe`.
  void serve(bool adobe = false, std::shared_ptr<TlsContext> tls = nullptr) {
    RtmpAccess access;
    access.allows = [](const RtmpAccess::Request& request) {
      return !request.path.starts_with("secret") ||
             request.credentials == rtmp::Credentials{"cam", "p@ss/word"};
    };
    if (adobe) {
      access.password_of = [](const std::string&) {
        return std::optional<std::string>("p@ss/word");
      };
    }
    RtmpServerOptions options;
    if (tls) {
      options.encrypted = ListenOptions();
      options.tls = tls;
    } else {
      options.plain = ListenOptions();
    }
    auto server = RtmpServer::start(threads_, registry_, options, access);
    ASSERT_TRUE(server) << server.error().message();
    server_ = std::move(*server);
    port_ = tls ? server_->tls_port() : server_->port();
    scheme_ = tls ? "rtmps" : "rtmp";
  }
  void serve_nonsense(const std::string& greeting, bool hang_up = false) {
    auto listener = TcpListener::start(threads_, {}, [=](TcpSocket socket) {
      Connection::start(std::move(socket), std::make_unique<Parrot>(greeting, hang_up));
    });
    ASSERT_TRUE(listener);
    listener_ = std::move(*listener);
    port_ = listener_->port();
  }
  [[nodiscard]] std::string url(const std::string& path, const std::string& login = "") const {
    return fmt::format("{}://{}127.0.0.1:{}/{}", scheme_, login, port_, path);
  }
  [[nodiscard]] std::unique_ptr<PushSession> push(const std::string& where,
                                                  std::shared_ptr<Watched<Told>> told) {
    PushEvents events;
    events.on_ready = [told] { told->change([](Told& t) { t.ready = true; }); };
    events.on_end = [told](Error why) { told->change([&](Told& t) { t.end = std::move(why); }); };
    auto session =
        net::push(threads_[0], where, {h264_stream(), aac_stream()}, options_, std::move(events));
    EXPECT_TRUE(session) << session.error().message();
    return session ? std::move(*session) : nullptr;
  }
  [[nodiscard]] std::unique_ptr<PullSession> pull(const std::string& where,
                                                  std::shared_ptr<Watched<Told>> told) {
    PullEvents events;
    events.on_tracks = [told](hub::Tracks tracks) {
      told->change([&](Told& t) { t.tracks.push_back(std::move(tracks)); });
    };
    events.on_unit = [told](media::AccessUnit unit) {
      told->change([&](Told& t) { t.units.push_back(std::move(unit)); });
    };
    events.on_end = [told](Error why) { told->change([&](Told& t) { t.end = std::move(why); }); };
    auto session = net::pull(threads_[1], where, options_, std::move(events));
    EXPECT_TRUE(session) << session.error().message();
    return session ? std::move(*session) : nullptr;
  }
  static Error wait_end(Watched<Told>& told) {
    EXPECT_TRUE(told.wait([](const Told& t) { return t.end.has_value(); }));
    return told.get().end.value_or(Error(Errc::internal, "it did not end"));
  }

  IoThreads threads_{2};
  hub::Registry registry_;
  std::unique_ptr<RtmpServer> server_;
  std::unique_ptr<TcpListener> listener_;
  ClientOptions options_;
  uint16_t port_ = 0;
  std::string scheme_ = "rtmp";
  std::shared_ptr<Watched<Told>> pushed_ = std::make_shared<Watched<Told>>();
  std::shared_ptr<Watched<Told>> pulled_ = std::make_shared<Watched<Told>>();
};

// Pushes, pulls, and compares.
void carry(PushSession& pusher, Watched<Told>& pulled) {
  std::vector<media::AccessUnit> sent;
  for (int i = 0; i < 50; ++i) {
    // As from a file with B frames: decoding begins before 0.
    sent.push_back(h264_unit(i % 25 == 0, i * 40 - 80, i * 40 + 40, 1000 + size_t(i) * 2000));
    sent.push_back(aac_unit(i * 40 - 20, 100 + size_t(i)));
  }
  pusher.push(sent[0]);  // Who waits for a stream begins with the newest key frame there is.
  ASSERT_TRUE(pulled.wait([](const Told& t) { return !t.units.empty() || t.end; }));
  for (size_t i = 1; i < sent.size(); ++i) pusher.push(sent[i]);
  ASSERT_TRUE(pulled.wait([&](const Told& t) { return t.units.size() == sent.size() || t.end; }));
  const Told got = pulled.get();
  ASSERT_EQ(got.tracks.size(), 1u);
  EXPECT_EQ(got.tracks[0].at(0).width, 1280);
  EXPECT_EQ(got.tracks[0].at(1).sample_rate, 48000);
  ASSERT_EQ(got.units.size(), sent.size());
  for (size_t i = 0; i < sent.size(); ++i) {
    EXPECT_THAT(got.units[i].data.view(), testing::ElementsAreArray(sent[i].data.view())) << i;
    EXPECT_EQ(got.units[i].stream, sent[i].stream);
    EXPECT_EQ(got.units[i].key, sent[i].key) << i;
    EXPECT_EQ(got.units[i].dts, sent[i].dts - sent[0].dts) << i;
    EXPECT_EQ(got.units[i].pts, sent[i].pts - sent[0].dts) << i;
  }
}

TEST_F(RtmpClientTest, WhatIsPushedIsPulled) {
  serve();
  ASSERT_TRUE(registry_.add("live/gate"));
  const auto puller = pull(url("live/gate"), pulled_);
  ASSERT_TRUE(eventually([&] { return server_->stats().readers == 1; }));
  auto pusher = push(url("live/gate"), pushed_);
  carry(*pusher, *pulled_);
  EXPECT_TRUE(pushed_->get().ready);
  EXPECT_EQ(pusher->stats().units, 100u);
  EXPECT_EQ(pusher->stats().dropped, 0u);
  EXPECT_EQ(puller->stats().units, 100u);
  EXPECT_EQ(puller->stats().transport, ClientTransport::tcp);

  // Leaving is told: the name is free at once, and the next publisher's times go on.
  pusher.reset();
  EXPECT_TRUE(eventually([&] { return server_->stats().publishers == 0; }));
  EXPECT_EQ(server_->stats().failed, 0u);
  pusher = push(url("live/gate"), pushed_);
  pusher->push(h264_unit(true, 0, 0));
  ASSERT_TRUE(pulled_->wait([](const Told& t) { return t.units.size() == 101; }));
  EXPECT_GT(pulled_->get().units[100].dts, pulled_->get().units[99].dts);
  registry_.remove("live/gate", "the camera was removed");
  const Error end = wait_end(*pulled_);
  EXPECT_EQ(end.code(), Errc::unavailable);
  EXPECT_THAT(end.message(),
              testing::EndsWith("live/gate: the stream ended: the camera was removed"));
}

TEST_F(RtmpClientTest, OverTls) {
  auto tls = TlsContext::server({});
  ASSERT_TRUE(tls);
  serve(false, *tls);
  options_.tls.verify = false;
  ASSERT_TRUE(registry_.add("gate"));
  const auto puller = pull(url("gate"), pulled_);
  ASSERT_TRUE(eventually([&] { return server_->stats().readers == 1; }));
  const auto pusher = push(url("gate"), pushed_);
  carry(*pusher, *pulled_);
}

TEST_F(RtmpClientTest, LogsInAsTheServerWants) {
  for (const bool adobe : {false, true}) {
    serve(adobe);
    auto told = std::make_shared<Watched<Told>>();
    const auto good = push(url("secret", "cam:p%40ss%2Fword@"), told);
    EXPECT_TRUE(told->wait([](const Told& t) { return t.ready || t.end; }));
    EXPECT_TRUE(told->get().ready) << adobe;
    for (const char* login : {"", "cam:wrong@"}) {
      told = std::make_shared<Watched<Told>>();
      const auto bad = push(url("secret", login), told);
      const Error end = wait_end(*told);
      EXPECT_EQ(end.code(), Errc::invalid_argument) << end.message();
      EXPECT_THAT(end.message(), testing::Not(testing::HasSubstr("wrong@")));
    }
  }
}

TEST_F(RtmpClientTest, WithTheLoginInTheStreamsNameItIsLetInTheSecondTime) {
  serve(true);
  const std::string where = url("secret/x?user=cam&pass=p%40ss%2Fword");
  const auto first = push(where, pushed_);
  EXPECT_EQ(wait_end(*pushed_).code(), Errc::invalid_argument);
  std::this_thread::sleep_for(detail::LoginRequests::kSoon + std::chrono::milliseconds(50));
  for (const auto& [again, ready] : {std::pair{where, true}, {url("secret/x"), false}}) {
    auto told = std::make_shared<Watched<Told>>();
    const auto second = push(again, told);
    EXPECT_TRUE(told->wait([](const Told& t) { return t.ready || t.end; }));
    EXPECT_EQ(told->get().ready, ready) << again;
  }
}

TEST_F(RtmpClientTest, RefusalsHaveTheirCodes) {
  serve();
  const auto reader = pull(url("nowhere"), pulled_);
  EXPECT_EQ(wait_end(*pulled_).code(), Errc::not_found) << pulled_->get().end->message();
  const auto taken = registry_.publish("gate");
  const auto pusher = push(url("gate"), pushed_);
  EXPECT_EQ(wait_end(*pushed_).code(), Errc::exists) << pushed_->get().end->message();
  EXPECT_EQ(net::pull(threads_[0], "rtmp://", options_, {}).error().code(), Errc::invalid_argument);
  media::StreamInfo jpeg = h264_stream();
  jpeg.codec = media::Codec::mjpeg;
  EXPECT_EQ(net::push(threads_[0], url("gate"), {jpeg}, options_, {}).error().code(),
            Errc::unsupported);
}

TEST_F(RtmpClientTest, WhatIsNoRtmpServerIsCalledThat) {
  serve_nonsense("HTTP/1.1 400 Bad Request\r\n\r\n" + std::string(4000, 'x'));
  auto session = pull(url("gate"), pulled_);
  EXPECT_EQ(wait_end(*pulled_).code(), Errc::malformed);
  EXPECT_THAT(pulled_->get().end->message(), testing::HasSubstr("is this its RTMP port?"));

  serve_nonsense("", true);
  session = pull(url("gate"), pulled_ = std::make_shared<Watched<Told>>());
  EXPECT_EQ(wait_end(*pulled_).code(), Errc::unavailable);
  EXPECT_THAT(pulled_->get().end->message(), testing::HasSubstr("is this its RTMP port?"));

  serve_nonsense("");
  options_.timeout = 1s;
  session = pull(url("gate"), pulled_ = std::make_shared<Watched<Told>>());
  EXPECT_EQ(wait_end(*pulled_).code(), Errc::timeout);

  listener_.reset();
  session = pull(url("gate"), pulled_ = std::make_shared<Watched<Told>>());
  EXPECT_EQ(wait_end(*pulled_).code(), Errc::unavailable);
  EXPECT_THAT(pulled_->get().end->message(), testing::HasSubstr("that the server runs"));
}

TEST_F(RtmpClientTest, APublisherWithoutAServerHoldsABoundedQueue) {
  serve_nonsense("");  // Takes the connection and never answers.
  const auto pusher = push(url("gate"), pushed_);
  for (int i = 0; i < 3000; ++i) pusher->push(h264_unit(i % 25 == 0, i * 40, i * 40, 10'000));
  const PushStats stats = pusher->stats();
  EXPECT_LE(stats.waiting_bytes, PushSession::kWaitingBytesMax);
  EXPECT_GT(stats.dropped, 0u);
  EXPECT_FALSE(stats.ready);
}

TEST_F(RtmpClientTest, ASessionMayBeLeftAtAnyTimeAndFromItsOwnEvents) {
  serve();
  ASSERT_TRUE(registry_.add("gate"));
  for (int i = 0; i < 20; ++i) {
    const auto pusher = push(url("gate"), pushed_);
    const auto puller = pull(url("gate"), pulled_);
    if (i % 2 == 0) threads_[i % 2].run([] {});
  }
  // One that is still leaving would keep the name.
  ASSERT_TRUE(eventually([&] { return server_->stats().publishers == 0; }));
  auto session = std::make_unique<std::unique_ptr<PullSession>>();
  std::atomic<int> units = 0;
  PullEvents events;
  events.on_unit = [&](media::AccessUnit) {
    ++units;
    session->reset();
  };
  threads_[0].run([&] { *session = std::move(*net::pull(threads_[0], url("gate"), {}, events)); });
  ASSERT_TRUE(eventually([&] { return server_->stats().readers >= 1; }));
  const auto pusher = push(url("gate"), pushed_);
  for (int i = 0; i < 50; ++i) pusher->push(h264_unit(true, i * 40, i * 40));
  EXPECT_TRUE(eventually([&] { return units == 1 && server_->stats().readers == 0; }));
}

TEST_F(RtmpClientTest, AThreadMayReadAndWait) {
  serve();
  const auto pusher = push(url("gate"), pushed_);
  ASSERT_TRUE(pushed_->wait([](const Told& t) { return t.ready; }));
  pusher->push(h264_unit(true, 0, 0));
  pusher->push(aac_unit(5));
  std::atomic<bool> stop = false;
  auto reader = PullReader::open(threads_[1], url("gate"), options_, stop);
  ASSERT_TRUE(reader) << reader.error().message();
  EXPECT_EQ((*reader)->tracks().size(), 2u);
  const auto unit = (*reader)->read();
  ASSERT_TRUE(unit && *unit);
  EXPECT_TRUE((*unit)->key);
}

}  // namespace
}  // namespace pasu::net
