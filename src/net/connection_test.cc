#include "net/connection.h"

#include <filesystem>
#include <fstream>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "net/connect.h"
#include "net/tcp_listener.h"
#include "net/test_wait.h"

namespace pasu::net {
namespace {

using namespace std::chrono_literals;

// What a session saw, for the test to wait for.
struct Seen {
  std::string text;
  bool ended = false, drained = false;
  std::optional<Errc> why;
  int timers = 0;
};

// Collects what comes; answers "echo" lines; behaves as the test wants.
class TestSession final : public Session {
 public:
  struct Behaviour {
    std::string greeting{};
    bool echo = false;
    bool rounds = false;
    bool bye_after_greeting = false;
    std::string fail_on{};
    std::optional<std::chrono::milliseconds> timer{};
  };

  TestSession(std::shared_ptr<Watched<Seen>> seen, Behaviour behaviour)
      : seen_(std::move(seen)), behaviour_(std::move(behaviour)) {}

  Result<void> on_start(Connection& connection, MonoTime now) override {
    connection_ = &connection;
    if (behaviour_.timer) deadline_ = now + *behaviour_.timer;
    connection.send(Bytes::copy(as_bytes(behaviour_.greeting)));
    if (behaviour_.bye_after_greeting) connection.close_when_sent();
    return {};
  }
  Result<void> on_bytes(ByteView bytes, MonoTime) override {
    const std::string text(as_text(bytes));
    seen_->change([&](Seen& s) { s.text += text; });
    if (behaviour_.rounds) connection_->read_in_rounds();
    if (behaviour_.echo) connection_->send(Bytes::copy(bytes));
    if (!behaviour_.fail_on.empty() && text.find(behaviour_.fail_on) != std::string::npos) {
      connection_->send(Bytes::copy(as_bytes("last words")));
      return fail(Errc::malformed, "not understood");
    }
    return {};
  }
  std::optional<MonoTime> deadline() const override { return deadline_; }
  Result<void> on_time(MonoTime now) override {
    EXPECT_GE(now, *deadline_);
    deadline_ = now + *behaviour_.timer;
    seen_->change([](Seen& s) { ++s.timers; });
    return {};
  }
  Result<void> on_drained(MonoTime) override {
    seen_->change([](Seen& s) { s.drained = true; });
    return {};
  }
  void on_end(const Error* why) override {
    seen_->change([&](Seen& s) {
      s.ended = true;
      if (why != nullptr) s.why = why->code();
    });
  }

 private:
  const std::shared_ptr<Watched<Seen>> seen_;
  const Behaviour behaviour_;
  Connection* connection_ = nullptr;
  std::optional<MonoTime> deadline_;
};

bool ended(const Seen& seen) { return seen.ended; }

class ConnectionTest : public testing::Test {
 protected:
  // A listener whose connections all share server_.
  void listen(TestSession::Behaviour behaviour, ConnectionOptions options = {},
              ListenOptions where = {}) {
    auto on_accept = [this, behaviour, options](TcpSocket socket) {
      auto session = std::make_unique<TestSession>(server_, behaviour);
      const auto connection = Connection::start(std::move(socket), std::move(session), options);
      accepted_->change([&](auto& all) { all.push_back(connection); });
    };
    auto listener = TcpListener::start(threads_, where, on_accept);
    ASSERT_TRUE(listener) << listener.error().message();
    listener_ = std::move(*listener);
  }

  // Connects; nothing where that failed (see connect_error_).
  std::shared_ptr<Connection> dial(TestSession::Behaviour behaviour, ConnectionOptions options = {},
                                   std::shared_ptr<Watched<Seen>> seen = nullptr) {
    if (!seen) seen = client_;
    auto out = std::make_shared<Watched<std::optional<std::shared_ptr<Connection>>>>();
    connect(threads_[0], {.host = "127.0.0.1", .port = listener_->port()},
            [=, this](Result<TcpSocket> socket) {
              std::shared_ptr<Connection> made;
              if (socket) {
                made = Connection::start(std::move(*socket),
                                         std::make_unique<TestSession>(seen, behaviour), options);
              } else {
                connect_error_.change([&](auto& e) { e = socket.error().code(); });
              }
              out->change([&](auto& o) { o = made; });
            });
    EXPECT_TRUE(out->wait([](const auto& o) { return o.has_value(); }));
    return out->get().value_or(nullptr);
  }

  std::shared_ptr<Watched<Seen>> server_ = std::make_shared<Watched<Seen>>();
  std::shared_ptr<Watched<Seen>> client_ = std::make_shared<Watched<Seen>>();
  std::shared_ptr<Watched<std::vector<std::weak_ptr<Connection>>>> accepted_ =
      std::make_shared<Watched<std::vector<std::weak_ptr<Connection>>>>();
  Watched<std::optional<Errc>> connect_error_;
  IoThreads threads_{2};
  std::unique_ptr<TcpListener> listener_;
};

TEST_F(ConnectionTest, CarriesBytesBothWays) {
  listen({.echo = true});
  const auto connection = dial({.greeting = "hello"});
  ASSERT_TRUE(connection);
  EXPECT_TRUE(client_->wait([](const Seen& s) { return s.text == "hello"; }));
  EXPECT_EQ(connection->peer().text(), "127.0.0.1:" + std::to_string(listener_->port()));
  connection->stop();
  EXPECT_TRUE(server_->wait(ended));
  EXPECT_FALSE(server_->get().why);
  EXPECT_TRUE(eventually([&] { return listener_->stats().connections == 0; }));
}

TEST_F(ConnectionTest, GathersManyBuffersAndGoesOnWhereTheKernelStopped) {
  std::string greeting(200'000, 'x');
  listen({.greeting = greeting + "."});
  const auto connection = dial({});
  ASSERT_TRUE(accepted_->wait([](const auto& all) { return !all.empty(); }));
  const auto from = accepted_->get()[0].lock();
  ASSERT_TRUE(from);
  std::string expected = greeting + ".";
  from->thread().run([&] {
    for (int i = 0; i < 3000; ++i) {
      const std::string part = std::to_string(i) + std::string(static_cast<size_t>(i), 'p');
      expected += part;
      from->send(Bytes::copy(as_bytes(part)));
    }
    from->flush();
  });
  ASSERT_TRUE(client_->wait([&](const Seen& s) { return s.text.size() >= expected.size(); }));
  EXPECT_TRUE(client_->get().text == expected);
}

TEST_F(ConnectionTest, ReadInRoundsItCarriesBytesBothWays) {
  // More than the kernel holds for a peer: it waits for both reading and writing.
  const std::string text(9'000'000, 'r');
  listen({.echo = true, .rounds = true}, {.unsent_bytes_max = 64u << 20});
  const auto connection = dial({.greeting = text}, {.unsent_bytes_max = 64u << 20});
  ASSERT_TRUE(connection);
  EXPECT_TRUE(client_->wait([&](const Seen& s) { return s.text.size() == text.size(); }));
  connection->stop();
  EXPECT_TRUE(server_->wait(ended));
  EXPECT_FALSE(server_->get().why);
}

TEST_F(ConnectionTest, ReadInRoundsItWaitsForAPeerThatFellSilent) {
  listen({.echo = true, .rounds = true, .fail_on = "nonsense"});
  const auto connection = dial({.greeting = "hello"});
  ASSERT_TRUE(connection);
  // Longer than rounds go on without anything to read.
  for (const auto& [delay, text] : {std::pair{700ms, " again"}, {1500ms, " nonsense"}})
    connection->thread().post_after(delay, [connection, said = std::string(text)] {
      connection->send(Bytes::copy(as_bytes(said)));
      connection->flush();
    });
  EXPECT_TRUE(client_->wait([](const Seen& s) { return s.text.starts_with("hello again"); }));
  EXPECT_TRUE(server_->wait(ended));
  EXPECT_EQ(server_->get().why, Errc::malformed);
}

TEST_F(ConnectionTest, AnErrorEndsItAfterItsLastWords) {
  listen({.fail_on = "nonsense"});
  const auto connection = dial({.greeting = "some nonsense"});
  EXPECT_TRUE(server_->wait(ended));
  EXPECT_EQ(server_->get().why, Errc::malformed);
  EXPECT_TRUE(client_->wait(ended));
  EXPECT_EQ(client_->get().text, "last words");
}

TEST_F(ConnectionTest, ClosesOnceAllIsSent) {
  const std::string greeting(3'000'000, 'g');
  listen({.greeting = greeting, .bye_after_greeting = true});
  const auto connection = dial({});
  EXPECT_TRUE(client_->wait(ended));
  EXPECT_EQ(client_->get().text.size(), greeting.size());
  EXPECT_TRUE(server_->wait(ended));
  EXPECT_FALSE(server_->get().why);
}

TEST_F(ConnectionTest, KeepsTheDeadlinesOfItsSession) {
  listen({.timer = 5ms});
  const auto connection = dial({});
  EXPECT_TRUE(server_->wait([](const Seen& s) { return s.timers >= 3; }));
}

// A peer that connects and never reads, without any of our code.
class SilentPeer {
 public:
  explicit SilentPeer(uint16_t port) : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    connected_ = ::connect(socket_, reinterpret_cast<sockaddr*>(&to), sizeof to) == 0;
  }
  ~SilentPeer() { ::close(socket_); }
  SilentPeer(const SilentPeer&) = delete;
  SilentPeer& operator=(const SilentPeer&) = delete;
  [[nodiscard]] bool connected() const { return connected_; }
  /// The other side has closed (with or without bytes before that).
  [[nodiscard]] bool closed() const {
    char scratch[65536];
    while (true) {
      const ssize_t n = ::recv(socket_, scratch, sizeof scratch, MSG_DONTWAIT);
      if (n <= 0) return n == 0 || (errno != EAGAIN && errno != EWOULDBLOCK);
    }
  }

 private:
  int socket_;
  bool connected_ = false;
};

TEST_F(ConnectionTest, APeerThatNeverReadsIsEndedByTheLimitOfBytes) {
  listen({.greeting = std::string(20'000'000, 'x')}, {.unsent_bytes_max = 1 << 20});
  const SilentPeer peer(listener_->port());
  EXPECT_TRUE(server_->wait(ended));
  EXPECT_EQ(server_->get().why, Errc::too_large);
}

TEST_F(ConnectionTest, APeerThatStopsReadingIsEndedByTime) {
  listen({.greeting = std::string(20'000'000, 'x')},
         {.unsent_bytes_max = 100 << 20, .stall_max = 1s});
  const SilentPeer peer(listener_->port());
  EXPECT_TRUE(server_->wait(ended));
  EXPECT_EQ(server_->get().why, Errc::timeout);
}

TEST_F(ConnectionTest, TellsWhenAllHasLeft) {
  listen({.greeting = std::string(20'000'000, 'x')}, {.unsent_bytes_max = 100 << 20});
  const SilentPeer peer(listener_->port());
  EXPECT_TRUE(eventually([&] { return peer.closed() || server_->get().drained; }));
  EXPECT_FALSE(server_->get().ended);
}

TEST_F(ConnectionTest, LimitsHowManyComeFromOneAddress) {
  listen({}, {}, {.connections_max = 100, .connections_per_address_max = 3});
  std::vector<std::unique_ptr<SilentPeer>> peers;
  for (int i = 0; i < 3; ++i) peers.push_back(std::make_unique<SilentPeer>(listener_->port()));
  EXPECT_TRUE(eventually([&] { return listener_->stats().connections == 3; }));
  const SilentPeer fourth(listener_->port());
  EXPECT_TRUE(eventually([&] { return fourth.closed(); }));
  EXPECT_EQ(listener_->stats().refused, 1u);
  peers.pop_back();
  EXPECT_TRUE(eventually([&] { return listener_->stats().connections == 2; }));
  const SilentPeer fifth(listener_->port());
  EXPECT_TRUE(eventually([&] { return listener_->stats().connections == 3; }));
}

TEST_F(ConnectionTest, RestsWhileThereAreNoDescriptors) {
#ifdef __SANITIZE_ADDRESS__
  GTEST_SKIP()
      << "UBSan tells whether it may read an object by a pipe, and there is none to be had";
#endif
  listen({.greeting = "hi"});
  std::vector<std::unique_ptr<SilentPeer>> peers;
  peers.push_back(std::make_unique<SilentPeer>(listener_->port()));  // Its descriptor is made now.
  EXPECT_TRUE(eventually([&] { return listener_->stats().accepted == 1; }));
  rlimit before{};
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &before), 0);
  // The client's end is the last descriptor there is.
  const int next = ::dup(0);
  ASSERT_GE(next, 0);
  ::close(next);
  rlimit tight = before;
  tight.rlim_cur = static_cast<rlim_t>(next) + 1;
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &tight), 0);
  peers.push_back(std::make_unique<SilentPeer>(listener_->port()));
  const bool paused = eventually([&] { return listener_->stats().pauses > 0; });
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &before), 0);
  EXPECT_TRUE(paused);
  EXPECT_TRUE(eventually([&] { return listener_->stats().accepted == 2; }));
}

TEST_F(ConnectionTest, APortInUseIsNamed) {
  listen({});
  const auto second = TcpListener::start(threads_, {.port = listener_->port()}, [](TcpSocket) {});
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code(), Errc::exists);
  const uint16_t port = listener_->port();
  listener_.reset();
  EXPECT_TRUE(TcpListener::start(threads_, {.port = port}, [](TcpSocket) {}));
}

TEST_F(ConnectionTest, ConnectingTellsWhyNot) {
  listen({});
  const uint16_t port = listener_->port();
  Watched<std::vector<Errc>> errors;
  auto note = [&](const Result<TcpSocket>& r) {
    ASSERT_FALSE(r);
    errors.change([&](auto& all) { all.push_back(r.error().code()); });
  };
  listener_.reset();
  connect(threads_[0], {.host = "127.0.0.1", .port = port}, note);
  EXPECT_TRUE(errors.wait([](const auto& all) { return all.size() == 1; }));
  connect(threads_[0], {.host = "no such host", .port = port}, note);
  EXPECT_TRUE(errors.wait([](const auto& all) { return all.size() == 2; }));
  EXPECT_THAT(errors.get(), testing::ElementsAre(Errc::unavailable, Errc::not_found));
}

// TLS.

class TlsConnectionTest : public ConnectionTest {
 protected:
  void SetUp() override {
    directory_ = testing::TempDir() + "pasu_tls_" + std::to_string(::getpid());
    std::filesystem::remove_all(directory_);
    auto context = TlsContext::server({.own_directory = directory_});
    ASSERT_TRUE(context) << context.error().message();
    server_tls_ = *context;
  }
  void TearDown() override { std::filesystem::remove_all(directory_); }

  static std::shared_ptr<TlsContext> client_tls(const TlsClientOptions& options) {
    auto context = TlsContext::client(options);
    EXPECT_TRUE(context) << context.error().message();
    return context ? *context : nullptr;
  }

  std::string directory_;
  std::shared_ptr<TlsContext> server_tls_;
};

TEST_F(TlsConnectionTest, CarriesBytesBothWays) {
  listen({.greeting = std::string(1'000'000, 'g'), .echo = true}, {.tls = server_tls_});
  const auto connection =
      dial({.greeting = std::string(700'000, 'c')}, {.tls = client_tls({.verify = false})});
  ASSERT_TRUE(connection);
  EXPECT_TRUE(client_->wait([](const Seen& s) { return s.text.size() == 1'700'000; }));
  EXPECT_EQ(server_->get().text.size(), 700'000u);
  connection->stop();
  EXPECT_TRUE(server_->wait(ended));
  EXPECT_FALSE(server_->get().why);
}

TEST_F(TlsConnectionTest, VerifiesTheServer) {
  listen({.greeting = "secret"}, {.tls = server_tls_});
  const std::string ours = directory_ + "/server.crt";
  dial({}, {.tls = client_tls({.ca_file = ours}), .tls_server_name = "localhost"});
  EXPECT_TRUE(client_->wait([](const Seen& s) { return s.text == "secret"; }));

  for (const auto& [ca, name] : {std::pair<std::string, std::string>{ours, "elsewhere.example"},
                                 std::pair<std::string, std::string>{"", "localhost"}}) {
    auto seen = std::make_shared<Watched<Seen>>();
    dial({}, {.tls = client_tls({.ca_file = ca}), .tls_server_name = name}, seen);
    EXPECT_TRUE(seen->wait(ended)) << name;
    EXPECT_EQ(seen->get().why, Errc::malformed) << name;
    EXPECT_EQ(seen->get().text, "") << name;
  }
}

TEST_F(TlsConnectionTest, PlainTextIsNoHandshake) {
  listen({}, {.tls = server_tls_});
  const auto connection = dial({.greeting = "OPTIONS * RTSP/1.0\r\n\r\n"});
  EXPECT_TRUE(server_->wait(ended));
  EXPECT_EQ(server_->get().why, Errc::malformed);
}

TEST_F(TlsConnectionTest, OurCertificateIsKeptAndItsKeyIsOurs) {
  auto read = [&](const char* name) {
    std::ifstream file(directory_ + name);
    return std::string(std::istreambuf_iterator<char>(file), {});
  };
  const std::string certificate = read("/server.crt");
  EXPECT_NE(certificate.find("BEGIN CERTIFICATE"), std::string::npos);
  ASSERT_TRUE(TlsContext::server({.own_directory = directory_}));
  EXPECT_EQ(read("/server.crt"), certificate);
  const auto mode = std::filesystem::status(directory_ + "/server.key").permissions();
  EXPECT_EQ(mode & std::filesystem::perms::all,
            std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);

  EXPECT_EQ(TlsContext::server({.certificate_file = "/nowhere.pem", .key_file = "/nowhere.key"})
                .error()
                .code(),
            Errc::not_found);
  const auto swapped = TlsContext::server(
      {.certificate_file = directory_ + "/server.key", .key_file = directory_ + "/server.key"});
  ASSERT_FALSE(swapped);
  EXPECT_EQ(swapped.error().code(), Errc::malformed);
}

}  // namespace
}  // namespace pasu::net
