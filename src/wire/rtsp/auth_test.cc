#include "wire/rtsp/auth.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "wire/rtsp/client_auth.h"
#include "wire/rtsp/server_auth.h"
#include "wire/rtsp/test_peers.h"

namespace pasu::rtsp {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using Verdict = ServerAuth::Verdict;

struct Golden {
  const char* name;
  const char* challenge;
  const char* user;
  const char* password;
  const char* cnonce;
  const char* response;
};

// The examples of the RFCs, all for GET /dir/index.html.
const Golden kGolden[] = {
    {"Rfc2617_3_5",
     "Digest realm=\"testrealm@host.com\", qop=\"auth,auth-int\", "
     "nonce=\"dcd98b7102dd2f0e8b11d0f600bfb0c093\", opaque=\"5ccc069c403ebaf9f0171e9517f40e41\"",
     "Mufasa", "Circle Of Life", "0a4f113b", "6629fae49393a05397450978507c4ef1"},
    // RFC 2069 2.4, with the response its erratum 749 gives.
    {"Rfc2069_2_4",
     "Digest realm=\"testrealm@host.com\", nonce=\"dcd98b7102dd2f0e8b11d0f600bfb0c093\", "
     "opaque=\"5ccc069c403ebaf9f0171e9517f40e41\"",
     "Mufasa", "CircleOfLife", "", "1949323746fe6a43ef61f9606e7febea"},
    {"Rfc7616_3_9_1_Md5",
     "Digest realm=\"http-auth@example.org\", qop=\"auth, auth-int\", algorithm=MD5, "
     "nonce=\"7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v\", "
     "opaque=\"FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS\"",
     "Mufasa", "Circle of Life", "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ",
     "8ca523f5e9506fed4657c9700eebdbec"},
    {"Rfc7616_3_9_1_Sha256",
     "Digest realm=\"http-auth@example.org\", qop=\"auth, auth-int\", algorithm=SHA-256, "
     "nonce=\"7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v\", "
     "opaque=\"FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS\"",
     "Mufasa", "Circle of Life", "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ",
     "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"},
};

TEST(Digest, GoldenResponses) {
  for (const auto& golden : kGolden) {
    const auto challenges = parse_challenges(golden.challenge);
    ASSERT_EQ(challenges.size(), 1u) << golden.name;
    Credentials credentials;
    credentials.scheme = challenges[0].scheme;
    credentials.realm = challenges[0].realm;
    credentials.nonce = challenges[0].nonce;
    credentials.qop_auth = challenges[0].qop_auth;
    credentials.user = golden.user;
    credentials.uri = "/dir/index.html";
    credentials.cnonce = golden.cnonce;
    credentials.nonce_count = "00000001";
    EXPECT_EQ(digest_response(credentials, golden.password, "GET"), golden.response) << golden.name;
    EXPECT_EQ(challenges[0].qop_auth, *golden.cnonce != '\0') << golden.name;
  }
}

std::string summary(const Challenge& c) {
  const char* const kNames[] = {"basic", "md5", "sha256"};
  return fmt::format("{}{} {} {}{}{}", kNames[static_cast<int>(c.scheme)], c.session ? "-sess" : "",
                     c.realm, c.nonce, c.qop_auth ? " qop" : "", c.stale ? " stale" : "");
}

struct ChallengeCase {
  const char* name;
  const char* value;
  std::vector<std::string> challenges;
};

const ChallengeCase kChallenges[] = {
    {"Basic", "Basic realm=\"TP-LINK IP-Camera\"", {"basic TP-LINK IP-Camera "}},
    {"StaleFalse_mediamtx2348",
     "Digest realm=\"c479050d9049\",nonce=\"ae23\", stale=\"FALSE\"",
     {"md5 c479050d9049 ae23"}},
    {"StaleTrue", "Digest realm=\"a\", nonce=\"b\", stale=TRUE", {"md5 a b stale"}},
    {"SeveralInOneField",
     "Digest realm=\"a, b\", nonce=\"n\", Basic realm=\"c\", Digest "
     "realm=d,nonce=e,algorithm=SHA-256",
     {"md5 a, b n", "basic c ", "sha256 d e"}},
    {"QuotedAlgorithmAndQop",
     "digest Realm=\"a\", NONCE=\"b\", algorithm=\"md5\", qop=auth",
     {"md5 a b qop"}},
    {"Sessions",
     "Digest realm=\"a\", nonce=\"b\", algorithm=MD5-sess, Digest realm=\"a\", nonce=\"b\", "
     "algorithm=SHA-256-sess",
     {"md5-sess a b", "sha256-sess a b"}},
    {"EscapedQuote", "Digest realm=\"a\\\"b\", nonce=\"c\"", {"md5 a\"b c"}},
    {"BlanksAroundEquals", "Digest realm = \"a\" , nonce = \"b\"", {"md5 a b"}},
    {"UnknownSchemeAlgorithmQop",
     "Bearer realm=\"x\", Digest realm=\"a\", nonce=\"b\", algorithm=SHA-512-256, Digest "
     "realm=\"a\", nonce=\"b\", qop=\"auth-int\"",
     {}},
    {"NoNonce", "Digest realm=\"a\"", {}},
    {"Unterminated", "Digest nonce=\"b\", realm=\"a", {"md5 a b"}},
    {"Empty", "", {}},
    {"Odd", " ,,= \"=,\\", {}},
};

TEST(Challenge, ReadsWhatCamerasSend) {
  for (const auto& [name, value, expected] : kChallenges) {
    std::vector<std::string> got;
    for (const auto& challenge : parse_challenges(value)) {
      got.push_back(summary(challenge));
      EXPECT_THAT(parse_challenges(to_string(challenge)), ElementsAre(challenge)) << name;
    }
    EXPECT_EQ(got, expected) << name;
  }
}

TEST(Challenge, TheStrongestOfSeveralFieldsIsChosen) {
  Headers headers;
  headers.add("WWW-Authenticate", "Basic realm=\"a\"");
  EXPECT_EQ(best_challenge(headers)->scheme, AuthScheme::basic);
  headers.add("www-authenticate", "Digest realm=\"a\", nonce=\"1\", algorithm=SHA-256");
  headers.add("WWW-Authenticate", "Digest realm=\"a\", nonce=\"2\"");
  EXPECT_EQ(best_challenge(headers)->nonce, "1");
  EXPECT_EQ(best_challenge(Headers()), std::nullopt);
}

TEST(Credentials, BothWays) {
  Credentials basic;
  basic.scheme = AuthScheme::basic;
  basic.user = "Aladdin";
  basic.password = "open sesame";
  EXPECT_EQ(to_string(basic), "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");  // RFC 7617 2.
  const auto back = parse_credentials(to_string(basic)).value();
  EXPECT_EQ(back.user, basic.user);
  EXPECT_EQ(back.password, basic.password);
  EXPECT_EQ(parse_credentials("basic YTpiOmM=").value().password, "b:c");

  Credentials digest;
  digest.scheme = AuthScheme::digest_sha256;
  digest.user = "a\"b";
  digest.realm = "r";
  digest.nonce = "n";
  digest.uri = "rtsp://h/x,y";
  digest.response = "ff";
  digest.opaque = "o";
  digest.qop_auth = true;
  digest.cnonce = "c";
  digest.nonce_count = "00000002";
  const std::string text = to_string(digest);
  const auto again = parse_credentials(text).value();
  EXPECT_EQ(to_string(again), text);
  EXPECT_EQ(again.user, "a\"b");
  EXPECT_EQ(again.uri, "rtsp://h/x,y");
}

TEST(Credentials, RefusesWithoutRepeatingThem) {
  for (const char* text :
       {"", "Basic", "Basic ???", "Basic c2VjcmV0", "Bearer secret", "Digest username=\"secret\"",
        "Digest username=\"secret\", nonce=\"a\", uri=\"b\"",
        "Digest username=\"secret\", nonce=\"a\", uri=\"b\", response=\"c\", qop=auth",
        "Digest username=\"secret\", nonce=\"a\", uri=\"b\", response=\"c\", qop=auth-int",
        "Digest username=\"secret\", nonce=\"a\", uri=\"b\", response=\"c\", algorithm=X"}) {
    const auto credentials = parse_credentials(text);
    ASSERT_FALSE(credentials) << text;
    EXPECT_THAT(credentials.error().message(), Not(HasSubstr("secret"))) << text;
  }
}

// The client's answers, checked by the server.
class Authentication : public ::testing::Test {
 protected:
  Verdict check(std::string_view path = "cam", Access access = Access::read) {
    request.uri = "rtsp://host/" + std::string(path);
    return server.check(request, path, access, now, user);
  }
  // One round: what the server asks, the client answers.
  void authorize(ClientAuth& client, std::string_view method = "DESCRIBE",
                 std::string_view uri = "rtsp://host/cam") {
    Headers challenges;
    server.add_challenges(challenges, now);
    ASSERT_TRUE(client.take_challenge(challenges));
    present(*client.authorization(method, uri));
  }
  void present(const std::string& authorization) {
    request.headers = {};
    request.headers.add("Authorization", authorization);
  }

  MonoTime now{1h};
  ServerAuth server{testing::ann()};
  ClientAuth ann{"ann", "secret"};
  Request request{Method::describe, "DESCRIBE", "", "1.0", {}, ""};
  std::string user;
};

TEST_F(Authentication, GrantsTheRightPassword) {
  EXPECT_EQ(check(), Verdict::challenge);
  authorize(ann);
  EXPECT_EQ(check(), Verdict::granted);
  EXPECT_EQ(user, "ann");
}

TEST_F(Authentication, Md5ComesLastForPlayersThatTakeTheLast) {
  Headers headers;
  server.add_challenges(headers, now);
  const auto fields = headers.find_all("WWW-Authenticate");
  ASSERT_EQ(fields.size(), 2u);
  EXPECT_THAT(fields[0], HasSubstr("SHA-256"));
  EXPECT_THAT(fields[1], HasSubstr("MD5"));
  // Such a player, that moreover knows nothing of qop.
  auto challenge = parse_challenges(fields[1]).at(0);
  challenge.qop_auth = false;
  Headers only;
  only.add("WWW-Authenticate", to_string(challenge));
  ASSERT_TRUE(ann.take_challenge(only));
  present(*ann.authorization("DESCRIBE", "rtsp://host/cam"));
  EXPECT_EQ(check(), Verdict::granted);
}

TEST_F(Authentication, AnybodyMayWhatAnybodyMay) {
  EXPECT_EQ(check("open"), Verdict::granted);
  EXPECT_EQ(user, "");
  EXPECT_EQ(check("open", Access::publish), Verdict::challenge);
}

TEST_F(Authentication, RightsAreByPathAndAccess) {
  authorize(ann);
  EXPECT_EQ(check("cam", Access::publish), Verdict::forbidden);
}

TEST_F(Authentication, RefusesWrongUsersAndPasswords) {
  ClientAuth wrong("ann", "Secret"), nobody("bob", "secret"), empty("bob", "");
  for (ClientAuth* client : {&wrong, &nobody, &empty}) {
    authorize(*client);
    EXPECT_EQ(check(), Verdict::wrong);
  }
}

TEST_F(Authentication, BasicOnlyWhereAllowed) {
  present("Basic YW5uOnNlY3JldA==");  // ann:secret
  EXPECT_EQ(check(), Verdict::challenge);
  auto policy = testing::ann();
  policy.allow_basic = true;
  server = ServerAuth(policy);
  EXPECT_EQ(check(), Verdict::granted);
  present("Basic YW5uOnNlY3JlVA==");
  EXPECT_EQ(check(), Verdict::wrong);
  present("Basic Ym9iOg==");  // bob, no password
  EXPECT_EQ(check(), Verdict::wrong);
  present("Basic Og==");
  EXPECT_EQ(check(), Verdict::wrong);
}

TEST_F(Authentication, AnOldNonceIsStale) {
  authorize(ann);
  now += 301s;
  EXPECT_EQ(check(), Verdict::challenge);
  Headers headers;
  server.add_challenges(headers, now);
  EXPECT_TRUE(best_challenge(headers)->stale);
  authorize(ann);
  EXPECT_EQ(check(), Verdict::granted);
}

TEST_F(Authentication, NoncesAreGoodOnOneConnection) {
  authorize(ann);
  server = ServerAuth(testing::ann());
  Headers ignored;
  server.add_challenges(ignored, now);
  EXPECT_EQ(check(), Verdict::challenge);
}

TEST_F(Authentication, AReplayIsStale) {
  authorize(ann);
  EXPECT_EQ(check(), Verdict::granted);
  EXPECT_EQ(check(), Verdict::challenge);
  Headers headers;
  server.add_challenges(headers, now);
  EXPECT_TRUE(best_challenge(headers)->stale);
}

TEST_F(Authentication, TheNonceCountGrows) {
  authorize(ann);
  EXPECT_EQ(check(), Verdict::granted);
  const auto next = *ann.authorization("DESCRIBE", "rtsp://host/cam");
  EXPECT_THAT(next, HasSubstr("nc=00000002"));
  present(next);
  EXPECT_EQ(check(), Verdict::granted);
}

TEST_F(Authentication, TheDigestIsBoundToMethodAndUri) {
  authorize(ann, "PLAY");
  EXPECT_EQ(check(), Verdict::wrong);
  authorize(ann, "DESCRIBE", "rtsp://host/other");
  EXPECT_EQ(check(), Verdict::wrong);
  authorize(ann, "DESCRIBE", "rtsp://host/ca");
  EXPECT_EQ(check(), Verdict::wrong);
  authorize(ann, "DESCRIBE", "rtsp://host/cam/");
  EXPECT_EQ(check(), Verdict::granted);
  authorize(ann, "DESCRIBE", "/cam");
  EXPECT_EQ(check(), Verdict::granted);
}

TEST_F(Authentication, RepeatedFieldsAreRefused_live555) {
  authorize(ann);
  request.headers.add("Authorization", "Basic YW5uOnNlY3JldA==");
  EXPECT_EQ(check(), Verdict::contradicted);
  present("Digest username=");
  EXPECT_EQ(check(), Verdict::contradicted);
}

TEST_F(Authentication, WithoutAPolicyNothingIsGranted) {
  server = ServerAuth(AuthPolicy());
  EXPECT_EQ(check("open"), Verdict::forbidden);
}

TEST(ClientAuth, AnswersBasicAndSessions) {
  ClientAuth client("Aladdin", "open sesame");
  EXPECT_EQ(client.authorization("OPTIONS", "*"), std::nullopt);
  Headers headers;
  EXPECT_FALSE(client.take_challenge(headers));
  headers.add("WWW-Authenticate", "Basic realm=\"x\"");
  ASSERT_TRUE(client.take_challenge(headers));
  EXPECT_EQ(client.authorization("OPTIONS", "*"), "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
  headers.add("WWW-Authenticate", "Digest realm=\"x\", nonce=\"n\", algorithm=MD5-sess, qop=auth");
  ASSERT_TRUE(client.take_challenge(headers));
  const auto credentials = parse_credentials(*client.authorization("OPTIONS", "*")).value();
  EXPECT_TRUE(credentials.session);
  EXPECT_EQ(credentials.response, digest_response(credentials, "open sesame", "OPTIONS"));
}

}  // namespace
}  // namespace pasu::rtsp
