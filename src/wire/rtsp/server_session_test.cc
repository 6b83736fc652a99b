// The server machine against clients that write by hand.
#include "wire/rtsp/server_session.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "wire/rtsp/test_peers.h"

namespace pasu::rtsp {
namespace {

using namespace std::chrono_literals;
using testing::frame;
using ::testing::HasSubstr;
using testing::join;
using testing::ServerOwner;

class Server : public ::testing::Test {
 protected:
  Server() {
    // Anybody may do anything, but for "private" and "forbidden"; authentication has tests of its
    // own.
    options.auth = testing::ann();
    options.auth.may = [](std::string_view user, std::string_view path, Access) {
      return path != "forbidden" && (path != "private" || user == "ann");
    };
    start();
  }
  void start() { owner.emplace(options, now); }

  // What the server says to these bytes: the statuses, "200 200".
  std::string say(std::string_view text) {
    const auto ok = owner->session.receive(as_bytes(text), now);
    if (!ok) error = ok.error();
    owner->drain();
    return heard();
  }
  std::string heard() {
    MessageReader reader;
    reader.feed(join(owner->session.take_output()));
    std::string statuses;
    while (auto message = reader.next().value()) {
      response = std::get<Response>(*message);
      if (!statuses.empty()) statuses += ' ';
      statuses += std::to_string(response.status);
    }
    return statuses;
  }
  std::string ask(std::string_view method, std::string_view uri,
                  const std::vector<std::string>& headers = {}, std::string_view body = "") {
    std::string text = fmt::format("{} {} RTSP/1.0\r\nCSeq: {}\r\n", method, uri, ++cseq_number);
    for (const auto& line : headers) text += line + "\r\n";
    if (!body.empty()) text += fmt::format("Content-Length: {}\r\n", body.size());
    return say(text + "\r\n" + std::string(body));
  }
  std::string header(std::string_view name) const {
    return std::string(response.headers.find(name).value_or("-"));
  }
  std::string session() { return "Session: " + parse_session(header("Session")).value().id; }
  // A reader in the state ready, over tcp; its Session line.
  std::string set_up(const std::string& transport = "RTP/AVP/TCP;unicast;interleaved=0-1") {
    EXPECT_EQ(ask("SETUP", "rtsp://h/cam/trackID=0", {"Transport: " + transport}), "200");
    return session();
  }
  std::string announce() {
    return ask("ANNOUNCE", "rtsp://h/push", {"Content-Type: application/sdp"},
               "v=0\r\nm=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\na=control:streamid=0\r\n"
               "m=audio 0 RTP/AVP 8\r\na=control:rtsp://h/push/sound\r\n");
  }
  void wait(std::chrono::seconds time) {
    now += time;
    if (auto ok = owner->session.on_time(now); !ok) error = ok.error();
  }

  MonoTime now{1h};
  ServerOptions options;
  std::optional<ServerOwner> owner;
  Response response;
  std::optional<Error> error;
  int cseq_number = 0;
};

constexpr const char* kTcp = "Transport: RTP/AVP/TCP;unicast;interleaved=0-1";

// --- RFC 2326 section 10, method by method

TEST_F(Server, Options_10_1) {
  EXPECT_EQ(ask("OPTIONS", "*"), "200");
  EXPECT_EQ(header("CSeq"), "1");
  EXPECT_THAT(header("Public"), HasSubstr("GET_PARAMETER"));
  EXPECT_EQ(header("Session"), "-");
  EXPECT_EQ(ask("OPTIONS", "rtsp://h/cam"), "200");
}

TEST_F(Server, Describe_10_2) {
  EXPECT_EQ(ask("DESCRIBE", "rtsp://h:8554/cam/boxes?x=1"), "200");
  EXPECT_EQ(owner->log, "describe:cam/boxes: ");
  EXPECT_EQ(header("Content-Type"), "application/sdp");
  EXPECT_EQ(header("Content-Base"), "rtsp://h:8554/cam/boxes?x=1/");
  EXPECT_EQ(response.body, testing::kSdp);
  EXPECT_EQ(ask("DESCRIBE", "rtsp://h/missing"), "404");
}

TEST_F(Server, PathsAreDecodedAndTrimmed) {
  for (const auto& [uri, log] :
       {std::pair{"rtsp://h/a%20b", "describe:a b: "}, std::pair{"rtsp://h//a//", "describe:a: "},
        std::pair{"/a", "describe:a: "}, std::pair{"rtsp://h", "describe:: "},
        std::pair{"rtsp://u:p@h/a?b/", "describe:a: "}}) {
    owner->log.clear();
    EXPECT_EQ(ask("DESCRIBE", uri), "200") << uri;
    EXPECT_EQ(owner->log, log);
  }
  for (const char* uri : {"rtsp://h/%00", "rtsp://h/a%0d%0ab", "http://h/a", "rtsp://", "a"})
    EXPECT_EQ(ask("DESCRIBE", uri), "400") << uri;
}

TEST_F(Server, Setup_10_4) {
  EXPECT_EQ(ask("SETUP", "rtsp://h/cam/trackID=0", {kTcp}), "200");
  EXPECT_EQ(header("Transport"), "RTP/AVP/TCP;unicast;interleaved=0-1;ssrc=00001234");
  EXPECT_THAT(header("Session"), HasSubstr(";timeout=60"));
  EXPECT_GE(session().size(), 9u + 32u);
  // The second asks for channels that are taken, and gets others.
  EXPECT_EQ(ask("SETUP", "rtsp://h/cam/trackID=1", {kTcp, session()}), "200");
  EXPECT_THAT(header("Transport"), HasSubstr("interleaved=2-3"));
  EXPECT_EQ(owner->log, "setup:0 setup:1 ");
}

TEST_F(Server, SetupBehindAQuery) {
  EXPECT_EQ(ask("SETUP", "rtsp://h/cam?a=b/trackID=1", {kTcp}), "200");
  EXPECT_EQ(owner->setups[0].path, "cam");
  EXPECT_EQ(owner->setups[0].query, "a=b");
  EXPECT_EQ(owner->setups[0].track, 1u);
  start();
  EXPECT_EQ(ask("SETUP", "rtsp://h/cam/trackID=1/?a=b", {kTcp}), "200");
  EXPECT_EQ(owner->setups[0].path, "cam");
}

TEST_F(Server, SetupOfTheWholeIsRefusedUnlessThereIsOneTrack_459) {
  EXPECT_EQ(ask("SETUP", "rtsp://h/cam", {kTcp}), "459");
  ask("DESCRIBE", "rtsp://h/cam");
  EXPECT_EQ(ask("SETUP", "rtsp://h/cam", {kTcp}), "459");
  owner->sdp = "v=0\nm=video 0 RTP/AVP 96\n";
  ask("DESCRIBE", "rtsp://h/cam");
  EXPECT_EQ(ask("SETUP", "rtsp://h/cam/", {kTcp}), "200");
}

TEST_F(Server, SetupOfAnotherPathIsRefused_459) {
  const auto id = set_up();
  EXPECT_EQ(ask("SETUP", "rtsp://h/other/trackID=1", {kTcp, id}), "459");
}

struct TransportCase {
  const char* asked;
  const char* status;
  const char* answered;
};

TEST_F(Server, Transports_461) {
  options.multicast = true;
  for (const auto& [asked, status, answered] :
       {TransportCase{"RTP/AVP;unicast;client_port=5000-5001", "200",
                      "RTP/AVP;unicast;client_port=5000-5001;server_port=8000-8001;ssrc=00001234"},
        // Where else it should go is nobody's to say (amplification).
        TransportCase{"RTP/AVP;unicast;destination=8.8.8.8;client_port=5000-5001", "200",
                      "RTP/AVP;unicast;client_port=5000-5001;server_port=8000-8001;ssrc=00001234"},
        TransportCase{
            "RTP/AVP;multicast;port=1-2;destination=224.0.0.1", "200",
            "RTP/AVP;multicast;destination=239.1.2.3;port=9000-9001;ttl=16;ssrc=00001234"},
        TransportCase{"RTP/SAVP;unicast,RTP/AVP/TCP;interleaved=6-7", "200",
                      "RTP/AVP/TCP;unicast;interleaved=6-7;ssrc=00001234"},
        TransportCase{"RTP/AVP/TCP", "200", "RTP/AVP/TCP;unicast;interleaved=0-1;ssrc=00001234"},
        TransportCase{"RTP/AVP;unicast;client_port=0-0", "461", "-"},  // live555's forks
        TransportCase{"RTP/AVP;unicast", "461", "-"}, TransportCase{"RAW/UDP", "461", "-"},
        TransportCase{"", "461", "-"}}) {
    start();
    EXPECT_EQ(ask("SETUP", "rtsp://h/cam/trackID=0", {std::string("Transport: ") + asked}), status)
        << asked;
    EXPECT_EQ(header("Transport"), answered) << asked;
  }
  options.udp = options.multicast = false;
  start();
  EXPECT_EQ(ask("SETUP", "rtsp://h/cam/trackID=0",
                {"Transport: RTP/AVP;unicast;client_port=4-5,RTP/AVP;multicast"}),
            "461");
  EXPECT_EQ(ask("SETUP", "rtsp://h/cam/trackID=0"), "461");
}

TEST_F(Server, OneSessionTravelsOneWay) {
  const auto id = set_up();
  EXPECT_EQ(ask("SETUP", "rtsp://h/cam/trackID=1",
                {"Transport: RTP/AVP;unicast;client_port=5000-5001", id}),
            "461");
}

TEST_F(Server, Play_10_5) {
  const auto id = set_up();
  EXPECT_EQ(ask("PLAY", "rtsp://h/cam/", {id, "Range: npt=0-"}), "200");
  EXPECT_EQ(header("RTP-Info"), "url=rtsp://h/cam/trackID=0;seq=100;rtptime=90000");
  EXPECT_EQ(header("Range"), "npt=0.000-");
  EXPECT_EQ(ask("PLAY", "rtsp://h/cam", {id}), "200");
  EXPECT_EQ(header("Range"), "npt=now-");
  EXPECT_EQ(ask("PLAY", "rtsp://h/cam", {id, "Range: npt=x-"}), "457");
  EXPECT_EQ(ask("PLAY", "rtsp://h/cam", {id, "Range: smpte=0-"}), "200");
  EXPECT_EQ(ask("PLAY", "rtsp://h/other", {id}), "404");
  // One track is the whole.
  EXPECT_EQ(ask("PLAY", "rtsp://h/cam/trackID=0", {id}), "200");
}

TEST_F(Server, PlayOfOneTrackOfTwoIsRefused_460) {
  const auto id = set_up();
  ask("SETUP", "rtsp://h/cam/trackID=1", {kTcp, id});
  EXPECT_EQ(ask("PLAY", "rtsp://h/cam/trackID=0", {id}), "460");
  EXPECT_EQ(ask("PLAY", "rtsp://h/cam", {id}), "200");
}

TEST_F(Server, Pause_10_6) {
  const auto id = set_up();
  EXPECT_EQ(ask("PAUSE", "rtsp://h/cam", {id}), "455");
  ask("PLAY", "rtsp://h/cam", {id});
  EXPECT_EQ(ask("PAUSE", "rtsp://h/cam", {id}), "200");
  EXPECT_EQ(ask("PLAY", "rtsp://h/cam", {id}), "200");
  EXPECT_EQ(owner->log, "setup:0 play pause play ");
}

TEST_F(Server, Teardown_10_7) {
  const auto id = set_up();
  EXPECT_EQ(ask("TEARDOWN", "rtsp://h/cam", {id}), "200");
  EXPECT_EQ(owner->log, "setup:0 teardown ");
  EXPECT_EQ(ask("PLAY", "rtsp://h/cam", {id}), "454");
  EXPECT_NE(set_up(), id);  // The connection serves the next session.
}

TEST_F(Server, Parameters_10_8) {
  EXPECT_EQ(ask("GET_PARAMETER", "rtsp://h/cam"), "200");
  const auto id = set_up();
  EXPECT_EQ(ask("GET_PARAMETER", "rtsp://h/cam", {id}), "200");
  EXPECT_EQ(ask("GET_PARAMETER", "rtsp://h/cam", {id}, "volume\r\n"), "451");
  EXPECT_EQ(ask("SET_PARAMETER", "rtsp://h/cam", {id}), "200");
  // UxPlay#185: a body without Content-Type.
  EXPECT_EQ(ask("SET_PARAMETER", "rtsp://h/cam", {id}, "volume: 1\r\n"), "451");
  EXPECT_EQ(ask("SET_PARAMETER", "rtsp://h/cam", {"Session: nobody"}), "454");
}

TEST_F(Server, Publishes_10_3_10_11) {
  EXPECT_EQ(announce(), "200");
  EXPECT_EQ(owner->announced.media.size(), 2u);
  EXPECT_EQ(ask("RECORD", "rtsp://h/push"), "454");
  EXPECT_EQ(ask("SETUP", "rtsp://h/push/streamid=9", {kTcp}), "404");
  EXPECT_EQ(ask("SETUP", "rtsp://h/push/streamid=0", {std::string(kTcp) + ";mode=record"}), "200");
  EXPECT_THAT(header("Transport"), HasSubstr(";mode=record"));
  const auto id = session();
  EXPECT_EQ(ask("SETUP", "rtsp://h/push/sound", {"Transport: RTP/AVP/TCP;interleaved=2-3", id}),
            "200");
  EXPECT_EQ(owner->setups[1].track, 1u);
  EXPECT_TRUE(owner->setups[1].publish);
  EXPECT_EQ(ask("PLAY", "rtsp://h/push", {id}), "455");
  EXPECT_EQ(ask("RECORD", "rtsp://h/push/", {id}), "200");
  EXPECT_EQ(ask("SETUP", "rtsp://h/push/streamid=0", {kTcp, id}), "455");
  owner->log.clear();
  say(as_text(frame(2, "sound")));
  say(as_text(frame(1, "sr")));
  say(as_text(frame(7, "\x80\x60odd")));
  EXPECT_EQ(owner->log, "rtp1:sound rtcp0:sr ");
  EXPECT_EQ(owner->session.dropped_frames(), 1u);
  EXPECT_EQ(ask("PAUSE", "rtsp://h/push", {id}), "200");
  say(as_text(frame(2, "late")));
  EXPECT_EQ(owner->session.dropped_frames(), 2u);
  EXPECT_EQ(ask("RECORD", "rtsp://h/push", {id}), "200");
  EXPECT_EQ(ask("TEARDOWN", "rtsp://h/push", {id}), "200");
}

TEST_F(Server, AnnouncesThatAreNone) {
  EXPECT_EQ(ask("ANNOUNCE", "rtsp://h/push", {"Content-Type: text/html"}, "v=0\r\n"), "415");
  EXPECT_EQ(ask("ANNOUNCE", "rtsp://h/push"), "400");
  EXPECT_EQ(ask("ANNOUNCE", "rtsp://h/push", {}, "v=0\r\ns=x\r\n"), "400");  // No media.
  std::string many = "v=0\n";
  for (size_t i = 0; i <= ServerSession::kTracksMax; ++i) many += "m=video 0 RTP/AVP 96\n";
  EXPECT_EQ(ask("ANNOUNCE", "rtsp://h/push", {}, many), "400");
  EXPECT_EQ(announce(), "200");
  EXPECT_EQ(announce(), "455");
}

TEST_F(Server, APublisherWithASingleTrackMaySetUpTheWhole) {
  EXPECT_EQ(ask("ANNOUNCE", "rtsp://h/push?key=1", {}, "m=video 0 RTP/AVP 96\n"), "200");
  EXPECT_EQ(ask("SETUP", "rtsp://h/push?key=1", {kTcp}), "200");
}

// --- What every request must pass

TEST_F(Server, RefusesByTheRules) {
  EXPECT_EQ(say("OPTIONS * RTSP/2.0\r\nCSeq: 1\r\n\r\n"), "505");
  EXPECT_EQ(ask("JUMP", "*"), "501");
  EXPECT_EQ(ask("REDIRECT", "*"), "405");
  EXPECT_THAT(header("Allow"), HasSubstr("PLAY"));
  EXPECT_EQ(say("OPTIONS * RTSP/1.0\r\n\r\n"), "400");
  EXPECT_EQ(say("OPTIONS * RTSP/1.0\r\nCSeq: x\r\n\r\n"), "400");
  EXPECT_EQ(ask("DESCRIBE", "rtsp://h/cam", {"Require: www.onvif.org/ver20/backchannel"}), "551");
  EXPECT_EQ(header("Unsupported"), "www.onvif.org/ver20/backchannel");
  EXPECT_EQ(ask("PLAY", "rtsp://h/cam"), "454");
  EXPECT_EQ(ask("PLAY", "rtsp://h/cam", {"Session: 1"}), "454");
  EXPECT_EQ(ask("DESCRIBE", "rtsp://h/forbidden"), "401");
  EXPECT_EQ(say("RTSP/1.0 200 OK\r\nCSeq: 1\r\n\r\n"), "");  // Answers to nothing.
  EXPECT_FALSE(error);
}

TEST_F(Server, SessionsCannotBeTakenOver) {
  const auto id = set_up();
  ServerOwner other(options, now);
  const auto text = "PLAY rtsp://h/cam RTSP/1.0\r\nCSeq: 1\r\n" + id + "\r\n\r\n";
  ASSERT_TRUE(other.session.receive(as_bytes(text), now));
  other.drain();
  EXPECT_THAT(std::string(as_text(join(other.session.take_output()))), HasSubstr("454"));
  EXPECT_EQ(other.log, "");
  EXPECT_EQ(ask("PLAY", "rtsp://h/cam", {"Session: x"}), "454");
  EXPECT_EQ(ask("PLAY", "rtsp://h/cam", {id + ";timeout=60"}), "200");
}

TEST_F(Server, TwoSetupsOfOneTrack_CVE_2021_38381_38382) {
  const auto id = set_up();
  EXPECT_EQ(ask("SETUP", "rtsp://h/cam/trackID=0", {"Transport: RTP/AVP/TCP;interleaved=8-9", id}),
            "455");
  EXPECT_EQ(ask("PLAY", "rtsp://h/cam", {id}), "200");
  EXPECT_EQ(ask("SETUP", "rtsp://h/cam/trackID=0", {kTcp, id}), "455");
  EXPECT_EQ(owner->setups.size(), 1u);
  say(as_text(frame(1, "rr")));
  EXPECT_THAT(owner->log, HasSubstr("rtcp0:rr"));
}

TEST_F(Server, OneStreamOverAndOver_CVE_2021_38380) {
  for (int i = 0; i < 1000; ++i) {
    ASSERT_EQ(ask("DESCRIBE", "rtsp://h/cam"), "200");
    const auto id = set_up();
    ASSERT_EQ(ask("PLAY", "rtsp://h/cam", {id}), "200");
    ASSERT_EQ(ask("TEARDOWN", "rtsp://h/cam", {id}), "200");
    owner->log.clear();
  }
  EXPECT_EQ(owner->session.reader().buffered_bytes(), 0u);
}

TEST_F(Server, NulInCSeq_live555) {
  EXPECT_EQ(say(std::string("OPTIONS * RTSP/1.0\r\nCSeq: 1\0002\r\n\r\n", 33)), "400");
  EXPECT_THAT(error->message(), HasSubstr("a NUL in the head"));
}

TEST_F(Server, TracksAreBounded) {
  auto id = set_up();
  for (size_t i = 1; i < ServerSession::kTracksMax; ++i)
    EXPECT_EQ(ask("SETUP", fmt::format("rtsp://h/cam/trackID={}", i), {kTcp, id}), "200");
  EXPECT_EQ(ask("SETUP", "rtsp://h/cam/trackID=99", {kTcp, id}), "455");
}

// --- Authentication

TEST_F(Server, AsksForAPasswordOnceAConnection) {
  EXPECT_EQ(ask("DESCRIBE", "rtsp://h/private"), "401");
  ClientAuth ann("ann", "secret");
  ASSERT_TRUE(ann.take_challenge(response.headers));
  const auto authorization = "Authorization: " + *ann.authorization("DESCRIBE", "rtsp://h/private");
  EXPECT_EQ(ask("DESCRIBE", "rtsp://h/private", {authorization}), "200");
  EXPECT_EQ(owner->log, "describe:private:ann ");
  // What was shown holds for this path and connection, also when the nonce has become old.
  now += 400s;
  EXPECT_EQ(ask("SETUP", "rtsp://h/private/trackID=0", {kTcp}), "200");
  EXPECT_EQ(owner->setups[0].user, "ann");
}

TEST_F(Server, SetupAndAnnounceAskToo) {
  EXPECT_EQ(ask("SETUP", "rtsp://h/private/trackID=0", {kTcp}), "401");
  EXPECT_EQ(ask("ANNOUNCE", "rtsp://h/private", {}, "m=video 0 RTP/AVP 96\n"), "401");
  EXPECT_EQ(owner->log, "");
}

TEST_F(Server, ReadingIsNotPublishing) {
  options.auth = testing::ann();
  start();
  EXPECT_EQ(ask("DESCRIBE", "rtsp://h/open"), "200");
  EXPECT_EQ(ask("ANNOUNCE", "rtsp://h/open", {}, "m=video 0 RTP/AVP 96\n"), "401");
  ClientAuth ann("ann", "secret");
  ASSERT_TRUE(ann.take_challenge(response.headers));
  EXPECT_EQ(ask("ANNOUNCE", "rtsp://h/open",
                {"Authorization: " + *ann.authorization("ANNOUNCE", "rtsp://h/open")},
                "m=video 0 RTP/AVP 96\n"),
            "403");
}

TEST_F(Server, GuessingEnds) {
  for (size_t i = 0; i < ServerSession::kWrongPasswordsMax; ++i) {
    ASSERT_FALSE(error);
    ask("DESCRIBE", "rtsp://h/private");
    ClientAuth wrong("ann", "guess" + std::to_string(i));
    ASSERT_TRUE(wrong.take_challenge(response.headers));
    EXPECT_EQ(ask("DESCRIBE", "rtsp://h/private",
                  {"Authorization: " + *wrong.authorization("DESCRIBE", "rtsp://h/private")}),
              "401");
  }
  ASSERT_TRUE(error);
  EXPECT_THAT(error->message(), HasSubstr("5 wrong passwords"));
  EXPECT_EQ(owner->session.denied(), 5u);
}

// --- Answers that come later

TEST_F(Server, RequestsWaitWhileTheOwnerThinks) {
  const std::string text =
      "DESCRIBE rtsp://h/cam RTSP/1.0\r\nCSeq: 1\r\n\r\nOPTIONS * RTSP/1.0\r\nCSeq: 2\r\n\r\n";
  ASSERT_TRUE(owner->session.receive(as_bytes(text), now));
  ASSERT_TRUE(owner->session.next_event());
  EXPECT_TRUE(owner->session.awaits_answer());
  EXPECT_EQ(heard(), "");
  wait(60s);  // No deadline of the machine's own.
  EXPECT_FALSE(error);
  owner->session.refuse(503, "starting");
  EXPECT_EQ(heard(), "503 200");
  EXPECT_FALSE(owner->session.awaits_answer());
}

TEST_F(Server, ThePipelineIsBounded) {
  std::string text;
  for (size_t i = 0; i <= ServerSession::kPipelineMax + 1; ++i)
    text += fmt::format("DESCRIBE rtsp://h/cam RTSP/1.0\r\nCSeq: {}\r\n\r\n", i);
  const auto ok = owner->session.receive(as_bytes(text), now);
  ASSERT_FALSE(ok);
  EXPECT_EQ(ok.error().code(), Errc::too_large);
}

TEST_F(Server, ARefusedAnnounceOrSetupLeavesNothing) {
  ASSERT_TRUE(owner->session.receive(
      as_bytes("ANNOUNCE rtsp://h/push RTSP/1.0\r\nCSeq: 1\r\nContent-Length: 21\r\n\r\n"
               "m=video 0 RTP/AVP 96\n"),
      now));
  ASSERT_TRUE(owner->session.next_event());
  owner->session.refuse(403);
  EXPECT_EQ(heard(), "403");
  ASSERT_TRUE(owner->session.receive(
      as_bytes(
          "SETUP rtsp://h/cam/trackID=0 RTSP/1.0\r\nCSeq: 2\r\nTransport: RTP/AVP/TCP\r\n\r\n"),
      now));
  const auto event = owner->session.next_event();
  ASSERT_TRUE(event);
  EXPECT_FALSE(std::get<server::Setup>(*event).publish);
  owner->session.refuse(453);
  EXPECT_EQ(heard(), "453");
  EXPECT_EQ(ask("PLAY", "rtsp://h/cam"), "454");
  set_up();
}

// --- Time

TEST_F(Server, SlowLorisEnds) {
  for (const char c : std::string("OPTIONS *")) {
    say(std::string(1, c));
    wait(1s);
  }
  EXPECT_FALSE(error);
  say(" ");
  wait(1s);
  ASSERT_TRUE(error);
  EXPECT_EQ(error->code(), Errc::timeout);
  EXPECT_THAT(error->message(), HasSubstr("half a request in 10 s"));
}

TEST_F(Server, ConnectionsThatSayNothingEnd) {
  EXPECT_EQ(owner->session.deadline(), now + 30s);
  say("\r\n\r\n");
  say(as_text(frame(0, "no request")));
  wait(30s);
  EXPECT_THAT(error->message(), HasSubstr("no request in 30 s"));
}

// Nothing that a listener receives shows the server that it is there.
TEST_F(Server, AListenerLivesByItsRequestsAlone) {
  options.multicast = true;
  start();
  const auto id = set_up("RTP/AVP;multicast");
  ask("PLAY", "rtsp://h/cam", {id});
  wait(69s);
  EXPECT_EQ(ask("GET_PARAMETER", "rtsp://h/cam", {id}), "200");
  wait(69s);
  EXPECT_FALSE(error);
  wait(1s);
  ASSERT_TRUE(error);
  EXPECT_THAT(error->message(), HasSubstr("no sign of life in 60 s"));
}

TEST_F(Server, ASessionLivesByAnyRequest) {
  const auto id = set_up("RTP/AVP;unicast;client_port=5000-5001");
  ask("PLAY", "rtsp://h/cam", {id});
  for (const char* method : {"OPTIONS", "GET_PARAMETER", "SET_PARAMETER"}) {
    wait(60s);
    EXPECT_EQ(ask(method, "rtsp://h/cam", {id}), "200");
  }
  wait(60s);
  owner->session.touch(now);  // RTCP over udp.
  wait(69s);
  EXPECT_FALSE(error);
  wait(1s);
  EXPECT_THAT(error->message(), HasSubstr("no sign of life in 60 s"));
}

TEST_F(Server, APlayerOverTcpMayBeSilent) {
  const auto id = set_up();
  ask("PLAY", "rtsp://h/cam", {id});
  EXPECT_EQ(owner->session.deadline(), std::nullopt);
  ask("PAUSE", "rtsp://h/cam", {id});
  EXPECT_EQ(owner->session.deadline(), now + 70s);
}

TEST_F(Server, APublisherLivesByItsFrames) {
  announce();
  ask("SETUP", "rtsp://h/push/streamid=0", {kTcp});
  ask("RECORD", "rtsp://h/push");
  wait(60s);
  say(as_text(frame(0, "media")));
  wait(69s);
  EXPECT_FALSE(error);
  wait(1s);
  EXPECT_TRUE(error);
}

// --- Hostile clients

TEST_F(Server, WhatIsNoRtspIsAnsweredAndEnds) {
  EXPECT_EQ(say("OPTIONS * RTSP/1.0\r\nContent-Length: -1\r\n\r\n"), "400");
  ASSERT_TRUE(error);
  EXPECT_EQ(header("Connection"), "close");
  start();
  EXPECT_EQ(say("OPTIONS * RTSP/1.0\r\nContent-Length: 4294967296\r\n\r\n"), "413");
  start();
  EXPECT_EQ(say(std::string(64 << 10, '\x05')), "400");
  EXPECT_FALSE(owner->session.receive({}, now));
}

TEST_F(Server, AnswersCarryNoHeaderOfTheClientsMaking) {
  ask("DESCRIBE", "rtsp://h/cam", {"Require: a\r\n Evil: 1"});
  EXPECT_EQ(header("Evil"), "-");
}

TEST_F(Server, ALostDollarWhileRecordingCostsOneFrame_ZLMediaKit4532) {
  announce();
  ask("SETUP", "rtsp://h/push/streamid=0", {kTcp});
  ask("RECORD", "rtsp://h/push");
  owner->log.clear();
  auto bytes = frame(0, "\x80\x60lost");
  bytes.erase(bytes.begin());
  say(as_text(bytes));
  say(as_text(frame(0, "\x80\x60next")));
  EXPECT_EQ(owner->log, "rtp0:\x80\x60next ");
  EXPECT_EQ(owner->session.reader().resyncs(), 1u);
  EXPECT_FALSE(error);
}

}  // namespace
}  // namespace pasu::rtsp
