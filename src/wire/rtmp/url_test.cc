#include "wire/rtmp/url.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pasu::rtmp {
namespace {

struct Case {
  const char* text;
  bool tls;
  const char* host;
  int port;
  const char* app;
  const char* stream;
  const char* tc_url;
};

const Case kCases[] = {
    {"rtmp://host/cam", false, "host", 1935, "cam", "", "rtmp://host/cam"},
    {"rtmp://host/cam/boxes", false, "host", 1935, "cam", "boxes", "rtmp://host/cam"},
    {"rtmp://host", false, "host", 1935, "", "", "rtmp://host/"},
    {"rtmp://host/", false, "host", 1935, "", "", "rtmp://host/"},
    {"rtmp://host:1936/a/b", false, "host", 1936, "a", "b", "rtmp://host:1936/a"},
    {"rtmps://host/a/b", true, "host", 443, "a", "b", "rtmps://host/a"},
    {"RTMP://host:/a/b", false, "host", 1935, "a", "b", "rtmp://host/a"},
    {"rtmp://[::1]:99/a/b", false, "::1", 99, "a", "b", "rtmp://[::1]:99/a"},
    // FFmpeg's split: an application may have an instance.
    {"rtmp://host/app/inst/name", false, "host", 1935, "app/inst", "name", "rtmp://host/app/inst"},
    {"rtmp://host/app/mp4:dir/name", false, "host", 1935, "app", "mp4:dir/name", "rtmp://host/app"},
    {"rtmp://host/app/key?a=b/c&d=e", false, "host", 1935, "app", "key?a=b/c&d=e",
     "rtmp://host/app"},
    {"rtmp://host/app?a=b/c", false, "host", 1935, "app?a=b/c", "", "rtmp://host/app?a=b/c"},
    {"rtmp://host/app/?key=1", false, "host", 1935, "app", "?key=1", "rtmp://host/app"},
};

TEST(RtmpUrl, Table) {
  for (const Case& c : kCases) {
    SCOPED_TRACE(c.text);
    const auto url = Url::parse(c.text);
    ASSERT_TRUE(url) << url.error().message();
    EXPECT_EQ(url->tls, c.tls);
    EXPECT_EQ(url->host, c.host);
    EXPECT_EQ(url->port, c.port);
    EXPECT_EQ(url->app, c.app);
    EXPECT_EQ(url->stream, c.stream);
    EXPECT_EQ(url->tc_url(), c.tc_url);
  }
}

TEST(RtmpUrl, CredentialsAreDecodedAndNotPrinted) {
  const auto url = Url::parse("rtmp://us%40er:p%3Aa:ss@host/app/key?token=secret").value();
  EXPECT_EQ(url.credentials, (Credentials{"us@er", "p:a:ss"}));
  EXPECT_EQ(url.host, "host");
  EXPECT_EQ(url.to_string(), "rtmp://host/app/key");
}

TEST(RtmpUrl, RefusedWithTheReason) {
  for (const char* text :
       {"", "http://host/a", "rtmp:/host", "rtmp://", "rtmp:///a", "rtmp://host:0/a",
        "rtmp://host:65536/a", "rtmp://host:1x/a", "rtmp://[::1/a", "rtmp://[::1]x/a",
        "rtmp://[host]/a", "rtmp://[[::1]/a"}) {
    const auto url = Url::parse(text);
    ASSERT_FALSE(url) << text;
    EXPECT_EQ(url.error().code(), Errc::invalid_argument);
    EXPECT_THAT(url.error().message(), testing::HasSubstr("RTMP address"));
  }
}

TEST(RtmpUrl, PathOfApplicationAndStream) {
  EXPECT_EQ(stream_path("cam", ""), "cam");
  EXPECT_EQ(stream_path("cam", "boxes"), "cam/boxes");
  EXPECT_EQ(stream_path("", "cam"), "cam");
  EXPECT_EQ(stream_path("cam?user=u", "boxes?pass=p"), "cam/boxes");
  EXPECT_EQ(stream_path("/cam/", "/mp4:boxes"), "cam/mp4:boxes");
  EXPECT_EQ(stream_path("cam", "mp4:boxes"), "cam/boxes");
  EXPECT_EQ(stream_path("a//b", "c"), "a/b/c");
}

TEST(RtmpUrl, CredentialsInQueries) {
  EXPECT_EQ(query_credentials("a", "k?user=u&pass=p%20q"), (Credentials{"u", "p q"}));
  EXPECT_EQ(query_credentials("a?username=u&password=p", "k"), (Credentials{"u", "p"}));
  EXPECT_EQ(query_credentials("a?user=x&pass=y", "k?user=u&pass=p"), (Credentials{"u", "p"}));
  EXPECT_TRUE(query_credentials("a", "k").empty());
}

}  // namespace
}  // namespace pasu::rtmp
