#include "net/rtsp_client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "net/pull_reader.h"
#include "net/test_camera.h"
#include "wire/rtp/inbound_track.h"

namespace pasu::net {
namespace {

using namespace std::chrono_literals;
using rtsp::Method;

struct Got {
  std::vector<hub::Tracks> tracks;
  std::vector<media::AccessUnit> units;
  std::optional<Error> end;
};

void send_pictures(TestCamera::Client& client, int first, int count) {
  for (int i = first; i < first + count; ++i) client.send(client.camera().packets(i));
}

class RtspClientTest : public testing::Test {
 protected:
  TestCamera& camera(TestCamera::Script script = {}) {
    if (!script.on_play) script.on_play = [](auto& client) { send_pictures(client, 0, 12); };
    camera_ = std::make_unique<TestCamera>(threads_, std::move(script));
    return *camera_;
  }
  void start(const std::string& url, PullOptions options = {}) {
    PullEvents events;
    events.on_tracks = [got = got_](hub::Tracks t) {
      got->change([&](Got& g) { g.tracks.push_back(std::move(t)); });
    };
    events.on_unit = [got = got_](media::AccessUnit u) {
      got->change([&](Got& g) { g.units.push_back(std::move(u)); });
    };
    events.on_end = [got = got_](Error why) {
      got->change([&](Got& g) { g.end = std::move(why); });
    };
    auto session = pull(threads_[0], url, options, std::move(events));
    ASSERT_TRUE(session) << session.error().message();
    session_ = std::move(*session);
  }
  [[nodiscard]] bool wait_units(size_t count) {
    const bool ok = got_->wait([&](const Got& g) { return g.units.size() >= count || g.end; });
    const Got got = got_->get();
    if (got.end) ADD_FAILURE() << got.end->message();
    return ok && got.units.size() >= count;
  }
  [[nodiscard]] Error wait_end() {
    EXPECT_TRUE(got_->wait([](const Got& g) { return g.end.has_value(); }));
    return got_->get().end.value_or(Error(Errc::internal, "it did not end"));
  }
  // The pictures `first`... as they were sent; the last one may still be on its way.
  void expect_pictures(int first, size_t count) {
    const Got got = got_->get();
    ASSERT_GE(got.units.size(), count);
    for (size_t i = 0; i < count; ++i) {
      const auto sent = testing_stream::picture(first + static_cast<int>(i));
      EXPECT_EQ(testing_stream::to_data(got.units[i].data), testing_stream::to_data(sent.data))
          << i;
      EXPECT_EQ(got.units[i].key, sent.key) << i;
      EXPECT_EQ(got.units[i].pts, 40ms * i) << i;
    }
  }

  IoThreads threads_{2};
  std::shared_ptr<Watched<Got>> got_ = std::make_shared<Watched<Got>>();
  std::unique_ptr<TestCamera> camera_;
  std::unique_ptr<PullSession> session_;
};

TEST_F(RtspClientTest, PullsOverTcp) {
  camera();
  start(camera_->url(), {.transport = ClientTransport::tcp});
  ASSERT_TRUE(wait_units(11));
  expect_pictures(0, 11);
  const Got got = got_->get();
  ASSERT_EQ(got.tracks.size(), 1u);
  ASSERT_EQ(got.tracks[0].size(), 1u);
  EXPECT_EQ(got.tracks[0][0].codec, media::Codec::h264);
  EXPECT_EQ(got.tracks[0][0].width, 64);
  EXPECT_EQ(session_->stats().transport, ClientTransport::tcp);
  EXPECT_EQ(session_->stats().lost, 0u);
  EXPECT_GE(session_->stats().units, 11u);

  session_.reset();
  EXPECT_TRUE(camera_->was_asked(Method::teardown));
  EXPECT_TRUE(camera_->hung_up.wait([](int count) { return count == 1; }));
  EXPECT_FALSE(got_->get().end);
}

TEST_F(RtspClientTest, TwoHundredSourcesAtOnce_mediamtx4210) {
  constexpr size_t kMany = 200;
  TestCamera::Script script;
  script.on_play = [turns = std::make_shared<std::mutex>()](auto& client) {
    std::lock_guard lock(*turns);  // One packetizer for all.
    send_pictures(client, 0, 12);
  };
  camera(script);
  Watched<std::vector<int>> units;
  units.change([](auto& counts) { counts.resize(kMany); });
  std::vector<std::unique_ptr<PullSession>> sessions;
  for (size_t i = 0; i < kMany; ++i) {
    PullEvents events;
    events.on_unit = [&units, i](const media::AccessUnit&) {
      units.change([i](auto& counts) { ++counts[i]; });
    };
    events.on_end = [](const Error& why) { ADD_FAILURE() << why.message(); };
    auto session =
        pull(threads_.next(), camera_->url(), {.transport = ClientTransport::tcp}, events);
    ASSERT_TRUE(session);
    sessions.push_back(std::move(*session));
  }
  EXPECT_TRUE(units.wait([](const auto& counts) {
    return std::ranges::all_of(counts, [](int count) { return count >= 11; });
  }));
  sessions.clear();
  EXPECT_TRUE(camera_->hung_up.wait([](int count) { return count == kMany; }));
}

TEST_F(RtspClientTest, EventsMayDestroyTheSession) {
  camera();
  Watched<bool> ready;
  auto slot = std::make_shared<std::unique_ptr<PullSession>>();
  Watched<int> units;
  PullEvents events;
  events.on_unit = [&, slot](const media::AccessUnit&) {
    EXPECT_TRUE(ready.wait([](bool r) { return r; }));
    slot->reset();
    units.change([](int& count) { ++count; });
  };
  auto session = pull(threads_[0], camera_->url(), {.transport = ClientTransport::tcp}, events);
  ASSERT_TRUE(session);
  *slot = std::move(*session);
  ready.change([](bool& r) { r = true; });
  EXPECT_TRUE(camera_->was_asked(Method::teardown));
  EXPECT_TRUE(camera_->hung_up.wait([](int count) { return count == 1; }));
  EXPECT_EQ(units.get(), 1);
}

TEST_F(RtspClientTest, SaysWhatIsWrong) {
  struct Case {
    const char* name;
    TestCamera::Script script;
    Errc code;
    const char* words;
  };
  const auto says = [](const std::string& line) {
    TestCamera::Script script;
    script.answers[Method::describe] = [line](auto&, const auto&) {
      return "RTSP/1.0 " + line + "\r\n\r\n";
    };
    return script;
  };
  TestCamera::Script http, silent, no_tracks;
  http.greeting = "HTTP/1.1 400 Bad Request\r\n\r\n";
  silent.hang_up = true;
  no_tracks.sdp = "v=0\r\nm=video 0 RTP/AVP 96\r\na=rtpmap:96 VP9/90000\r\n";
  const std::vector<Case> cases = {
      {"401", says("401 Unauthorized"), Errc::invalid_argument, "put them into the URL"},
      {"403", says("403 Forbidden"), Errc::invalid_argument, "may not"},
      {"404", says("404 Not Found"), Errc::not_found, "check the path"},
      {"453", says("453 Not Enough Bandwidth"), Errc::unavailable, "close another viewer"},
      {"HTTP", http, Errc::malformed, "is this its RTSP port?"},
      {"HangsUp", silent, Errc::unavailable, "is this its RTSP port?"},
      {"NoTracks", no_tracks, Errc::unsupported, "VP9"},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    got_ = std::make_shared<Watched<Got>>();
    camera(c.script);
    start(camera_->url(), {.transport = ClientTransport::tcp});
    const Error end = wait_end();
    EXPECT_EQ(end.code(), c.code) << end.message();
    EXPECT_THAT(end.message(), testing::HasSubstr(c.words));
    EXPECT_THAT(end.message(), testing::StartsWith(camera_->url()));
    session_.reset();
    camera_.reset();
  }
}

TEST_F(RtspClientTest, NobodyThere) {
  uint16_t port = 0;
  {
    auto listener = TcpListener::start(threads_, {}, [](TcpSocket) {});
    ASSERT_TRUE(listener);
    port = (*listener)->port();
  }
  start("rtsp://ann:secret@127.0.0.1:" + std::to_string(port) + "/cam");
  const Error end = wait_end();
  EXPECT_EQ(end.code(), Errc::unavailable);
  EXPECT_THAT(end.message(), testing::HasSubstr("refused"));
  EXPECT_THAT(end.message(), testing::HasSubstr("check that the camera"));
  EXPECT_THAT(end.message(), testing::Not(testing::HasSubstr("secret")));
}

TEST_F(RtspClientTest, OddUrls) {
  EXPECT_EQ(pull(threads_[0], "http://host/1", {}, {}).error().code(), Errc::unsupported);
  EXPECT_EQ(pull(threads_[0], "rtsp://", {}, {}).error().code(), Errc::malformed);
}

TEST_F(RtspClientTest, SchemesInAnyCase) {
  camera();
  EXPECT_TRUE(is_stream_url(camera_->url("", "RTSP")));
  start(camera_->url("", "RTSP"), {.transport = ClientTransport::tcp});
  EXPECT_TRUE(wait_units(1));
  for (const char* url : {"Rtsps://host:0/", "RTMP://host:0/", "rtmpS://host:0/"}) {
    EXPECT_TRUE(is_stream_url(url));
    // Refused for its port.
    EXPECT_NE(pull(threads_[0], url, {}, {}).error().code(), Errc::unsupported) << url;
    EXPECT_NE(push(threads_[0], url, {}, {}, {}).error().code(), Errc::unsupported) << url;
  }
}

TEST_F(RtspClientTest, TheServerHangsUp) {
  TestCamera::Script script;
  script.on_play = [](auto& client) {
    send_pictures(client, 0, 3);
    client.close();
  };
  camera(script);
  start(camera_->url(), {.transport = ClientTransport::tcp});
  EXPECT_EQ(wait_end().code(), Errc::unavailable);
  expect_pictures(0, 2);
}

TEST_F(RtspClientTest, SilenceEndsTheSession) {
  camera();
  start(camera_->url(), {.transport = ClientTransport::tcp, .timeout = 200ms});
  const Error end = wait_end();
  EXPECT_EQ(end.code(), Errc::timeout);
  EXPECT_THAT(end.message(), testing::HasSubstr("stopped sending"));
}

TEST_F(RtspClientTest, PacketsOfWhichNothingCanBeMade) {
  TestCamera::Script script;
  script.on_play = [](auto& client) { send_pictures(client, 0, 12); };
  script.sdp =
      "v=0\r\nm=video 0 RTP/AVP 97\r\na=rtpmap:97 H264/90000\r\na=control:trackID=0\r\n";  // No. 97
  camera(script);
  start(camera_->url(), {.transport = ClientTransport::tcp, .no_unit_timeout = 200ms});
  const Error end = wait_end();
  EXPECT_EQ(end.code(), Errc::malformed);
  EXPECT_THAT(end.message(), testing::HasSubstr("nothing could be made of them"));
}

TEST_F(RtspClientTest, PullsOverUdp) {
  camera();
  start(camera_->url(), {.transport = ClientTransport::udp});
  ASSERT_TRUE(wait_units(11));
  expect_pictures(0, 11);
  EXPECT_EQ(session_->stats().transport, ClientTransport::udp);
  // The way through a NAT was opened before PLAY.
  EXPECT_TRUE(camera_->datagrams().wait([](const auto& count) { return count[0] >= 1; }));
  session_.reset();
  EXPECT_TRUE(camera_->was_asked(Method::teardown));
}

TEST_F(RtspClientTest, DatagramsOutOfOrderTwiceAndMissing) {
  TestCamera::Script script;
  script.on_play = [](TestCamera::Client& client) {
    for (int i = 0; i < 30; ++i) {
      const auto batch = client.camera().packets(i);
      ASSERT_GE(batch.size(), 2u);
      client.send_udp(
          batch.packet(1));  // Swapped, and the first one twice; but that of 12 is lost.
      if (i == 12) continue;
      client.send_udp(batch.packet(0));
      client.send_udp(batch.packet(0));
      for (size_t k = 2; k < batch.size(); ++k) client.send_udp(batch.packet(k));
    }
  };
  camera(script);
  start(camera_->url(), {.transport = ClientTransport::udp});
  ASSERT_TRUE(wait_units(28));
  const Got got = got_->get();
  std::vector<media::Pts> times, expected;
  for (size_t i = 0; i < 28; ++i) times.push_back(got.units[i].pts);
  // The first packets came swapped: what is before the first to come is not known to be missing.
  const auto first = times[0] / 40ms;
  for (int i = 0; expected.size() < 28; ++i) {
    if (i + first != 12) expected.push_back(40ms * (i + first));
  }
  EXPECT_EQ(times, expected);
  const auto stats = session_->stats();
  EXPECT_GE(stats.lost, 1u);
  EXPECT_GE(stats.units_dropped, 1u);
}

// Falling back from UDP to TCP.

TestCamera::Answer refuse_udp(const std::string& line) {
  return [line](TestCamera::Client& client, const rtsp::Request& request) {
    if (client.transport.client_port) return "RTSP/1.0 " + line + "\r\n\r\n";
    return client.camera().usual(client, request);
  };
}

TEST_F(RtspClientTest, UdpThatIsRefused) {
  for (const std::string line : {"461 Unsupported Transport", "400 Bad Request"}) {
    SCOPED_TRACE(line);
    got_ = std::make_shared<Watched<Got>>();
    TestCamera::Script script;
    script.answers[Method::setup] = refuse_udp(line);
    camera(script);
    start(camera_->url());
    ASSERT_TRUE(wait_units(11));
    expect_pictures(0, 11);
    EXPECT_EQ(session_->stats().transport, ClientTransport::tcp);
    EXPECT_EQ(session_->stats().fallbacks, 1u);
    session_.reset();
    camera_.reset();
  }
}

TEST_F(RtspClientTest, UdpThatIsRefusedWhereNothingElseIsWanted) {
  TestCamera::Script script;
  script.answers[Method::setup] = refuse_udp("461 Unsupported Transport");
  camera(script);
  start(camera_->url(), {.transport = ClientTransport::udp});
  const Error end = wait_end();
  EXPECT_EQ(end.code(), Errc::unsupported);
  EXPECT_THAT(end.message(), testing::HasSubstr("try another transport"));
}

TEST_F(RtspClientTest, UdpThatBringsNothing) {
  TestCamera::Script script;
  script.on_play = [](TestCamera::Client& client) {
    if (!client.transport.client_port) send_pictures(client, 0, 12);
  };
  camera(script);
  start(camera_->url(), {.udp_timeout = 100ms});
  ASSERT_TRUE(wait_units(11));
  expect_pictures(0, 11);
  EXPECT_EQ(session_->stats().transport, ClientTransport::tcp);
  // A camera that carries one session was let go of first (lightNVR#579).
  std::vector<Method> methods;
  for (const auto& request : camera_->requests.get()) methods.push_back(request.method);
  EXPECT_THAT(methods, testing::ElementsAre(Method::options, Method::describe, Method::setup,
                                            Method::play, Method::teardown, Method::options,
                                            Method::describe, Method::setup, Method::play));
}

TEST_F(RtspClientTest, Multicast) {
  TestCamera::Script script;
  script.answers[Method::setup] = [](TestCamera::Client&, const rtsp::Request&) {
    return std::string(
        "RTSP/1.0 200 OK\r\nSession: 1\r\n"
        "Transport: RTP/AVP;multicast;destination=239.255.77.1;port=17702-17703;ttl=1\r\n\r\n");
  };
  script.on_play = [](TestCamera::Client& client) {
    const auto& socket = client.camera().udp().rtp;
    if (!socket->set_multicast(0, "127.0.0.1")) return;
    for (int i = 0; i < 12; ++i) {
      const auto batch = client.camera().packets(i);
      for (size_t k = 0; k < batch.size(); ++k)
        socket->send(*Address::parse("239.255.77.1", 17702), batch.packet(k));
    }
  };
  camera(script);
  start(camera_->url(), {.transport = ClientTransport::multicast, .timeout = 3s});
  if (!got_->wait([](const Got& g) { return g.units.size() >= 11 || g.end; }) || got_->get().end) {
    const auto why = got_->get().end;
    GTEST_SKIP() << "no multicast here: " << (why ? why->message() : "nothing came");
  }
  expect_pictures(0, 11);
  EXPECT_EQ(session_->stats().transport, ClientTransport::multicast);
}

TEST_F(RtspClientTest, Rtsps) {
  TestCamera::Script script;
  const auto context = TlsContext::server({});
  ASSERT_TRUE(context);
  script.tls = *context;
  camera(script);
  const std::string url = camera_->url("", "rtsps");
  start(url, {.tls = {.verify = false}});
  ASSERT_TRUE(wait_units(11));
  expect_pictures(0, 11);
  EXPECT_EQ(session_->stats().transport, ClientTransport::tcp);

  got_ = std::make_shared<Watched<Got>>();
  start(url);  // Nobody signed its certificate.
  EXPECT_THAT(wait_end().message(), testing::HasSubstr("certificate"));
}

TEST_F(RtspClientTest, Redirected) {
  camera();
  TestCamera::Script script;
  script.answers[Method::describe] = [to = camera_->url()](auto&, const auto&) {
    return "RTSP/1.0 302 Moved\r\nLocation: " + to + "\r\n\r\n";
  };
  TestCamera door(threads_, script);
  start(door.url(), {.transport = ClientTransport::tcp});
  ASSERT_TRUE(wait_units(11));
  expect_pictures(0, 11);
  EXPECT_TRUE(door.hung_up.wait([](int count) { return count == 1; }));
}

TEST_F(RtspClientTest, RedirectedInACircle) {
  TestCamera::Script script;
  script.answers[Method::describe] = [](TestCamera::Client& client, const auto&) {
    return "RTSP/1.0 302 Moved\r\nLocation: " + client.camera().url() + "\r\n\r\n";
  };
  camera(script);
  start(camera_->url());
  const Error end = wait_end();
  EXPECT_EQ(end.code(), Errc::unavailable);
  EXPECT_THAT(end.message(), testing::HasSubstr("redirected over 5 times"));
}

TEST_F(RtspClientTest, UserAndPassword) {
  TestCamera::Script script;
  // A reason phrase of its own, and stale spelt loudly (mediamtx#2348).
  script.answers[Method::describe] = [](TestCamera::Client& client, const rtsp::Request& request) {
    const auto proof = request.headers.find("Authorization");
    if (proof == "Basic YW5uOnNlY3JldA==") return client.camera().usual(client, request);
    return std::string(
        "RTSP/1.0 401 Unauthorised\r\n"
        "WWW-Authenticate: Basic realm=\"cam\", stale=\"FALSE\"\r\n\r\n");
  };
  camera(script);
  start(camera_->url("ann:secret@"), {.transport = ClientTransport::tcp});
  ASSERT_TRUE(wait_units(11));
  session_.reset();

  got_ = std::make_shared<Watched<Got>>();
  start(camera_->url("ann:wrong@"), {.transport = ClientTransport::tcp});
  const Error end = wait_end();
  EXPECT_EQ(end.code(), Errc::invalid_argument);
  EXPECT_THAT(end.message(), testing::HasSubstr("check user and password"));
  EXPECT_THAT(end.message(), testing::Not(testing::HasSubstr("wrong")));
}

TEST_F(RtspClientTest, GarbageBetweenFrames) {  // ZLMediaKit#4532
  TestCamera::Script script;
  script.on_play = [](TestCamera::Client& client) {
    send_pictures(client, 0, 5);
    client.send_text(std::string(70'000, 'x'));
    send_pictures(client, 5, 7);
  };
  camera(script);
  start(camera_->url(), {.transport = ClientTransport::tcp});
  ASSERT_TRUE(wait_units(11));
  expect_pictures(0, 11);
}

TEST_F(RtspClientTest, ParameterSetsThatComeInBandAlone) {  // gortsplib#88: no sprop in the SDP
  TestCamera::Script script;
  script.sdp = "m=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\n";  // go2rtc#679, #1558
  camera(script);
  start(camera_->url(), {.transport = ClientTransport::tcp});
  ASSERT_TRUE(wait_units(11));
  expect_pictures(0, 11);
  ASSERT_EQ(got_->get().tracks.size(), 1u);
  EXPECT_EQ(got_->get().tracks[0][0].width, 64);
}

TEST_F(RtspClientTest, TracksThatAreNotForUs) {
  TestCamera::Script script;
  // go2rtc#708; a back-channel beside the picture (ONVIF Streaming 5.3).
  script.sdp =
      "v=0\r\nm=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\na=control:track\r\n"
      "m=application/MERCURY 0 RTP/AVP 98\r\na=control:odd\r\n"
      "m=audio 0 RTP/AVP 0\r\na=sendonly\r\na=control:back\r\n";
  camera(script);
  start(camera_->url(), {.transport = ClientTransport::tcp});
  ASSERT_TRUE(wait_units(11));
  const auto requests = camera_->requests.get();
  EXPECT_EQ(std::ranges::count(requests, Method::setup, &rtsp::Request::method), 1);
}

TEST_F(RtspClientTest, PicturesOfAnotherSizeFromNowOn) {
  TestCamera::Script script;
  script.on_play = [](TestCamera::Client& client) {
    send_pictures(client, 0, 3);
    const auto slice = testing_stream::slice(true, 1);
    client.send(client.camera().packets_of(testing_stream::unit(
        testing_stream::prefixed({testing_stream::kSps2, testing_stream::kPps, slice}), 120ms,
        true)));
  };
  camera(script);
  start(camera_->url(), {.transport = ClientTransport::tcp});
  ASSERT_TRUE(wait_units(4));
  const Got got = got_->get();
  ASSERT_EQ(got.tracks.size(), 2u);
  EXPECT_NE(testing_stream::to_data(got.tracks[0][0].extradata),
            testing_stream::to_data(got.tracks[1][0].extradata));
}

// Publishing.

struct PushSeen {
  bool ready = false;
  std::optional<Error> end;
};

class RtspPushTest : public RtspClientTest {
 protected:
  void start_push(PushOptions options = {}) {
    PushEvents events;
    events.on_ready = [seen = seen_] { seen->change([](PushSeen& s) { s.ready = true; }); };
    events.on_end = [seen = seen_](Error why) {
      seen->change([&](PushSeen& s) { s.end = std::move(why); });
    };
    auto session = push(threads_[0], camera_->url(), {testing_stream::h264()}, options, events);
    ASSERT_TRUE(session) << session.error().message();
    push_ = std::move(*session);
  }
  [[nodiscard]] bool wait_ready() {
    return seen_->wait([](const PushSeen& s) { return s.ready || s.end; }) && seen_->get().ready;
  }

  std::shared_ptr<Watched<PushSeen>> seen_ = std::make_shared<Watched<PushSeen>>();
  std::unique_ptr<PushSession> push_;
};

TEST_F(RtspPushTest, PublishesOverTcp) {
  camera();
  start_push();
  ASSERT_TRUE(wait_ready()) << seen_->get().end->message();
  for (int i = 0; i < 12; ++i) push_->push(testing_stream::picture(i));
  push_.reset();  // What was pushed before goes out.
  EXPECT_TRUE(camera_->was_asked(Method::teardown));
  EXPECT_TRUE(camera_->hung_up.wait([](int count) { return count == 1; }));

  const auto requests = camera_->requests.get();
  const auto announce = std::ranges::find(requests, Method::announce, &rtsp::Request::method);
  ASSERT_NE(announce, requests.end());
  const auto described = sdp::parse(announce->body);
  ASSERT_TRUE(described);
  const auto format = rtsp::payload_format(described->media.at(0));
  ASSERT_TRUE(format);
  auto track = rtp::InboundTrack::create(*format, {});
  ASSERT_TRUE(track);
  int number = 0, reports = 0;
  for (const auto& [channel, bytes] : camera_->frames.get()) {
    reports += channel == 1;
    ASSERT_TRUE(track->push(bytes, MonoTime(1h)));
    while (const auto unit = track->take()) {
      EXPECT_EQ(testing_stream::to_data(unit->data),
                testing_stream::to_data(testing_stream::picture(number).data));
      EXPECT_EQ(unit->pts, 40ms * number);
      ++number;
    }
  }
  EXPECT_EQ(number, 12);
  EXPECT_GE(reports, 1);
  EXPECT_TRUE(track->wall_clock_zero());
}

TEST_F(RtspPushTest, PublishesOverUdp) {
  camera();
  start_push({.transport = ClientTransport::udp});
  ASSERT_TRUE(wait_ready()) << seen_->get().end->message();
  int packets = 0;
  for (int i = 0; i < 12; ++i) {
    packets += static_cast<int>(camera_->packets(i).size());
    push_->push(testing_stream::picture(i));
  }
  EXPECT_TRUE(camera_->datagrams().wait(
      [&](const auto& count) { return count[0] == packets && count[1] >= 1; }));
}

TEST_F(RtspPushTest, RefusedByTheServer) {
  TestCamera::Script script;
  script.answers[Method::announce] = [](auto&, const auto&) {
    return std::string("RTSP/1.0 403 Forbidden\r\n\r\n");
  };
  camera(script);
  start_push();
  EXPECT_FALSE(wait_ready());
  EXPECT_EQ(seen_->get().end->code(), Errc::invalid_argument);
  push_->push(testing_stream::picture(0));  // Harmless.
}

TEST_F(RtspPushTest, WhatCannotBeSentIsBoundedAndCounted) {
  TestCamera::Script script;
  script.answers[Method::announce] = [](auto&, const auto&) { return std::string(); };
  camera(script);
  start_push();
  auto large = testing_stream::picture(0);
  large.data = Bytes::copy(std::vector<uint8_t>(1 << 20));
  for (int i = 0; i < 40; ++i) push_->push(large);
  const auto stats = push_->stats();
  EXPECT_LE(stats.waiting_bytes, PushSession::kWaitingBytesMax);
  EXPECT_EQ(stats.dropped, 24u);
  EXPECT_FALSE(stats.ready);
}

TEST_F(RtspPushTest, UnitsThatMakeNoSense) {
  camera();
  start_push();
  auto stray = testing_stream::picture(0);
  stray.stream = 7;
  push_->push(stray);
  push_->push(testing_stream::picture(0));
  EXPECT_TRUE(eventually([&] { return push_->stats().units == 1; }));
  EXPECT_EQ(push_->stats().refused, 1u);
}

TEST_F(RtspPushTest, CodecsThatRtpDoesNotCarry) {
  media::StreamInfo vp9;
  vp9.kind = media::MediaKind::video;
  vp9.codec = media::Codec::vp9;
  EXPECT_EQ(push(threads_[0], "rtsp://host/1", {vp9}, {}, {}).error().code(), Errc::unsupported);
  EXPECT_EQ(push(threads_[0], "rtsp://host/1", {}, {}, {}).error().code(), Errc::invalid_argument);
}

TEST_F(RtspClientTest, ReadByAThread) {
  TestCamera::Script script;
  script.on_play = [](auto& client) {
    send_pictures(client, 0, 12);
    client.close();
  };
  camera(script);
  std::atomic<bool> stop = false;
  auto reader =
      PullReader::open(threads_[0], camera_->url(), {.transport = ClientTransport::tcp}, stop);
  ASSERT_TRUE(reader) << reader.error().message();
  ASSERT_EQ((*reader)->tracks().size(), 1u);
  EXPECT_EQ((*reader)->tracks()[0].height, 48);
  for (int i = 0; i < 11; ++i) {
    const auto unit = (*reader)->read();
    ASSERT_TRUE(unit);
    ASSERT_TRUE(*unit);
    EXPECT_EQ((*unit)->pts, 40ms * i);
  }
  for (int i = 0; i < 2; ++i) {
    const auto rest = (*reader)->read();
    ASSERT_TRUE(rest);
    if (!*rest) break;
    EXPECT_EQ(i, 0);
  }
  stop = true;
  EXPECT_EQ((*reader)->read().error().code(), Errc::cancelled);
}

TEST_F(RtspClientTest, AReaderStopsWhileItWaits) {
  TestCamera::Script script;
  script.answers[Method::describe] = [](auto&, const auto&) { return std::string(); };
  camera(script);
  std::atomic<bool> stop = false;
  std::thread stopper([&] {
    EXPECT_TRUE(camera_->was_asked(Method::describe));
    stop = true;
  });
  const auto reader = PullReader::open(threads_[0], camera_->url(), {}, stop);
  stopper.join();
  ASSERT_FALSE(reader);
  EXPECT_EQ(reader.error().code(), Errc::cancelled);
}

}  // namespace
}  // namespace pasu::net
