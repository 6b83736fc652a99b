#include "net/rtsp_server.h"

#include <algorithm>
#include <map>
#include <netinet/in.h>
#include <set>
#include <sys/socket.h>
#include <unistd.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/base64.h"
#include "base/metrics.h"
#include "net/client.h"
#include "net/test_rtsp_client.h"
#include "wire/rtsp/http_tunnel.h"

namespace pasu::net {
namespace {

using namespace std::chrono_literals;
using rtsp::Delivery;

media::StreamInfo h264() {
  media::StreamInfo info;
  info.kind = media::MediaKind::video;
  info.codec = media::Codec::h264;
  info.codec_name = "h264";
  // avcC of a 320x240 Constrained Baseline stream, written by x264.
  const uint8_t avcc[] = {0x01, 0x42, 0xC0, 0x0D, 0xFF, 0xE1, 0x00, 0x18, 0x67, 0x42,
                          0xC0, 0x0D, 0xD9, 0x01, 0x41, 0xFB, 0x01, 0x10, 0x00, 0x00,
                          0x03, 0x00, 0x10, 0x00, 0x00, 0x03, 0x03, 0x20, 0xF1, 0x42,
                          0xA4, 0x80, 0x01, 0x00, 0x05, 0x68, 0xCB, 0x83, 0xCB, 0x20};
  info.extradata = Bytes::copy(avcc);
  return info;
}
media::StreamInfo pcmu() {
  media::StreamInfo info;
  info.kind = media::MediaKind::audio;
  info.codec = media::Codec::pcmu;
  info.codec_name = "pcm_mulaw";
  info.sample_rate = 8000;
  info.channels = 1;
  return info;
}

// Picture `number` of a stream with 25 a second, every tenth a key picture.
media::AccessUnit picture(int number, size_t size = 3000) {
  std::vector<uint8_t> bytes(size, static_cast<uint8_t>(number + 1));
  const auto nal = static_cast<uint32_t>(size - 4);
  for (size_t i = 0; i < 4; ++i) bytes[i] = static_cast<uint8_t>(nal >> (24 - 8 * i));
  media::AccessUnit unit;
  unit.key = number % 10 == 0;
  bytes[4] = unit.key ? 0x65 : 0x41;
  bytes[5] = 0x88;  // A picture's first slice.
  unit.data = Bytes::copy(bytes);
  unit.pts = unit.dts = number * 40ms;
  return unit;
}
media::AccessUnit sound(int number) {
  media::AccessUnit unit;
  unit.data = Bytes::copy(std::vector<uint8_t>(320, static_cast<uint8_t>(number)));
  unit.stream = 1;
  unit.pts = unit.dts = number * 40ms;
  unit.key = true;
  return unit;
}

size_t pictures(const RtspSeen& seen) {
  return static_cast<size_t>(
      std::ranges::count_if(seen.units, [](const auto& u) { return u.stream == 0; }));
}

// Groups of this test's own, as others may run beside it.
RtspMulticastOptions own_groups() {
  const auto id = static_cast<unsigned>(getpid());
  return {.first_group = fmt::format("239.{}.{}.0", 192 + (id >> 8) % 60, id % 256)};
}

bool multicast_works() {
  IoThreads threads(1);
  const Address group = Address::parse(own_groups().first_group, 0).value();
  Watched<bool> came;
  const auto listener = UdpSocket::bind(threads[0], group);
  const auto sender = UdpSocket::bind(threads[0], Address::parse("127.0.0.1", 0).value());
  if (!listener || !sender || !(*listener)->join(group, "127.0.0.1") ||
      !(*sender)->set_multicast(1, "127.0.0.1")) {
    return false;
  }
  (*listener)->receive([&](auto, MonoTime) { came.change([](bool& c) { c = true; }); });
  return (*sender)->send((*listener)->local(), as_bytes("?")) &&
         came.wait([](bool c) { return c; });
}

PullOptions by_multicast() {
  PullOptions options;
  options.transport = ClientTransport::multicast;
  return options;
}

class RtspServerTest : public testing::Test {
 protected:
  void SetUp() override { start(RtspServerOptions()); }

  void start(RtspServerOptions options) {
    server_.reset();
    if (!options.auth.may) options.auth.may = [](auto, auto, auto) { return true; };
    auto server = RtspServer::start(threads_, registry_, std::move(options));
    ASSERT_TRUE(server) << server.error().message();
    server_ = std::move(*server);
  }

  std::unique_ptr<hub::Publication> publish(const std::string& path = "gate") {
    auto publication = registry_.publish(path);
    EXPECT_TRUE(publication);
    EXPECT_TRUE((*publication)->set_tracks({h264(), pcmu()}));
    return std::move(*publication);
  }
  static void send(hub::Publication& publication, int from, int to) {
    for (int i = from; i < to; ++i) {
      publication.publish(picture(i));
      publication.publish(sound(i));
    }
  }

  RtspWatched client(const std::string& path, RtspTestOptions options = {}) {
    auto seen = std::make_shared<Watched<RtspSeen>>();
    const bool tls = options.tls != nullptr;
    const uint16_t port = tls ? server_->tls_port() : server_->port();
    rtsp::ClientOptions client;
    client.url = rtsp::Url::parse(fmt::format("{}://{}127.0.0.1:{}/{}", tls ? "rtsps" : "rtsp",
                                              login_, port, path))
                     .value();
    connect(threads_[0], {.host = "127.0.0.1", .port = port}, [=, this](Result<TcpSocket> socket) {
      ASSERT_TRUE(socket) << socket.error().message();
      auto session = std::make_unique<RtspTestSession>(client, options, seen);
      const auto connection =
          Connection::start(std::move(*socket), std::move(session), {.tls = options.tls});
      connections_.change([&](auto& all) { all[seen.get()] = connection; });
    });
    return seen;
  }
  // Runs on the client's thread.
  void with(const RtspWatched& seen, const std::function<void(RtspTestSession&)>& body) {
    const auto all = connections_.get();
    const auto connection = all.at(seen.get()).lock();
    ASSERT_TRUE(connection);
    connection->thread().run([&] { body(static_cast<RtspTestSession&>(*connection->session())); });
  }
  void leave(const RtspWatched& seen) {
    if (const auto connection = connections_.get().at(seen.get()).lock()) connection->stop();
  }

  std::string login_;  // "user:password@"
  hub::Registry registry_;
  Watched<std::map<const void*, std::weak_ptr<Connection>>> connections_;
  IoThreads threads_{2};
  std::unique_ptr<RtspServer> server_;
};

// Each way of reading gives the units as they were published.
class RtspReadTest : public RtspServerTest, public testing::WithParamInterface<Delivery> {
 protected:
  void SetUp() override {
    RtspServerOptions options;
    if (GetParam() == Delivery::multicast) {
      if (!multicast_works()) GTEST_SKIP() << "no multicast on this computer";
      options.multicast = own_groups();
    }
    start(options);
  }
};
INSTANTIATE_TEST_SUITE_P(Ways, RtspReadTest,
                         testing::Values(Delivery::tcp, Delivery::udp, Delivery::multicast));

TEST_P(RtspReadTest, UnitsArriveAsTheyWerePublishedFromTheLastKeyPictureOn) {
  const auto publication = publish();
  send(*publication, 0, 15);
  const auto seen = client("gate", {.delivery = GetParam()});
  ASSERT_TRUE(seen->wait([](const RtspSeen& s) { return s.playing && pictures(s) >= 4; }));
  send(*publication, 15, 30);
  // A depacketizer gives a unit once the next begins, or by its marker; 20 from 10 to 29.
  ASSERT_TRUE(seen->wait([](const RtspSeen& s) { return s.units.size() >= 38; }));
  const auto got = seen->get();
  ASSERT_EQ(got.description.media.size(), 2u);
  ASSERT_EQ(got.tracks.size(), 2u);
  EXPECT_EQ(got.tracks[0].width, 320);
  EXPECT_EQ(got.tracks[1].codec, media::Codec::pcmu);
  EXPECT_GE(got.rtcp, 1u);  // Whoever begins has a sender report.
  int next = 10;
  for (const auto& unit : got.units) {
    if (unit.stream != 0) continue;
    const auto expected = picture(next++);
    const auto body = expected.data.view();
    // Key pictures come with their parameter sets in front.
    const auto tail = unit.data.view().last(std::min(unit.data.size(), body.size()));
    EXPECT_TRUE(std::ranges::equal(tail, body)) << next;
    EXPECT_EQ(unit.key, expected.key);
  }
  EXPECT_EQ(registry_.find("gate")->stats().lost, 0u);
}

TEST_P(RtspReadTest, TracksBeginAtOneInstant) {
  const auto publication = publish();
  publication->publish(picture(0));
  auto late = sound(0);
  late.pts = late.dts = 20ms;
  publication->publish(late);
  const auto seen = client("gate", {.delivery = GetParam()});
  ASSERT_TRUE(seen->wait([](const RtspSeen& s) { return s.playing; }));
  const auto got = seen->get();
  ASSERT_EQ(got.starts.size(), 2u);
  // What the sender reports say agrees: 20 ms of sound later is 160 ticks.
  const auto stream = registry_.find("gate")->read_rtp();
  std::vector<hub::RtpItem> items;
  stream->take({}, items);
  ASSERT_EQ(items.size(), 4u);  // Two of them reports.
  EXPECT_EQ(got.starts[0].rtp_time, items[0]->batch.timestamp);
  EXPECT_EQ(got.starts[1].rtp_time, items[3]->batch.timestamp - 160);
}

TEST_P(RtspReadTest, TeardownEndsTheReader) {
  const auto publication = publish();
  send(*publication, 0, 2);
  const auto seen = client("gate", {.delivery = GetParam()});
  ASSERT_TRUE(seen->wait([](const RtspSeen& s) { return s.playing; }));
  const auto readers = [&] {
    const auto stats = server_->stats();
    return stats.readers_tcp + stats.readers_udp + stats.readers_multicast;
  };
  EXPECT_EQ(readers(), 1);
  with(seen, [](RtspTestSession& session) { session.teardown(); });
  EXPECT_TRUE(seen->wait([](const RtspSeen& s) { return s.ended; }));
  EXPECT_TRUE(eventually([&] { return readers() == 0 && server_->stats().connections == 0; }));
  EXPECT_EQ(registry_.find("gate")->stats().readers, 0);
}

TEST_P(RtspReadTest, TheLossOfTheConnectionEndsItsSession_mediamtx149) {
  const auto publication = publish();
  send(*publication, 0, 2);
  const auto seen = client("gate", {.delivery = GetParam()});
  ASSERT_TRUE(seen->wait([](const RtspSeen& s) { return s.playing; }));
  leave(seen);
  EXPECT_TRUE(eventually([&] { return registry_.find("gate")->stats().readers == 0; }));
  EXPECT_EQ(server_->stats().readers_tcp + server_->stats().readers_udp, 0);
}

TEST_P(RtspReadTest, ADeclaredStreamKeepsItsReadersOverARestartOfItsPublisher) {
  ASSERT_TRUE(registry_.add("gate"));
  auto publication = publish();
  send(*publication, 0, 3);
  const auto seen = client("gate", {.delivery = GetParam()});
  ASSERT_TRUE(seen->wait([](const RtspSeen& s) { return pictures(s) >= 2; }));
  publication.reset();
  publication = publish();
  send(*publication, 0, 3);
  ASSERT_TRUE(seen->wait([](const RtspSeen& s) { return pictures(s) >= 5; }));
  const auto got = seen->get();
  EXPECT_FALSE(got.ended);
  for (size_t i = 1; i < got.units.size(); ++i) {
    if (got.units[i].stream == got.units[i - 1].stream) {
      EXPECT_GT(got.units[i].dts, got.units[i - 1].dts);
    }
  }
}

// And of publishing.
class RtspPublishTest : public RtspReadTest {
 protected:
  static sdp::Session announcement() {
    sdp::Session session;
    session.name = "push";
    session.media.push_back(
        rtsp::to_media(rtp::format_of(h264()).value(), media::MediaKind::video));
    session.media.push_back(
        rtsp::to_media(rtp::format_of(pcmu()).value(), media::MediaKind::audio));
    return session;
  }
};
INSTANTIATE_TEST_SUITE_P(Ways, RtspPublishTest, testing::Values(Delivery::tcp, Delivery::udp));

TEST_P(RtspPublishTest, WhatIsPushedIsPublished) {
  const auto seen = client("pushed", {.delivery = GetParam(), .announce = announcement()});
  ASSERT_TRUE(seen->wait([](const RtspSeen& s) { return s.recording; }));
  const auto packetizer = rtp::Packetizer::create(h264(), {.channel = 0}).value();
  const auto stream = registry_.find("pushed");
  ASSERT_TRUE(stream);
  const auto reader = stream->read_units();
  with(seen, [&](RtspTestSession& session) {
    for (int i = 0; i < 12; ++i) session.publish(0, packetizer->push(picture(i)).value());
  });
  std::vector<hub::Unit> units;
  ASSERT_TRUE(eventually([&] {
    reader->take({}, units);
    return units.size() >= 2 && units.back().unit.pts >= 400ms;
  }));
  const auto tracks = stream->state().tracks;
  ASSERT_EQ(tracks->size(), 2u);
  EXPECT_EQ(tracks->at(0).width, 320);
  EXPECT_EQ(tracks->at(1).codec, media::Codec::pcmu);
  EXPECT_TRUE(units[0].unit.key);
  EXPECT_EQ(units[1].unit.pts - units[0].unit.pts, 40ms);

  // A second publisher is refused, a reader is served.
  const auto second = client("pushed", {.announce = announcement()});
  EXPECT_TRUE(second->wait([](const RtspSeen& s) { return s.ended; }));
  EXPECT_EQ(second->get().error, Errc::unavailable);
  const auto player = client("pushed");
  EXPECT_TRUE(player->wait([](const RtspSeen& s) { return !s.units.empty(); }));

  leave(seen);
  EXPECT_TRUE(player->wait([](const RtspSeen& s) { return s.ended; }));
  EXPECT_TRUE(eventually([&] { return !registry_.find("pushed"); }));
}

class RtspMulticastTest : public RtspServerTest {
 protected:
  void SetUp() override {
    if (!multicast_works()) GTEST_SKIP() << "no multicast on this computer";
    RtspServerOptions options;
    options.multicast = own_groups();
    start(options);
  }
  RtspWatched listener(const std::string& path, std::optional<size_t> only_media = {}) {
    return client(path, {.delivery = Delivery::multicast, .only_media = only_media});
  }
  // How often each sequence number comes to a port of a group, from now on.
  using Counts = Watched<std::map<uint16_t, int>>;
  std::unique_ptr<UdpSocket> overhear(const rtsp::Transport& transport, Counts& counts) {
    const Address group = Address::parse(transport.destination, transport.port->rtp).value();
    auto socket = UdpSocket::bind(threads_[1], group).value();
    EXPECT_TRUE(socket->join(group, "127.0.0.1"));
    socket->receive([&](std::span<const Datagram> datagrams, MonoTime) {
      counts.change([&](auto& all) {
        for (const auto& d : datagrams) ++all[static_cast<uint16_t>(d.bytes[2] << 8 | d.bytes[3])];
      });
    });
    return socket;
  }
};

TEST_F(RtspMulticastTest, OneSenderForAllWhoListen) {
  const auto publication = publish();
  send(*publication, 0, 3);
  const auto first = listener("gate");
  ASSERT_TRUE(first->wait([](const RtspSeen& s) { return pictures(s) >= 2; }));
  const auto second = listener("gate");
  ASSERT_TRUE(second->wait([](const RtspSeen& s) { return s.playing; }));
  EXPECT_EQ(first->get().groups, second->get().groups);
  EXPECT_EQ(server_->stats().readers_multicast, 2);
  EXPECT_EQ(server_->stats().groups, 1);
  EXPECT_EQ(registry_.find("gate")->stats().readers, 2);

  Counts counts;
  const auto overheard = overhear(first->get().groups[0], counts);
  send(*publication, 10, 21);
  ASSERT_TRUE(first->wait([](const RtspSeen& s) { return pictures(s) >= 12; }));
  ASSERT_TRUE(second->wait([](const RtspSeen& s) { return pictures(s) >= 10; }));
  ASSERT_TRUE(counts.wait([](const auto& all) { return all.size() >= 30; }));  // Three a picture.
  for (const auto& [sequence, count] : counts.get()) EXPECT_EQ(count, 1) << sequence;
  // Who comes later begins at the next key picture, at a time near 0.
  const auto units = second->get().units;
  EXPECT_TRUE(units.front().stream != 0 || units.front().key);
  EXPECT_LT(units.front().pts, 1s);
  EXPECT_GT(units.front().pts, -100ms);

  // The first leaves: the other goes on. The last leaves: silence.
  with(first, [](RtspTestSession& session) { session.teardown(); });
  ASSERT_TRUE(eventually([&] { return server_->stats().readers_multicast == 1; }));
  const auto before = pictures(second->get());
  send(*publication, 21, 25);
  ASSERT_TRUE(second->wait([&](const RtspSeen& s) { return pictures(s) >= before + 3; }));
  leave(second);
  ASSERT_TRUE(eventually([&] { return server_->stats().groups == 0; }));
  EXPECT_EQ(server_->stats().readers_multicast, 0);
  counts.change([](auto& all) { all.clear(); });
  send(*publication, 30, 35);
  const auto again = listener("gate");
  ASSERT_TRUE(again->wait([](const RtspSeen& s) { return pictures(s) >= 4; }));
  for (const auto& [sequence, count] : counts.get()) EXPECT_EQ(count, 1) << sequence;
}

TEST_F(RtspMulticastTest, StreamsAndTracksHaveAddressesOfTheirOwn) {
  const auto publication = publish(), other = publish("yard");
  send(*publication, 0, 2);
  send(*other, 0, 2);
  const auto gate = listener("gate"), yard = listener("yard");
  ASSERT_TRUE(gate->wait([](const RtspSeen& s) { return s.playing; }));
  ASSERT_TRUE(yard->wait([](const RtspSeen& s) { return s.playing; }));
  std::set<std::string> groups;
  std::set<uint16_t> ports;
  for (const auto& seen : {gate, yard}) {
    for (const auto& transport : seen->get().groups) {
      groups.insert(transport.destination);
      ports.insert(transport.port->rtp);
      EXPECT_EQ(transport.ttl, 1);
    }
  }
  EXPECT_EQ(groups.size(), 2u);
  EXPECT_EQ(ports.size(), 4u);
  // A stream keeps its group.
  leave(gate);
  ASSERT_TRUE(eventually([&] { return server_->stats().groups == 1; }));
  const auto again = listener("gate");
  ASSERT_TRUE(again->wait([](const RtspSeen& s) { return s.playing; }));
  EXPECT_EQ(again->get().groups, gate->get().groups);
}

TEST_F(RtspMulticastTest, TracksThatNobodyWantsAreNotSent) {
  const auto publication = publish();
  send(*publication, 0, 2);
  const auto seen = listener("gate", 0);
  ASSERT_TRUE(seen->wait([](const RtspSeen& s) { return pictures(s) >= 1; }));
  Counts counts;
  rtsp::Transport sounds = seen->get().groups[0];
  sounds.port->rtp = static_cast<uint16_t>(sounds.port->rtp + 2);
  const auto overheard = overhear(sounds, counts);
  send(*publication, 2, 12);
  ASSERT_TRUE(seen->wait([](const RtspSeen& s) { return pictures(s) >= 11; }));
  EXPECT_TRUE(counts.get().empty());
  const auto both = listener("gate");
  ASSERT_TRUE(both->wait([](const RtspSeen& s) { return s.playing; }));
  send(*publication, 12, 21);
  EXPECT_TRUE(counts.wait([](const auto& all) { return all.size() >= 8; }));
}

TEST_F(RtspMulticastTest, OurOwnClientPulls) {
  const auto publication = publish();
  send(*publication, 0, 5);
  Watched<std::vector<media::AccessUnit>> units;
  PullEvents events;
  events.on_unit = [&](media::AccessUnit unit) {
    units.change([&](auto& all) { all.push_back(std::move(unit)); });
  };
  const auto url = fmt::format("rtsp://127.0.0.1:{}/gate", server_->port());
  const auto session = pull(threads_[0], url, by_multicast(), std::move(events)).value();
  ASSERT_TRUE(units.wait([](const auto& all) { return all.size() >= 8; }));
  EXPECT_EQ(session->stats().transport, ClientTransport::multicast);
  EXPECT_EQ(session->stats().lost, 0u);
  EXPECT_EQ(server_->stats().readers_multicast, 1);
}

TEST_F(RtspServerTest, MulticastIsOffUnlessItIsWanted) {
  const auto publication = publish();
  send(*publication, 0, 2);
  Watched<std::optional<Errc>> end;
  PullEvents events;
  events.on_end = [&](const Error& why) { end.change([&](auto& e) { e = why.code(); }); };
  const auto url = fmt::format("rtsp://127.0.0.1:{}/gate", server_->port());
  const auto session = pull(threads_[0], url, by_multicast(), std::move(events)).value();
  ASSERT_TRUE(end.wait([](const auto& e) { return e.has_value(); }));
  EXPECT_EQ(end.get(), Errc::unsupported);
}

TEST(RtspMulticastOptions, GroupsAndPortsMustFit) {
  EXPECT_TRUE(check({.first_group = "239.255.42.0"}));
  EXPECT_TRUE(check({.first_group = "239.255.255.0"}));  // Up to 239.255.255.255.
  for (const char* bad : {"", "gate", "192.0.2.1", "224.0.0.5", "239.255.255.1", "ff15::1"}) {
    EXPECT_EQ(check({.first_group = bad}).error().code(), Errc::invalid_argument) << bad;
  }
  EXPECT_TRUE(check({.first_group = "239.0.0.0", .first_port = 57344}));
  for (const uint16_t bad : {0, 15001, 57346}) {
    EXPECT_FALSE(check({.first_group = "239.0.0.0", .first_port = bad})) << bad;
  }
  EXPECT_FALSE(check({.first_group = "239.0.0.0", .ttl = 0}));
}

TEST_P(RtspPublishTest, ManyPublishersAtOnce_ZLMediaKit3008) {
  constexpr int kMany = 60;
  std::vector<RtspWatched> publishers;
  for (int i = 0; i < kMany; ++i) {
    publishers.push_back(
        client("pushed" + std::to_string(i), {.delivery = GetParam(), .announce = announcement()}));
  }
  for (const auto& seen : publishers)
    ASSERT_TRUE(seen->wait([](const RtspSeen& s) { return s.recording; }));
  EXPECT_EQ(server_->stats().publishers, kMany);
  for (const auto& seen : publishers) {
    const auto packetizer = rtp::Packetizer::create(h264(), {.channel = 0}).value();
    with(seen, [&](RtspTestSession& session) {
      for (int i = 0; i < 3; ++i) session.publish(0, packetizer->push(picture(i)).value());
    });
  }
  EXPECT_TRUE(eventually([&] {
    return std::ranges::all_of(registry_.streams(),
                               [](const auto& stream) { return stream->stats().units >= 2; });
  }));
  for (const auto& seen : publishers) leave(seen);
  EXPECT_TRUE(eventually([&] { return registry_.streams().empty(); }));
}

TEST_F(RtspServerTest, OneTrackOnOtherChannelsThanItsOwn) {
  const auto publication = publish();
  send(*publication, 0, 1);
  const auto seen = client("gate", {.only_media = 1});  // On channels 0-1; its own are 2-3.
  ASSERT_TRUE(seen->wait([](const RtspSeen& s) { return s.playing; }));
  send(*publication, 1, 10);
  ASSERT_TRUE(seen->wait([](const RtspSeen& s) { return s.units.size() >= 9; }));
  for (const auto& unit : seen->get().units) EXPECT_EQ(unit.data.size(), 320u);
}

TEST_F(RtspServerTest, OverTlsAlone) {
  RtspServerOptions options;
  options.plain.reset();
  options.encrypted = ListenOptions();
  options.tls = TlsContext::server({}).value();
  start(options);
  EXPECT_EQ(server_->port(), 0);
  const auto publication = publish();
  send(*publication, 0, 3);
  const auto seen = client("gate", {.tls = TlsContext::client({.verify = false}).value()});
  EXPECT_TRUE(seen->wait([](const RtspSeen& s) { return pictures(s) >= 2; }));
}

TEST_F(RtspServerTest, WhatIsNotThereIsNotFound) {
  const auto seen = client("nowhere");
  EXPECT_TRUE(seen->wait([](const RtspSeen& s) { return s.ended; }));
  EXPECT_EQ(seen->get().error, Errc::not_found);
}

TEST_F(RtspServerTest, RightsAreAPathsAndAnAccessesOwn) {
  RtspServerOptions options;
  options.auth.password_of = [](std::string_view user) {
    return user == "ann" ? std::optional<std::string>("secret") : std::nullopt;
  };
  options.auth.may = [](std::string_view user, std::string_view path, rtsp::Access access) {
    return user == "ann" && path == "gate" && access == rtsp::Access::read;
  };
  start(options);
  const auto denied = metrics::registry().counter(
      "pasu_net_rtsp_denied_total", "RTSP requests with a wrong password or without the right.");
  const double denied_before = denied.value();
  const auto publication = publish();
  const auto other = publish("yard");
  send(*publication, 0, 3);
  login_ = "ann:secret@";
  const auto reader = client("gate");
  EXPECT_TRUE(reader->wait([](const RtspSeen& s) { return s.playing; }));
  const auto wrong_path = client("yard");
  EXPECT_TRUE(wrong_path->wait([](const RtspSeen& s) { return s.ended; }));
  EXPECT_FALSE(wrong_path->get().playing);
  login_ = "ann:wrong@";
  const auto wrong_password = client("gate");
  EXPECT_TRUE(wrong_password->wait([](const RtspSeen& s) { return s.ended; }));
  EXPECT_FALSE(wrong_password->get().playing);
  EXPECT_TRUE(eventually([&] { return denied.value() == denied_before + 2; }));
}

TEST_F(RtspServerTest, ASourceOnDemandRunsWhileThereIsAReader) {
  Watched<std::string> hooks;
  ASSERT_TRUE(registry_.add("lazy", {[&] { hooks.change([](auto& h) { h += '+'; }); },
                                     [&] { hooks.change([](auto& h) { h += '-'; }); }}));
  const auto seen = client("lazy");
  ASSERT_TRUE(hooks.wait([](const auto& h) { return h == "+"; }));  // Its DESCRIBE waits.
  const auto publication = publish("lazy");
  ASSERT_TRUE(seen->wait([](const RtspSeen& s) { return s.playing; }));
  send(*publication, 0, 3);
  ASSERT_TRUE(seen->wait([](const RtspSeen& s) { return pictures(s) >= 2; }));
  EXPECT_EQ(hooks.get(), "+");
  leave(seen);
  EXPECT_TRUE(hooks.wait([](const auto& h) { return h == "+-"; }));
}

// Speaks by hand, and reads only when told.
class RawClient {
 public:
  explicit RawClient(uint16_t port) : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
    const timeval patience{.tv_sec = 20, .tv_usec = 0};
    setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::connect(socket_, reinterpret_cast<sockaddr*>(&to), sizeof to), 0);
  }
  ~RawClient() { ::close(socket_); }
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;

  // Sends a request and reads until `until` has come.
  void ask(const std::string& request, const std::string& until) {
    EXPECT_EQ(::send(socket_, request.data(), request.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(request.size()));
    std::string got;
    char byte = 0;
    while (got.find(until) == got.npos && ::recv(socket_, &byte, 1, 0) == 1) got += byte;
    EXPECT_NE(got.find(until), got.npos) << got;
  }
  void drain() const {
    char scratch[65536];
    while (::recv(socket_, scratch, sizeof scratch, MSG_DONTWAIT) > 0) {
    }
  }

 private:
  const int socket_;
};

TEST_F(RtspServerTest, AReaderThatNeverReadsLosesAlone) {
  const auto publication = publish();
  publication->publish(picture(0));
  const auto good = client("gate");
  ASSERT_TRUE(good->wait([](const RtspSeen& s) { return s.playing; }));
  RawClient dead(server_->port());
  dead.ask(
      "SETUP rtsp://h/gate/trackID=0 RTSP/1.0\r\nCSeq: 1\r\n"
      "Transport: RTP/AVP/TCP;unicast;interleaved=0-1\r\n\r\n",
      "\r\n\r\n");
  dead.ask("PLAY rtsp://h/gate RTSP/1.0\r\nCSeq: 2\r\n\r\n", "\r\n\r\n");
  EXPECT_TRUE(eventually([&] { return server_->stats().readers_tcp == 2; }));

  // More than kernel buffers and the log hold together.
  for (int i = 1; i <= 250; ++i) {
    publication->publish(picture(i, 100'000));
    const auto until = static_cast<size_t>(i);
    ASSERT_TRUE(good->wait([&](const RtspSeen& s) { return pictures(s) >= until; })) << i;
  }
  const auto stream = registry_.find("gate");
  EXPECT_EQ(stream->stats().lost, 0u);
  // When it reads again, it goes on at the newest key picture, and only then is it known what it
  // lost.
  EXPECT_TRUE(eventually([&] {
    dead.drain();
    return stream->stats().lost > 0;
  }));
  EXPECT_FALSE(good->get().ended);
}

// The two halves of an HTTP tunnel, by hand.
class TextSession final : public Session {
 public:
  TextSession(std::string text, std::shared_ptr<Watched<std::string>> seen)
      : text_(std::move(text)), seen_(std::move(seen)) {}
  Result<void> on_start(Connection& connection, MonoTime) override {
    connection.send(Bytes::copy(as_bytes(text_)));
    return {};
  }
  Result<void> on_bytes(ByteView bytes, MonoTime) override {
    seen_->change([&](auto& s) { s += as_text(bytes); });
    return {};
  }
  void on_end(const Error*) override {
    seen_->change([](auto& s) { s += "<end>"; });
  }

 private:
  const std::string text_;
  const std::shared_ptr<Watched<std::string>> seen_;
};

TEST_F(RtspServerTest, TheHttpTunnelInEitherOrder) {
  const std::string request = "OPTIONS * RTSP/1.0\r\nCSeq: 7\r\n\r\n";
  for (const bool get_first : {true, false}) {
    auto get = std::make_shared<Watched<std::string>>();
    auto post = std::make_shared<Watched<std::string>>();
    const std::string cookie = get_first ? "one" : "two";
    auto open = [&](rtsp::TunnelKind kind) {
      const bool is_get = kind == rtsp::TunnelKind::get;
      std::string text = rtsp::tunnel_head(kind, "127.0.0.1", "/gate", cookie);
      if (!is_get) text += to_base64(as_bytes(request));
      connect(threads_[0], {.host = "127.0.0.1", .port = server_->port()},
              [text, seen = is_get ? get : post](Result<TcpSocket> socket) {
                ASSERT_TRUE(socket);
                Connection::start(std::move(*socket), std::make_unique<TextSession>(text, seen));
              });
    };
    open(get_first ? rtsp::TunnelKind::get : rtsp::TunnelKind::post);
    if (get_first) {
      ASSERT_TRUE(get->wait([](const auto& s) { return s.find("200 OK") != s.npos; }));
    } else {
      ASSERT_TRUE(eventually([&] { return server_->stats().connections == 1; }));
    }
    open(get_first ? rtsp::TunnelKind::post : rtsp::TunnelKind::get);
    EXPECT_TRUE(get->wait([](const auto& s) { return s.find("CSeq: 7") != s.npos; })) << get_first;
    EXPECT_EQ(post->get(), "");
    start(RtspServerOptions());  // Ends both.
    EXPECT_TRUE(post->wait([](const auto& s) { return s == "<end>"; }));
  }
}

}  // namespace
}  // namespace pasu::net
