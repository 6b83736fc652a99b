#include "wire/rtsp/url.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "wire/detail/text.h"

namespace pasu::rtsp {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

struct Case {
  const char* text;
  Url url;
  const char* request_uri;
};

Url url(bool tls, std::string user, std::string password, std::string host, uint16_t port,
        std::string path, std::string query = "") {
  return {tls,  std::move(user), std::move(password), std::move(host),
          port, std::move(path), std::move(query)};
}

const Case kCases[] = {
    {"rtsp://cam", url(false, "", "", "cam", 554, ""), "rtsp://cam"},
    {"rtsp://cam:8554/a/b", url(false, "", "", "cam", 8554, "/a/b"), "rtsp://cam:8554/a/b"},
    {"RTSPS://cam/a", url(true, "", "", "cam", 322, "/a"), "rtsps://cam/a"},
    {"rtsps://cam:554/", url(true, "", "", "cam", 554, "/"), "rtsps://cam:554/"},
    {"rtsp://ann:s%40cret@cam:/x?y=1&z", url(false, "ann", "s@cret", "cam", 554, "/x", "y=1&z"),
     "rtsp://cam/x?y=1&z"},
    // Passwords people do not encode.
    {"rtsp://ann:p@ss?1@cam/x", url(false, "ann", "p@ss?1", "cam", 554, "/x"), "rtsp://cam/x"},
    {"rtsp://ann:100%@cam/", url(false, "ann", "100%", "cam", 554, "/"), "rtsp://cam/"},
    {"rtsp://ann@cam/", url(false, "ann", "", "cam", 554, "/"), "rtsp://cam/"},
    {"rtsp://[2001:db8::1]:8554/x", url(false, "", "", "2001:db8::1", 8554, "/x"),
     "rtsp://[2001:db8::1]:8554/x"},
    {"rtsp://[::1]", url(false, "", "", "::1", 554, ""), "rtsp://[::1]"},
    {"rtsp://cam?token=1", url(false, "", "", "cam", 554, "", "token=1"), "rtsp://cam?token=1"},
    {"rtsp://cam/a@b", url(false, "", "", "cam", 554, "/a@b"), "rtsp://cam/a@b"},
};

TEST(Url, BothWays) {
  for (const auto& [text, expected, request_uri] : kCases) {
    const auto parsed = Url::parse(text);
    ASSERT_TRUE(parsed) << parsed.error().message();
    EXPECT_EQ(*parsed, expected) << text;
    EXPECT_EQ(parsed->request_uri(), request_uri);
    // Without its credentials, what is printed is what was read.
    auto plain = *parsed;
    plain.user.clear();
    plain.password.clear();
    EXPECT_EQ(Url::parse(request_uri).value(), plain) << text;
  }
}

TEST(Url, CredentialsNeverPrint) {
  const auto parsed = Url::parse("rtsp://ann:secret@cam/x").value();
  EXPECT_EQ(parsed.display(), "rtsp://***@cam/x");
  EXPECT_THAT(parsed.request_uri(), Not(HasSubstr("ann")));
  for (const char* text : {"rtsp://ann:secret@cam:99999/", "rtsp://ann:secret@/",
                           "rtsp://ann:secret@cam/a b", "http://ann:secret@cam/"}) {
    const auto refused = Url::parse(text);
    ASSERT_FALSE(refused) << text;
    EXPECT_THAT(refused.error().message(), Not(HasSubstr("secret"))) << text;
  }
}

TEST(Url, RefusesWhatIsNone) {
  for (const char* text :
       {"", "cam", "cam/x", "rtsp:/cam", "rtsp://", "rtsp:///x", "rtsp://cam:0/", "rtsp://cam:x/",
        "rtsp://[::1/x", "rtsp://[cam]/", "rtsp://[[::1]/", "rtsp://[::1]x/", "rtsp://cam/\r\nX: y",
        "rtsp://a%0d%0a:b@cam/", "rtspu://cam/", "http://cam/"})
    EXPECT_FALSE(Url::parse(text)) << text;
}

struct BaseCase {
  const char* name;
  const char* content_base;
  const char* base;
};

const BaseCase kBases[] = {
    {"Missing", "", "rtsp://cam:8554/live?a=b"},
    {"Plain", "rtsp://cam:8554/live/", "rtsp://cam:8554/live/"},
    {"TwoSchemes_go2rtc208", "rtsp://rtsp://cam.lan:554/stream1/", "rtsp://cam:8554/stream1/"},
    {"NoScheme_go2rtc1852", "192.168.253.220:1935/", "rtsp://cam:8554/"},
    {"NoSchemeWithPath_moonfire356", "192.168.1.10:554/stream0/", "rtsp://cam:8554/stream0/"},
    {"PathAlone", "/live/", "rtsp://cam:8554/live/"},
    {"InnerAddress", "rtsp://10.0.0.1/live/", "rtsp://cam:8554/live/"},
    {"Credentials", "rtsp://admin:Secret@10.0.0.1:554/p2/media.smp",
     "rtsp://cam:8554/p2/media.smp"},
    {"Garbage", "rtsp://", "rtsp://cam:8554/live?a=b"},
    {"Blanks", "  ", "rtsp://cam:8554/live?a=b"},
};

TEST(Url, BaseOfDescriptions) {
  const auto request = Url::parse("rtsp://ann:secret@cam:8554/live?a=b").value();
  for (const auto& [name, content_base, base] : kBases)
    EXPECT_EQ(base_url(request, content_base), base) << name;
}

struct ControlCase {
  const char* base;
  const char* control;
  const char* url;
};

const ControlCase kControls[] = {
    {"rtsp://cam/live", "", "rtsp://cam/live"},
    {"rtsp://cam/live/", "*", "rtsp://cam/live/"},
    {"rtsp://cam/live", "trackID=1", "rtsp://cam/live/trackID=1"},
    {"rtsp://cam/live/", "trackID=1", "rtsp://cam/live/trackID=1"},
    {"rtsp://cam/live/", "/trackID=1", "rtsp://cam/live/trackID=1"},
    {"rtsp://cam/live?a=b", "trackID=1", "rtsp://cam/live?a=b/trackID=1"},
    {"rtsp://cam/live?a=b/", "trackID=1", "rtsp://cam/live?a=b/trackID=1"},
    {"rtsp://cam/live", "?ctype=video", "rtsp://cam/live?ctype=video"},
    {"rtsp://cam/live", "rtsp://cam/live/track1", "rtsp://cam/live/track1"},
    {"rtsp://cam/live", "rtsp://10.0.0.1:554/live/track1", "rtsp://cam/live/track1"},
    {"rtsp://cam/live", "rtsp://a:b@10.0.0.1/live/t", "rtsp://cam/live/t"},
    {"rtsp://cam/live", "RTSP://cam/live/track1", "rtsp://cam/live/track1"},
};

TEST(Url, Controls_Rfc2326_C_1_1) {
  const auto request = Url::parse("rtsp://cam/live").value();
  for (const auto& [base, control, expected] : kControls)
    EXPECT_EQ(control_url(request, base, control), expected) << base << " " << control;
}

TEST(Url, PercentDecoding) {
  using wire::detail::percent_decode;
  EXPECT_EQ(percent_decode("%41%62c"), "Abc");
  EXPECT_EQ(percent_decode("100%"), "100%");
  EXPECT_EQ(percent_decode("%4"), "%4");
  EXPECT_EQ(percent_decode("%zz%4"), "%zz%4");
  EXPECT_EQ(percent_decode("%zz%20"), "%zz ");
  EXPECT_EQ(percent_decode("%41"), "A");
}

}  // namespace
}  // namespace pasu::rtsp
