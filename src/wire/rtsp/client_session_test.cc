// The client machine against a camera that follows a script.
#include "wire/rtsp/client_session.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "wire/rtsp/test_peers.h"
#include "wire/rtsp/track_choice.h"

namespace pasu::rtsp {
namespace {

using namespace std::chrono_literals;
using testing::ClientOwner;
using ::testing::ElementsAre;
using testing::frame;
using ::testing::HasSubstr;
using testing::join;
using ::testing::Not;

constexpr const char* kVideoSdp =
    "v=0\r\nm=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\na=control:track1\r\n";

// The client, and the camera's part spoken by hand.
class Script : public ::testing::Test {
 protected:
  void connect(const std::string& url) {
    ClientOptions options;
    options.url = Url::parse(url).value();
    options.answer_timeout = 10s;
    client.emplace(options);
  }

  // The next request the client sent: "SETUP rtsp://cam/x". Its CSeq and headers are kept.
  std::string sent() {
    MessageReader reader;
    const auto bytes = join(client->session.take_output());
    sent_bytes.insert(sent_bytes.end(), bytes.begin(), bytes.end());
    reader.feed(sent_bytes);
    const auto message = reader.next().value();
    if (!message) return "";
    sent_bytes.erase(sent_bytes.begin(),
                     sent_bytes.begin() + static_cast<std::ptrdiff_t>(reader.offset()));
    if (const auto* response = std::get_if<Response>(&*message))
      return std::to_string(response->status);
    request = std::get<Request>(*message);
    return fmt::format("{} {}", to_string(request.method), request.uri);
  }
  std::string header(std::string_view name) const {
    return std::string(request.headers.find(name).value_or("-"));
  }

  void answer(int status, const std::vector<std::string>& headers = {},
              const std::string& body = "", const std::string& reason = "") {
    std::string text = fmt::format("RTSP/1.0 {} {}\r\nCSeq: {}\r\n", status,
                                   reason.empty() ? reason_phrase(status) : reason, header("CSeq"));
    for (const auto& line : headers) text += line + "\r\n";
    if (!body.empty()) text += fmt::format("Content-Length: {}\r\n", body.size());
    feed(text + "\r\n" + body);
  }
  void feed(std::string_view text) {
    const auto ok = client->session.receive(as_bytes(text), now);
    if (!ok) error = ok.error();
    client->drain(now);
  }
  void feed(const std::vector<uint8_t>& bytes) { feed(as_text(bytes)); }

  // Up to the answer of DESCRIBE.
  void describe(const std::string& sdp, const std::vector<std::string>& headers = {},
                const std::string& methods = "OPTIONS, DESCRIBE, SETUP, PLAY, GET_PARAMETER") {
    client->session.describe(now);
    ASSERT_THAT(sent(), HasSubstr("OPTIONS"));
    answer(200, {"Public: " + methods});
    ASSERT_THAT(sent(), HasSubstr("DESCRIBE"));
    answer(200, headers, sdp);
  }
  void play(const std::string& methods = "OPTIONS, DESCRIBE, SETUP, PLAY, GET_PARAMETER") {
    connect("rtsp://cam/x");
    describe(kVideoSdp, {}, methods);
    ASSERT_THAT(sent(), HasSubstr("SETUP"));
    answer(200, {"Session: abc;timeout=30", "Transport: RTP/AVP/TCP;unicast;interleaved=0-1"});
    ASSERT_THAT(sent(), HasSubstr("PLAY"));
    answer(200);
    ASSERT_FALSE(error) << error->message();
    ASSERT_EQ(client->log, "described ready:0 playing ");
    client->log.clear();
  }
  void wait(std::chrono::seconds time) {
    now += time;
    if (auto ok = client->session.on_time(now); !ok) error = ok.error();
    client->drain(now);
  }

  MonoTime now{1h};
  std::optional<ClientOwner> client;
  std::vector<uint8_t> sent_bytes;
  Request request;
  std::optional<Error> error;
};

TEST_F(Script, AsksInOrder) {
  connect("rtsp://cam:8554/x?a=b");
  client->session.describe(now);
  EXPECT_EQ(sent(), "OPTIONS rtsp://cam:8554/x?a=b");
  EXPECT_EQ(header("CSeq"), "1");
  EXPECT_EQ(header("Session"), "-");
  EXPECT_EQ(sent(), "");  // One request at a time.
  answer(200);
  EXPECT_EQ(sent(), "DESCRIBE rtsp://cam:8554/x?a=b");
  EXPECT_EQ(header("Accept"), "application/sdp");
  answer(200, {}, kVideoSdp);
  EXPECT_EQ(sent(), "SETUP rtsp://cam:8554/x?a=b/track1");
  EXPECT_EQ(header("Transport"), "RTP/AVP/TCP;unicast;interleaved=0-1");
  answer(200, {"Session: abc;timeout=30", "Transport: RTP/AVP/TCP;unicast;interleaved=4-5"});
  EXPECT_EQ(client->ready.at(0).transport.interleaved, (Pair<uint8_t>{4, 5}));
  EXPECT_EQ(sent(), "PLAY rtsp://cam:8554/x?a=b");
  EXPECT_EQ(header("Session"), "abc");
  EXPECT_EQ(header("Range"), "npt=0.000-");
  answer(200, {"RTP-Info: url=track1;seq=5;rtptime=6", "Range: npt=0-10"});
  ASSERT_EQ(client->playing.starts.size(), 1u);
  EXPECT_EQ(client->playing.starts[0].sequence, 5);
  EXPECT_EQ(std::get<NptRange>(*client->playing.range).end, 10.0);
  feed(frame(4, "media"));
  feed(frame(5, "report"));
  feed(frame(6, "\x80\x60nobody's"));
  EXPECT_EQ(client->log, "described ready:0 playing rtp0:media rtcp0:report ");
  EXPECT_EQ(client->session.dropped_messages(), 1u);
}

TEST_F(Script, PausesAndGoesOn) {
  play();
  client->session.pause(now);
  EXPECT_EQ(sent(), "PAUSE rtsp://cam/x");
  answer(200);
  client->session.play(std::nullopt, now);
  EXPECT_EQ(sent(), "PLAY rtsp://cam/x");
  EXPECT_EQ(header("Range"), "-");
  answer(200);
  client->session.teardown(now);
  EXPECT_EQ(sent(), "TEARDOWN rtsp://cam/x");
  feed(frame(0, "late"));
  answer(200);
  EXPECT_EQ(client->log, "paused playing closed ");
  EXPECT_FALSE(client->session.receive({}, now));
}

TEST_F(Script, ContentBaseAndAggregateControl) {
  connect("rtsp://cam/x");
  describe(std::string("v=0\r\na=control:*\r\n") + (kVideoSdp + 5),
           {"Content-Base: rtsp://rtsp://10.0.0.1/x/"});
  EXPECT_EQ(sent(), "SETUP rtsp://cam/x/track1");
  answer(200, {"Session: 1", "Transport: RTP/AVP/TCP;unicast;interleaved=0-1"});
  EXPECT_EQ(sent(), "PLAY rtsp://cam/x/");
}

TEST_F(Script, OptionsMayBeRefused) {
  connect("rtsp://cam/x");
  client->session.describe(now);
  sent();
  answer(501);
  EXPECT_EQ(sent(), "DESCRIBE rtsp://cam/x");
}

TEST_F(Script, CSeqMayBeMissing) {
  connect("rtsp://cam/x");
  client->session.describe(now);
  sent();
  feed("RTSP/1.0 200 OK\r\n\r\n");
  EXPECT_EQ(sent(), "DESCRIBE rtsp://cam/x");
}

TEST_F(Script, AnswersToNoRequestAreDropped) {
  connect("rtsp://cam/x");
  client->session.describe(now);
  sent();
  feed("RTSP/1.0 200 OK\r\nCSeq: 77\r\n\r\nRTSP/1.0 100 Continue\r\nCSeq: 1\r\n\r\n");
  EXPECT_EQ(sent(), "");
  EXPECT_EQ(client->session.dropped_messages(), 1u);
  answer(200);
  EXPECT_EQ(sent(), "DESCRIBE rtsp://cam/x");
}

TEST_F(Script, SdpWithoutMedia) {
  connect("rtsp://ann:secret@cam/x");
  describe("v=0\r\ns=x\r\n");
  ASSERT_TRUE(error);
  EXPECT_EQ(error->code(), Errc::not_found);
  EXPECT_THAT(error->message(), HasSubstr("rtsp://***@cam/x: the description has no media"));
}

TEST_F(Script, DescriptionThatIsNone) {
  connect("rtsp://cam/x");
  describe("<html>");
  EXPECT_EQ(error->code(), Errc::malformed);
  EXPECT_THAT(error->message(), HasSubstr("answer to DESCRIBE: sdp:"));
}

// --- Authentication

TEST_F(Script, AnswersA401WithAnotherPhraseAndStaleFalse_mediamtx2348) {
  connect("rtsp://ann:secret@cam/x");
  client->session.describe(now);
  sent();
  EXPECT_EQ(header("Authorization"), "-");
  answer(401, {"WWW-Authenticate: Digest realm=\"c479\",nonce=\"ae23\", stale=\"FALSE\""}, "",
         "ClientUnAuthorized");
  EXPECT_EQ(sent(), "OPTIONS rtsp://cam/x");
  EXPECT_EQ(header("CSeq"), "2");
  const auto credentials = parse_credentials(header("Authorization")).value();
  EXPECT_EQ(credentials.response, digest_response(credentials, "secret", "OPTIONS"));
  EXPECT_EQ(credentials.uri, "rtsp://cam/x");
  answer(200);
  EXPECT_EQ(sent(), "DESCRIBE rtsp://cam/x");
  EXPECT_THAT(header("Authorization"), HasSubstr("nonce=\"ae23\""));
}

TEST_F(Script, ChoosesDigestFromSeveralFields_mediamtx3116) {
  connect("rtsp://ann:secret@cam/x");
  client->session.describe(now);
  sent();
  answer(401, {"WWW-Authenticate: Basic realm=\"TP-LINK IP-Camera\"",
               "WWW-Authenticate: Digest realm=\"TP-LINK IP-Camera\", nonce=\"6100\""});
  sent();
  EXPECT_THAT(header("Authorization"), HasSubstr("Digest username=\"ann\""));
}

TEST_F(Script, AWrongPasswordIsSaidOnce) {
  connect("rtsp://ann:wrong@cam/x");
  client->session.describe(now);
  sent();
  answer(401, {"WWW-Authenticate: Digest realm=\"a\", nonce=\"1\""});
  sent();
  answer(401, {"WWW-Authenticate: Digest realm=\"a\", nonce=\"2\""});
  ASSERT_TRUE(error);
  EXPECT_EQ(error->code(), Errc::invalid_argument);
  EXPECT_THAT(error->message(), HasSubstr("401 Unauthorized; check user and password"));
  EXPECT_THAT(error->message(), Not(HasSubstr("wrong")));
}

TEST_F(Script, NoPasswordInTheUrl) {
  connect("rtsp://cam/x");
  client->session.describe(now);
  sent();
  answer(401, {"WWW-Authenticate: Basic realm=\"a\""});
  EXPECT_THAT(error->message(), HasSubstr("put them into the URL"));
}

TEST_F(Script, AnUnknownChallenge) {
  connect("rtsp://ann:secret@cam/x");
  client->session.describe(now);
  sent();
  answer(401, {"WWW-Authenticate: Bearer realm=\"a\""});
  EXPECT_EQ(error->code(), Errc::unsupported);
}

TEST_F(Script, AStaleNonceIsRenewed) {
  connect("rtsp://ann:secret@cam/x");
  client->session.describe(now);
  sent();
  answer(401, {"WWW-Authenticate: Digest realm=\"a\", nonce=\"1\", qop=\"auth\""});
  sent();
  EXPECT_THAT(header("Authorization"), HasSubstr("nc=00000001"));
  answer(200);
  sent();
  EXPECT_THAT(header("Authorization"), HasSubstr("nc=00000002"));
  // With the word, and without it: some servers only give a new nonce.
  answer(401, {"WWW-Authenticate: Digest realm=\"a\", nonce=\"2\", qop=\"auth\", stale=true"});
  EXPECT_EQ(sent(), "DESCRIBE rtsp://cam/x");
  EXPECT_THAT(header("Authorization"), HasSubstr("nonce=\"2\""));
  EXPECT_THAT(header("Authorization"), HasSubstr("nc=00000001"));
  answer(200, {}, kVideoSdp);
  sent();
  answer(401, {"WWW-Authenticate: Digest realm=\"a\", nonce=\"3\""});
  EXPECT_THAT(sent(), HasSubstr("SETUP"));
  EXPECT_THAT(header("Authorization"), HasSubstr("nonce=\"3\""));
  EXPECT_FALSE(error);
}

TEST_F(Script, EndlesslyStaleEnds) {
  connect("rtsp://ann:secret@cam/x");
  client->session.describe(now);
  int rounds = 0;
  for (; rounds < 10 && !error; ++rounds) {
    sent();
    answer(401, {"WWW-Authenticate: Digest realm=\"a\", nonce=\"1\", stale=true"});
  }
  EXPECT_EQ(rounds, 3);
}

// --- Redirects

TEST_F(Script, FollowsRedirectsWithItsPasswordOnTheSameHostOnly) {
  connect("rtsp://ann:secret@cam/x");
  client->session.describe(now);
  sent();
  answer(302, {"Location: rtsp://cam:9554/y"});
  EXPECT_EQ(client->log, "redirected:rtsp://***@cam:9554/y ");
  EXPECT_EQ(client->session.deadline(), std::nullopt);  // Connecting is the owner's business.
  client->session.reconnected(now);
  EXPECT_EQ(sent(), "OPTIONS rtsp://cam:9554/y");
  answer(200);
  sent();
  client->log.clear();
  answer(301, {"Location: rtsp://other/z"});
  EXPECT_EQ(client->log, "redirected:rtsp://other/z ");
  EXPECT_FALSE(client->session.url().has_credentials());
  client->log.clear();
  client->session.reconnected(now);
  sent();
  answer(305, {"Location: /w"});
  EXPECT_EQ(client->log, "redirected:rtsp://other/w ");
}

TEST_F(Script, ARedirectNeverLeavesTls) {
  connect("rtsps://ann:secret@cam/x");
  client->session.describe(now);
  sent();
  answer(302, {"Location: rtsp://cam/x"});
  EXPECT_FALSE(client->session.url().has_credentials());
}

TEST_F(Script, ARedirectLoopEnds) {
  connect("rtsp://cam/x");
  client->session.describe(now);
  int rounds = 0;
  for (; rounds < 20 && !error; ++rounds) {
    sent();
    answer(302, {"Location: rtsp://cam/x"});
    if (!error) client->session.reconnected(now);
  }
  EXPECT_EQ(rounds, 6);
  EXPECT_THAT(error->message(), HasSubstr("redirected over 5 times"));
}

TEST_F(Script, ARedirectWithoutOrWithBadLocation) {
  for (const auto& headers : {std::vector<std::string>{}, {"Location: http://cam/"}}) {
    error.reset();
    sent_bytes.clear();
    connect("rtsp://cam/x");
    client->session.describe(now);
    sent();
    answer(302, headers);
    EXPECT_TRUE(error);
  }
}

TEST_F(Script, TheServerMayRedirectWhilePlaying_10_10) {
  play();
  feed("REDIRECT rtsp://cam/x RTSP/1.0\r\nCSeq: 9\r\nLocation: rtsp://two/x\r\n\r\n");
  EXPECT_EQ(sent(), "200");
  EXPECT_EQ(client->log, "redirected:rtsp://two/x ");
  client->session.reconnected(now);
  EXPECT_EQ(sent(), "OPTIONS rtsp://two/x");
  EXPECT_EQ(header("Session"), "-");
}

// --- SETUP

TEST_F(Script, ARefusedTransportIsSaidAndWhatWaitsIsDropped_461) {
  connect("rtsp://cam/x");
  client->delivery = Delivery::udp;
  describe(kVideoSdp);
  sent();
  EXPECT_EQ(header("Transport"), "RTP/AVP;unicast;client_port=5000-5001");
  answer(461);
  EXPECT_EQ(client->log, "described refused:0:461 ");
  EXPECT_EQ(sent(), "");
  EXPECT_FALSE(error);
  client->session.setup({.media = 0, .client_port = {}}, now);  // The owner falls back.
  EXPECT_EQ(sent(), "SETUP rtsp://cam/x/track1");
  EXPECT_EQ(header("Transport"), "RTP/AVP/TCP;unicast;interleaved=0-1");
}

TEST_F(Script, AnotherTransportThanAskedForIsARefusal) {
  connect("rtsp://cam/x");
  client->delivery = Delivery::udp;
  describe(kVideoSdp);
  sent();
  answer(200, {"Session: 1", "Transport: RTP/AVP/TCP;unicast;interleaved=0-1"});
  EXPECT_EQ(client->log, "described refused:0:461 ");
  client->session.teardown(now);  // What the server began is ended.
  EXPECT_EQ(sent(), "TEARDOWN rtsp://cam/x");
  EXPECT_EQ(header("Session"), "1");
}

TEST_F(Script, Udp) {
  connect("rtsp://cam/x");
  client->delivery = Delivery::udp;
  describe(kVideoSdp);
  sent();
  answer(200, {"Session: 1",
               "Transport: RTP/AVP;unicast;source=10.0.0.9;client_port=5000-5001;"
               "server_port=6000-6001;ssrc=00000010"});
  const auto& transport = client->ready.at(0).transport;
  EXPECT_EQ(transport.server_port, (Pair<uint16_t>{6000, 6001}));
  EXPECT_EQ(transport.source, "10.0.0.9");
  EXPECT_EQ(transport.ssrc, 16u);
}

TEST_F(Script, MulticastNeedsAGroup) {
  for (const auto& [transport, log] :
       {std::pair{"RTP/AVP;multicast;destination=239.1.2.3;port=4000-4001;ttl=3",
                  "described ready:0 "},
        std::pair{"RTP/AVP;multicast;port=4000-4001", "described refused:0:461 "},
        std::pair{"RTP/AVP;multicast;destination=239.1.2.3", "described refused:0:461 "}}) {
    connect("rtsp://cam/x");
    client->delivery = Delivery::multicast;
    describe(kVideoSdp);
    sent();
    EXPECT_EQ(header("Transport"), "RTP/AVP;multicast");
    answer(200, {"Session: 1", std::string("Transport: ") + transport});
    EXPECT_EQ(client->log, log);
    sent();
  }
}

TEST_F(Script, ATransportLeftOutIsTheOneAskedFor) {
  connect("rtsp://cam/x");
  describe(kVideoSdp);
  sent();
  answer(200, {"Session: 1"});
  EXPECT_EQ(client->ready.at(0).transport.interleaved, (Pair<uint8_t>{0, 1}));
}

TEST_F(Script, TwoTracksOnOneChannelAreRefused) {
  connect("rtsp://cam/x");
  describe(testing::kSdp);
  for (int i = 0; i < 2; ++i) {
    sent();
    answer(200, {"Session: 1", "Transport: RTP/AVP/TCP;unicast;interleaved=0-1"});
  }
  EXPECT_EQ(client->log, "described ready:0 refused:1:461 ");
}

TEST_F(Script, ASetupWithoutSessionIsAnError) {
  connect("rtsp://cam/x");
  describe(kVideoSdp);
  sent();
  answer(200);
  EXPECT_THAT(error->message(), HasSubstr("answer to SETUP: Session"));
}

struct Refusal {
  int status;
  Errc code;
  const char* sentence;
};

// lightNVR#579: a camera at its session limit must say so to people.
TEST_F(Script, RefusalsAreReadable_lightNVR579) {
  for (const auto& [status, code, sentence] :
       {Refusal{453, Errc::unavailable,
                "453 Not Enough Bandwidth; the server has as many sessions"},
        Refusal{454, Errc::unavailable, "454 Session Not Found"},
        Refusal{503, Errc::unavailable, "503 Service Unavailable; the server is overloaded"},
        Refusal{404, Errc::not_found, "404 Not Found; check the path"},
        Refusal{403, Errc::invalid_argument, "403 Forbidden"},
        Refusal{551, Errc::unsupported, "551 Option not supported"}}) {
    error.reset();
    sent_bytes.clear();
    connect("rtsp://cam/x");
    describe(kVideoSdp);
    sent();
    answer(status);
    ASSERT_TRUE(error) << status;
    EXPECT_EQ(error->code(), code) << status;
    EXPECT_THAT(error->message(), HasSubstr("rtsp: SETUP rtsp://cam/x/track1: "));
    EXPECT_THAT(error->message(), HasSubstr(sentence));
  }
}

TEST_F(Script, AnOptionalTrackMayFail_onvif) {
  const auto sdp = sdp::parse(
                       "m=video 0 RTP/AVP 96\na=rtpmap:96 H264/90000\na=recvonly\n"
                       "m=audio 0 RTP/AVP 0\na=recvonly\nm=audio 0 RTP/AVP 0\na=sendonly\n"
                       "m=application 0 RTP/AVP 107\na=rtpmap:107 vnd.onvif.metadata/90000\n"
                       "m=application/MERCURY 0 RTP/AVP smart/1/90000\na=rtpmap:95 MERCURY/90000\n"
                       "m=video 0 RTP/AVP 97\na=inactive\nm=video 0 UDP/MP2T 33\n")
                       .value();
  EXPECT_TRUE(is_back_channel(sdp, 2));
  EXPECT_THAT(choose_tracks(sdp),
              ElementsAre(TrackChoice{0, true}, TrackChoice{1, true}, TrackChoice{3, false}));
  // Where all is sendonly, that is a server's way to say that it only sends.
  EXPECT_THAT(choose_tracks(
                  sdp::parse("m=video 0 RTP/AVP 96\na=sendonly\nm=audio 0 RTP/AVP 0\na=sendonly\n")
                      .value()),
              ElementsAre(TrackChoice{0, true}, TrackChoice{1, true}));

  connect("rtsp://cam/x");
  client->session.describe(now);
  sent();
  answer(200);
  sent();
  answer(200, {}, testing::kSdp);
  // The owner of this test asked for both; the second is refused by a 500.
  client->log.clear();
  sent();
  answer(200, {"Session: 1", "Transport: RTP/AVP/TCP;interleaved=0-1"});
  sent();
  answer(500);
  EXPECT_TRUE(error);

  error.reset();
  connect("rtsp://cam/x");
  client->session.describe(now);
  sent();
  answer(200);
  sent();
  const std::string body = testing::kSdp;
  const std::string text =
      fmt::format("RTSP/1.0 200 OK\r\nCSeq: 2\r\nContent-Length: {}\r\n\r\n{}", body.size(), body);
  ASSERT_TRUE(client->session.receive(as_bytes(text), now));
  ASSERT_TRUE(client->session.next_event());
  client->session.setup({.media = 0, .client_port = {}}, now);
  client->session.setup({.media = 1, .client_port = {}, .required = false}, now);
  client->session.play(std::nullopt, now);
  sent();
  answer(200, {"Session: 1", "Transport: RTP/AVP/TCP;interleaved=0-1"});
  sent();
  answer(500);
  EXPECT_FALSE(error);
  EXPECT_THAT(sent(), HasSubstr("PLAY"));
  EXPECT_EQ(client->log, "ready:0 refused:1:500 ");
}

// --- Keep-alive: go2rtc#289, mediamtx#2908

TEST_F(Script, KeepsAliveWithGetParameterWhereItIsPublic) {
  play();
  EXPECT_EQ(client->session.deadline(), now + 15s);
  wait(14s);
  EXPECT_EQ(sent(), "");
  wait(1s);
  EXPECT_EQ(sent(), "GET_PARAMETER rtsp://cam/x");
  EXPECT_EQ(header("Session"), "abc");
  answer(200);
  wait(15s);
  EXPECT_EQ(sent(), "GET_PARAMETER rtsp://cam/x");
}

TEST_F(Script, KeepsAliveWithOptionsThenSetParameter) {
  play("OPTIONS, DESCRIBE, SETUP, PLAY");
  wait(15s);
  EXPECT_EQ(sent(), "OPTIONS rtsp://cam/x");
  answer(405);
  wait(15s);
  EXPECT_EQ(sent(), "SET_PARAMETER rtsp://cam/x");
  answer(451);
  wait(15s);
  EXPECT_EQ(sent(), "OPTIONS rtsp://cam/x");
  answer(500);
  EXPECT_FALSE(error);  // No keep-alive is worth a session that works.
}

TEST_F(Script, ALostSessionIsFound) {
  play();
  wait(15s);
  sent();
  answer(454);
  EXPECT_EQ(error->code(), Errc::unavailable);
}

TEST_F(Script, AnUnansweredKeepAliveIsNoHarmWhileMediaComes) {
  play();
  wait(15s);
  EXPECT_EQ(sent(), "GET_PARAMETER rtsp://cam/x");
  now += 5s;
  feed(frame(0, "media"));
  wait(5s);
  EXPECT_FALSE(error);
  wait(15s);
  EXPECT_EQ(sent(), "OPTIONS rtsp://cam/x");
  client->session.touch(now + 1s);  // udp
  wait(10s);
  EXPECT_FALSE(error);
}

TEST_F(Script, HalfOpenEnds) {
  play();
  wait(15s);
  wait(10s);
  ASSERT_TRUE(error);
  EXPECT_EQ(error->code(), Errc::timeout);
}

TEST_F(Script, EveryRequestHasADeadline) {
  connect("rtsp://cam/x");
  client->session.describe(now);
  EXPECT_EQ(client->session.deadline(), now + 10s);
  wait(9s);
  EXPECT_FALSE(error);
  wait(1s);
  EXPECT_THAT(error->message(), HasSubstr("OPTIONS rtsp://cam/x: no answer in 10000 ms"));
}

TEST_F(Script, ATeardownNobodyAnswersStillCloses) {
  play();
  client->session.teardown(now);
  wait(2s);
  EXPECT_EQ(client->log, "closed ");
  EXPECT_FALSE(error);
}

TEST_F(Script, TeardownBeforeASessionClosesAtOnce) {
  connect("rtsp://cam/x");
  client->session.describe(now);
  client->session.teardown(now);
  client->drain(now);
  EXPECT_EQ(client->log, "closed ");
}

// --- Requests of the server

TEST_F(Script, AnswersTheServersRequests) {
  play();
  for (const auto& [method, status] :
       {std::pair{"OPTIONS", "200"}, std::pair{"GET_PARAMETER", "200"},
        std::pair{"SET_PARAMETER", "200"}, std::pair{"ANNOUNCE", "405"}, std::pair{"PLAY", "405"},
        std::pair{"JUMP", "501"}, std::pair{"REDIRECT", "400"}}) {
    feed(fmt::format("{} rtsp://cam/x RTSP/1.0\r\nCSeq: 4\r\n\r\n", method));
    EXPECT_EQ(sent(), status) << method;
  }
  EXPECT_FALSE(error);
  feed("TEARDOWN rtsp://cam/x RTSP/1.0\r\nCSeq: 5\r\n\r\n");
  EXPECT_EQ(sent(), "200");
  EXPECT_EQ(client->log, "closed-by-server ");
}

TEST_F(Script, AnotherVersionIsRefused) {
  connect("rtsp://cam/x");
  client->session.describe(now);
  sent();
  feed("RTSP/2.0 200 OK\r\nCSeq: 1\r\n\r\n");
  EXPECT_EQ(error->code(), Errc::unsupported);
}

// --- Publishing

TEST_F(Script, Publishes) {
  connect("rtsp://srv/push");
  client->description = sdp::parse(testing::kSdp).value();
  ASSERT_TRUE(client->session.announce(client->description, now));
  EXPECT_EQ(sent(), "OPTIONS rtsp://srv/push");
  answer(200);
  EXPECT_EQ(sent(), "ANNOUNCE rtsp://srv/push");
  EXPECT_EQ(header("Content-Type"), "application/sdp");
  EXPECT_THAT(request.body, HasSubstr("a=control:streamid=1\r\n"));
  EXPECT_THAT(request.body, Not(HasSubstr("trackID")));
  answer(200);
  EXPECT_EQ(sent(), "SETUP rtsp://srv/push/streamid=0");
  EXPECT_EQ(header("Transport"), "RTP/AVP/TCP;unicast;interleaved=0-1;mode=record");
  answer(200, {"Session: 1", "Transport: RTP/AVP/TCP;unicast;interleaved=0-1;mode=record"});
  EXPECT_EQ(sent(), "SETUP rtsp://srv/push/streamid=1");
  EXPECT_EQ(header("Transport"), "RTP/AVP/TCP;unicast;interleaved=2-3;mode=record");
  answer(200, {"Session: 1", "Transport: RTP/AVP/TCP;unicast;interleaved=2-3;mode=record"});
  EXPECT_EQ(sent(), "RECORD rtsp://srv/push");
  answer(200);
  EXPECT_EQ(client->log, "announced ready:0 ready:1 recording ");
}

TEST_F(Script, WillNotAnnounceWhatCannotBePrinted) {
  connect("rtsp://srv/push");
  sdp::Session session;
  session.name = "a\nb";
  EXPECT_EQ(client->session.announce(session, now).error().code(), Errc::invalid_argument);
  EXPECT_EQ(sent(), "");
}

// --- Hostile servers

TEST_F(Script, GarbageBeforeTheSessionIsAnError) {
  connect("rtsp://cam/x");
  client->session.describe(now);
  feed(std::string(64 << 10, '\x81'));
  ASSERT_TRUE(error);
  EXPECT_EQ(error->code(), Errc::malformed);
  EXPECT_FALSE(client->session.receive({}, now));
}

TEST_F(Script, GarbageWhilePlayingIsSkippedAndCounted) {
  play();
  feed(std::string(64 << 10, '\x01'));
  feed(frame(0,
             "\x80\x60"
             "media"));
  EXPECT_FALSE(error);
  EXPECT_EQ(client->log,
            "rtp0:\x80\x60"
            "media ");
  EXPECT_EQ(client->session.reader().skipped_bytes(), 64u << 10);
}

TEST_F(Script, FramesBeforeSetupAreDropped) {
  connect("rtsp://cam/x");
  client->session.describe(now);
  sent();
  feed(frame(0, "early"));
  answer(200);
  EXPECT_EQ(client->log, "");
  EXPECT_EQ(client->session.dropped_messages(), 1u);
}

}  // namespace
}  // namespace pasu::rtsp
