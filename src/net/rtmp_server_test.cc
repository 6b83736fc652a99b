#include "net/rtmp_server.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "net/test_wait.h"
#include "wire/rtmp/test_support.h"

namespace pasu::net {
namespace {

using namespace std::chrono_literals;
using rtmp::aac_stream;
using rtmp::aac_unit;
using rtmp::ClientSession;
using rtmp::h264_stream;
using rtmp::h264_unit;

// A client on a blocking socket: the sessions of wire/, driven by hand.
class Peer {
 public:
  Peer(uint16_t port, const std::string& path, ClientSession::Mode mode, bool enhanced = true)
      : descriptor_(::socket(AF_INET, SOCK_STREAM, 0)),
        machine_(*rtmp::Url::parse(fmt::format("rtmp://127.0.0.1:{}/{}", port, path)),
                 {.mode = mode, .enhanced = enhanced}, now()) {
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const timeval patience{20, 0};
    const int on = 1;
    ::setsockopt(descriptor_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    ::setsockopt(descriptor_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
    EXPECT_EQ(::connect(descriptor_, reinterpret_cast<sockaddr*>(&to), sizeof(to)), 0);
  }
  ~Peer() { ::close(descriptor_); }
  Peer(const Peer&) = delete;
  Peer& operator=(const Peer&) = delete;

  /// The next event of this kind, others passed over; nothing where the connection ends first.
  template <class T>
  std::optional<T> wait() {
    while (true) {
      flush();
      while (auto event = machine_.next_event()) {
        if (T* wanted = std::get_if<T>(&*event)) return std::move(*wanted);
      }
      if (error_ || !receive()) return {};
    }
  }
  bool start() { return wait<ClientSession::Started>().has_value(); }
  /// Begins to publish H.264 and AAC.
  bool publish() {
    if (!start()) return false;
    const std::vector<media::StreamInfo> streams{h264_stream(), aac_stream()};
    EXPECT_TRUE(machine_.set_streams(streams, 0ms));
    flush();
    return true;
  }
  void write(const media::AccessUnit& unit) {
    EXPECT_TRUE(machine_.write(unit));
    flush();
  }
  /// The next units' times in milliseconds, with their tracks: "v0 a5".
  std::string units(int count) {
    std::string out;
    for (int i = 0; i < count; ++i) {
      const auto unit = wait<media::AccessUnit>();
      if (!unit) return out + " end";
      out +=
          fmt::format("{}{}{}", i == 0 ? "" : " ", unit->stream == 0 ? 'v' : 'a', unit->dts / 1ms);
    }
    return out;
  }
  void send(ByteView bytes) { (void)::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL); }
  void flush() {
    for (const Bytes& bytes : machine_.take_output()) send(bytes);
  }
  /// Whether the server has ended the connection (within 20 s).
  bool closed() {
    uint8_t buffer[4096];
    ssize_t got = 0;
    while ((got = ::recv(descriptor_, buffer, sizeof(buffer), 0)) > 0) {
    }
    return got == 0 || errno == ECONNRESET;
  }
  ClientSession& machine() { return machine_; }
  std::optional<Errc> error() const { return error_; }
  const std::string& sentence() const { return sentence_; }

 private:
  static MonoTime now() { return system_clock().now(); }

  bool receive() {
    uint8_t buffer[65536];
    const ssize_t got = ::recv(descriptor_, buffer, sizeof(buffer), 0);
    if (got <= 0) return false;
    const auto result = machine_.receive({buffer, static_cast<size_t>(got)}, now());
    if (result) return true;
    error_ = result.error().code();
    sentence_ = result.error().message();
    return true;
  }

  const int descriptor_;
  ClientSession machine_;
  std::optional<Errc> error_;
  std::string sentence_;
};

constexpr auto kPublish = ClientSession::Mode::publish;
constexpr auto kPlay = ClientSession::Mode::play;

class RtmpServerTest : public testing::Test {
 protected:
  void SetUp() override { serve({}); }
  void serve(RtmpServerOptions options) {
    server_.reset();
    if (!options.plain) options.plain = ListenOptions();
    RtmpAccess access;
    access.allows = [](const RtmpAccess::Request& request) {
      return request.path != "secret" || request.credentials.password == "open";
    };
    auto server = RtmpServer::start(threads_, registry_, std::move(options), std::move(access));
    ASSERT_TRUE(server) << server.error().message();
    server_ = std::move(*server);
  }
  Peer peer(const std::string& path, ClientSession::Mode mode, bool enhanced = true) {
    return {server_->port(), path, mode, enhanced};
  }
  bool units_published(const std::string& path, uint64_t count) {
    return eventually([&] {
      const auto stream = registry_.find(path);
      return stream && stream->stats().units == count;
    });
  }
  std::unique_ptr<hub::Publication> publication(const media::StreamInfo& track,
                                                const std::string& path = "gate") {
    auto made = registry_.publish(path);
    EXPECT_TRUE(made);
    EXPECT_TRUE((*made)->set_tracks({track}));
    return std::move(*made);
  }

  IoThreads threads_{2};
  hub::Registry registry_;
  std::unique_ptr<RtmpServer> server_;
};

TEST_F(RtmpServerTest, AReaderHasTheRunningGopAtOnceAndThenWhatIsLive) {
  Peer publisher = peer("live/gate", kPublish);
  ASSERT_TRUE(publisher.publish());
  for (const auto& unit : {h264_unit(true, 0, 0), aac_unit(10), h264_unit(false, 40, 40)}) {
    publisher.write(unit);
  }
  publisher.write(h264_unit(true, 80, 120, 100'000));
  publisher.write(aac_unit(90));
  ASSERT_TRUE(units_published("live/gate", 5));

  Peer reader = peer("live/gate", kPlay);
  const auto streams = reader.wait<rtmp::StreamsChanged>();
  ASSERT_TRUE(streams);
  EXPECT_EQ(streams->streams.at(0).width, 1280);
  EXPECT_EQ(streams->streams.at(1).sample_rate, 48000);
  const auto first = reader.wait<media::AccessUnit>();
  ASSERT_TRUE(first);
  EXPECT_TRUE(first->key);
  EXPECT_EQ(first->dts, 80ms);
  EXPECT_EQ(first->pts, 120ms);
  EXPECT_THAT(first->data.view(),
              testing::ElementsAreArray(h264_unit(true, 80, 120, 100'000).data.view()));
  EXPECT_EQ(reader.units(1), "a90");
  publisher.write(h264_unit(false, 120, 120));
  publisher.write(aac_unit(130));
  EXPECT_EQ(reader.units(2), "v120 a130");
  EXPECT_EQ(server_->stats().readers, 1);
  EXPECT_EQ(server_->stats().publishers, 1);
}

TEST_F(RtmpServerTest, APublisherThatVanishesEndsItsPublicationAndItsReadersAreTold) {
  auto publisher = std::make_unique<Peer>(server_->port(), "gate", kPublish);
  ASSERT_TRUE(publisher->publish());
  publisher->write(h264_unit(true, 0, 0));
  ASSERT_TRUE(units_published("gate", 1));
  Peer reader = peer("gate", kPlay);
  ASSERT_TRUE(reader.start());
  publisher.reset();
  const auto stopped = reader.wait<ClientSession::Stopped>();
  ASSERT_TRUE(stopped);
  EXPECT_EQ(stopped->reason, "its publisher left");
  EXPECT_TRUE(reader.closed());
  EXPECT_EQ(registry_.find("gate"), nullptr);
  EXPECT_TRUE(eventually([&] { return server_->stats().readers == 0; }));
}

TEST_F(RtmpServerTest, ReadersOfADeclaredStreamWaitForItsNextPublisher) {
  ASSERT_TRUE(registry_.add("gate"));
  Peer reader = peer("gate", kPlay);
  ASSERT_TRUE(reader.start());
  for (const int64_t at : {0, 1000}) {
    auto publisher = std::make_unique<Peer>(server_->port(), "gate", kPublish);
    ASSERT_TRUE(publisher->publish());
    publisher->write(h264_unit(true, 0, 0));
    const auto unit = reader.wait<media::AccessUnit>();
    ASSERT_TRUE(unit);
    EXPECT_GE(unit->dts, at == 0 ? 0ms : 1ms);  // Times go on.
    publisher.reset();
    ASSERT_TRUE(eventually([&] { return server_->stats().publishers == 0; }));
  }
  registry_.remove("gate", "the camera was removed");
  const auto stopped = reader.wait<ClientSession::Stopped>();
  ASSERT_TRUE(stopped);
  EXPECT_EQ(stopped->reason, "the camera was removed");
}

// SRS#416: play of a missing stream.
TEST_F(RtmpServerTest, ATakenNameIsBadAMissingStreamNotFound) {
  Peer first = peer("gate", kPublish);
  ASSERT_TRUE(first.publish());
  Peer second = peer("gate", kPublish);
  EXPECT_FALSE(second.start());
  EXPECT_EQ(second.error(), Errc::exists) << second.sentence();
  Peer reader = peer("nowhere", kPlay);
  EXPECT_FALSE(reader.start());
  EXPECT_EQ(reader.error(), Errc::not_found) << reader.sentence();
  EXPECT_EQ(server_->stats().refused, 2u);
  first.write(h264_unit(true, 0, 0));
  EXPECT_TRUE(units_published("gate", 1));
}

TEST_F(RtmpServerTest, RightsAreAskedForWithTheCredentialsOfTheAddress) {
  for (const auto mode : {kPublish, kPlay}) {
    Peer without = peer("secret", mode);
    EXPECT_FALSE(without.start());
    EXPECT_EQ(without.error(), Errc::invalid_argument) << without.sentence();
  }
  EXPECT_EQ(server_->stats().denied, 2u);
  Peer with = peer("secret?user=a&pass=open", kPublish);
  EXPECT_TRUE(with.start());
}

TEST_F(RtmpServerTest, H265IsForPlayersWithEnhancedRtmp) {
  media::StreamInfo track = h264_stream();
  track.codec = media::Codec::h265;
  track.codec_name = "hevc";
  track.extradata = {};
  const auto gate = publication(track);
  Peer plain = peer("gate", kPlay, false);
  EXPECT_FALSE(plain.start());
  EXPECT_THAT(plain.sentence(), testing::HasSubstr("Enhanced RTMP for hvc1"));
  Peer enhanced = peer("gate", kPlay);
  EXPECT_TRUE(enhanced.start());

  // A reader of what was H.264 is told when it becomes H.265.
  const auto door = publication(h264_stream(), "door");
  Peer reader = peer("door", kPlay, false);
  ASSERT_TRUE(reader.start());
  ASSERT_TRUE(door->set_tracks({track}));
  const auto stopped = reader.wait<ClientSession::Stopped>();
  ASSERT_TRUE(stopped);
  EXPECT_THAT(stopped->reason, testing::HasSubstr("Enhanced RTMP for hvc1"));
}

TEST_F(RtmpServerTest, PicturesThatRtmpCannotCarryAreRefused) {
  media::StreamInfo track = h264_stream();
  track.codec = media::Codec::mjpeg;
  track.codec_name = "mjpeg";
  const auto gate = publication(track);
  Peer reader = peer("gate", kPlay);
  EXPECT_FALSE(reader.start());
  EXPECT_THAT(reader.sentence(), testing::HasSubstr("use RTSP"));
}

TEST_F(RtmpServerTest, EndsItsConnectionsBeforeItIsGone) {
  Peer publisher = peer("gate", kPublish);
  ASSERT_TRUE(publisher.publish());
  publisher.write(h264_unit(true, 0, 0));
  ASSERT_TRUE(units_published("gate", 1));
  Peer reader = peer("gate", kPlay);
  ASSERT_TRUE(reader.start());
  server_.reset();
  EXPECT_EQ(registry_.find("gate"), nullptr);
  EXPECT_TRUE(publisher.closed());
  EXPECT_TRUE(reader.closed());
}

// Hostile clients.

TEST_F(RtmpServerTest, AReaderThatNeverReadsLosesAlone) {
  const auto gate = publication(h264_stream());
  Peer silent = peer("gate", kPlay);
  ASSERT_TRUE(silent.start());
  Peer reader = peer("gate", kPlay);
  ASSERT_TRUE(reader.start());
  // 40 MB in GOPs of 1 MB: more than the kernel and the stream hold.
  const auto unit = [](int i) { return h264_unit(i % 10 == 0, i * 40, i * 40, 100'000); };
  for (int i = 0; i < 400; ++i) {
    gate->publish(unit(i));
    EXPECT_EQ(reader.units(1), fmt::format("v{}", i * 40));
  }
  // Once it reads, it goes on with a key frame.
  const auto stream = registry_.find("gate");
  int64_t last = -40;
  bool jumped = false;
  while (!jumped) {
    const auto got = silent.wait<media::AccessUnit>();
    ASSERT_TRUE(got);
    const int64_t at = got->dts / 1ms;
    jumped = at != last + 40;
    EXPECT_TRUE(!jumped || got->key);
    last = at;
  }
  EXPECT_GT(stream->stats().lost, 0u);
}

TEST_F(RtmpServerTest, WhoSaysNothingOrTooLittleIsCutOff) {
  serve({.timeouts = {.setup = 1s}});
  Peer silent = peer("gate", kPublish);
  Peer half = peer("gate", kPublish);
  const std::vector<uint8_t> part(700, 3);
  half.send(part);
  EXPECT_TRUE(silent.closed());
  EXPECT_TRUE(half.closed());
  EXPECT_EQ(server_->stats().failed, 2u);
}

TEST_F(RtmpServerTest, AHalfOpenPublisherIsCutOffAndItsNameIsFree) {
  serve({.timeouts = {.media = 1s}});
  Peer publisher = peer("gate", kPublish);
  ASSERT_TRUE(publisher.publish());
  publisher.write(h264_unit(true, 0, 0));
  EXPECT_TRUE(publisher.closed());
  Peer next = peer("gate", kPublish);
  EXPECT_TRUE(next.publish());
}

TEST_F(RtmpServerTest, GarbageAndFloodsEndTheirConnectionAlone) {
  Peer publisher = peer("gate", kPublish);
  ASSERT_TRUE(publisher.publish());

  Peer garbage = peer("gate", kPlay);
  garbage.send(std::vector<uint8_t>(64 << 10, 0x47));
  EXPECT_TRUE(garbage.closed());

  Peer flood = peer("other", kPublish);
  ASSERT_TRUE(flood.start());
  const Bytes create =
      rtmp::chunk_message({rtmp::ChunkStream::command, rtmp::MessageType::command_amf0, 0, 0},
                          rtmp::build_command({"createStream", 9, rtmp::Null{}, {}}));
  for (int i = 0; i < 1000; ++i) flood.send(create);
  EXPECT_TRUE(flood.closed());

  publisher.write(h264_unit(true, 0, 0));
  EXPECT_TRUE(units_published("gate", 1));
  EXPECT_TRUE(eventually([&] { return server_->stats().failed == 2; }));
}

TEST_F(RtmpServerTest, ConnectionsOverTheLimitAreClosedTheOthersLive) {
  ListenOptions where;
  where.connections_per_address_max = 20;
  serve({.plain = where});
  Peer publisher = peer("gate", kPublish);
  ASSERT_TRUE(publisher.publish());
  std::vector<std::unique_ptr<Peer>> crowd;
  for (int i = 0; i < 200; ++i) {
    crowd.push_back(std::make_unique<Peer>(server_->port(), "gate", kPlay));
  }
  EXPECT_TRUE(eventually([&] { return server_->stats().plain.refused == 181; }));
  EXPECT_EQ(server_->stats().plain.connections, 20);
  publisher.write(h264_unit(true, 0, 0));
  EXPECT_TRUE(units_published("gate", 1));
  crowd.clear();
  EXPECT_TRUE(eventually([&] { return server_->stats().plain.connections == 1; }));
  Peer reader = peer("gate", kPlay);
  EXPECT_TRUE(reader.start());
}

}  // namespace
}  // namespace pasu::net
