#include "wire/rtsp/http_tunnel.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/base64.h"

namespace pasu::rtsp {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

Result<std::string> decode(std::string_view text, size_t piece) {
  Base64Stream stream;
  std::vector<uint8_t> out;
  for (; !text.empty(); text.remove_prefix(std::min(piece, text.size())))
    TRY(stream.decode(as_bytes(text.substr(0, piece)), out));
  return std::string(out.begin(), out.end());
}

TEST(Base64Stream, DecodesPiecesOfAnySize) {
  // Each request is encoded, and padded, by itself.
  const std::string text = to_base64(as_bytes("OPTIONS * RTSP/1.0\r\n\r\n")) + "\r\n" +
                           to_base64(as_bytes("a")) + to_base64(as_bytes("bc")) +
                           to_base64(as_bytes("def"));
  for (size_t piece = 1; piece < 12; ++piece)
    EXPECT_EQ(decode(text, piece).value(), "OPTIONS * RTSP/1.0\r\n\r\nabcdef");
}

TEST(Base64Stream, RefusesWithTheOffset) {
  EXPECT_THAT(decode("QUJD$", 2).error().message(), HasSubstr("byte 4 (0x24)"));
  for (const char* text : {"=", "Q=", "Q===", "QQ=Q", "QUJD=", "QQ==="})
    EXPECT_FALSE(decode(text, 1)) << text;
}

TEST(TunnelHead, ReadsBothHeads) {
  for (const auto kind : {TunnelKind::get, TunnelKind::post}) {
    const std::string text = tunnel_head(kind, "cam", "/live?a", "cookie1") + "QUJD";
    for (size_t piece = 1; piece < text.size(); piece += 7) {
      TunnelHead head;
      std::optional<TunnelRequest> request;
      std::string rest;
      for (size_t at = 0; at < text.size(); at += piece) {
        ByteView bytes = as_bytes(std::string_view(text).substr(at, piece));
        if (!request) request = head.receive(bytes).value();
        if (request) rest += as_text(bytes);
      }
      ASSERT_TRUE(request);
      EXPECT_EQ(request->kind, kind);
      EXPECT_EQ(request->cookie, "cookie1");
      EXPECT_EQ(request->path, "/live?a");
      EXPECT_EQ(rest, "QUJD");
    }
  }
}

TEST(TunnelHead, RefusesWhatIsNone) {
  const auto error = [](std::string text) {
    TunnelHead head;
    ByteView bytes = as_bytes(text);
    const auto request = head.receive(bytes);
    return request ? std::string(*request ? "whole" : "unfinished") : request.error().message();
  };
  EXPECT_EQ(error("GET / HTTP/1.0\r\nx-sessioncookie: a\r\n"), "unfinished");
  EXPECT_EQ(error("GET / HTTP/1.0\nX-SessionCookie:a\n\n"), "whole");
  EXPECT_THAT(error("PUT / HTTP/1.0\r\nx-sessioncookie: a\r\n\r\n"),
              HasSubstr("neither GET nor POST"));
  EXPECT_THAT(error("GET / RTSP/1.0\r\nx-sessioncookie: a\r\n\r\n"), HasSubstr("no HTTP/1"));
  EXPECT_THAT(error("GET / HTTP/1.0\r\n\r\n"), HasSubstr("no x-sessioncookie"));
  EXPECT_THAT(error("GET / HTTP/1.0\r\nx-sessioncookie: " + std::string(257, 'a') + "\r\n\r\n"),
              HasSubstr("over 256"));
  EXPECT_THAT(error("GET / HTTP/1.0\r\nx-sessioncookie: a\r\nx-sessioncookie: b\r\n\r\n"),
              HasSubstr("two x-sessioncookie"));
  EXPECT_THAT(error("GET / HTTP/1.0\r\nA: " + std::string(9000, 'a')),
              HasSubstr("over 8192 bytes"));
  EXPECT_THAT(error(std::string("GET /\0", 6)), HasSubstr("a NUL"));
}

TEST(TunnelHead, OneRequestPerConnection_live555) {
  TunnelHead head;
  const std::string text =
      tunnel_head(TunnelKind::get, "h", "/", "c") + tunnel_head(TunnelKind::post, "h", "/", "c");
  ByteView bytes = as_bytes(text);
  ASSERT_TRUE(head.receive(bytes).value());
  EXPECT_THAT(head.receive(bytes).error().message(), HasSubstr("second request"));
}

TEST(TunnelAnswer, ReadsUpToTheRtsp) {
  const std::string text = tunnel_answer() + "RTSP/1.0 200 OK\r\n";
  for (size_t piece = 1; piece < text.size(); piece += 5) {
    TunnelAnswer answer;
    bool good = false;
    std::string rest;
    for (size_t at = 0; at < text.size(); at += piece) {
      ByteView bytes = as_bytes(std::string_view(text).substr(at, piece));
      if (!good) good = answer.receive(bytes).value();
      if (good) rest += as_text(bytes);
    }
    EXPECT_EQ(rest, "RTSP/1.0 200 OK\r\n");
  }
}

TEST(TunnelAnswer, RefusalsAreNamed) {
  const auto error = [](std::string_view text) {
    TunnelAnswer answer;
    ByteView bytes = as_bytes(text);
    return answer.receive(bytes).error().message();
  };
  EXPECT_THAT(error("HTTP/1.1 404 Not Found\r\n\r\n"), HasSubstr("'HTTP/1.1 404 Not Found'"));
  EXPECT_THAT(error("RTSP/1.0 200 OK\r\n\r\n"), HasSubstr("is no HTTP status line"));
  EXPECT_THAT(error("\n\n"), HasSubstr("is no HTTP status line"));
}

TEST(TunnelHead, IsToldByTheFirstBytes) {
  EXPECT_EQ(looks_like_http(as_bytes("GET /")), true);
  EXPECT_EQ(looks_like_http(as_bytes("POST /")), true);
  EXPECT_EQ(looks_like_http(as_bytes("GET_PARAMETER")), false);
  EXPECT_EQ(looks_like_http(as_bytes("OPTIONS")), false);
  EXPECT_EQ(looks_like_http(as_bytes("GET")), std::nullopt);
  EXPECT_EQ(looks_like_http(as_bytes("P")), std::nullopt);
  EXPECT_EQ(looks_like_http({}), std::nullopt);
}

TEST(TunnelPairs, JoinsTheHalves) {
  TunnelPairs pairs;
  const MonoTime now{1h};
  EXPECT_FALSE(pairs.add(1, {TunnelKind::get, "a", "/"}, now).value());
  EXPECT_FALSE(pairs.add(2, {TunnelKind::post, "b", "/"}, now).value());
  const auto first = pairs.add(3, {TunnelKind::post, "a", "/"}, now).value();
  ASSERT_TRUE(first);
  EXPECT_EQ(first->get, 1u);
  EXPECT_EQ(first->post, 3u);
  const auto second = pairs.add(4, {TunnelKind::get, "b", "/"}, now).value();
  ASSERT_TRUE(second);
  EXPECT_EQ(second->get, 4u);
  EXPECT_EQ(second->post, 2u);
  EXPECT_EQ(pairs.waiting(), 0u);
}

TEST(TunnelPairs, OneCookieOnOneConnectionIsRefused_live555) {
  TunnelPairs pairs;
  ASSERT_TRUE(pairs.add(1, {TunnelKind::get, "a", "/"}, {}));
  EXPECT_EQ(pairs.add(1, {TunnelKind::post, "a", "/"}, {}).error().code(), Errc::malformed);
  EXPECT_EQ(pairs.add(2, {TunnelKind::get, "a", "/"}, {}).error().code(), Errc::exists);
}

TEST(TunnelPairs, HalvesAreBoundedAndExpire) {
  TunnelPairs pairs;
  const MonoTime now{1h};
  for (uint64_t i = 0; i < TunnelPairs::kWaitingMax; ++i)
    ASSERT_TRUE(
        pairs.add(i, {TunnelKind::get, std::to_string(i), "/"}, now + std::chrono::seconds(i % 2)));
  EXPECT_EQ(pairs.add(999, {TunnelKind::get, "x", "/"}, now).error().code(), Errc::too_large);
  pairs.remove(0);
  EXPECT_EQ(pairs.expire(now + 9s).size(), 0u);
  EXPECT_EQ(pairs.expire(now + 10s).size(), TunnelPairs::kWaitingMax / 2 - 1);
  EXPECT_EQ(pairs.expire(now + 11s).size(), TunnelPairs::kWaitingMax / 2);
  EXPECT_EQ(pairs.waiting(), 0u);
}

}  // namespace
}  // namespace pasu::rtsp
