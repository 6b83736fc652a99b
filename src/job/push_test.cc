// `pasu push` of a generated clip to our own servers, which die and come back.
#include "job/push.h"

#include <array>
#include <future>
#include <random>

#include <gtest/gtest.h>

#include "av/test_media.h"
#include "net/rtmp_server.h"
#include "net/rtsp_server.h"
#include "net/test_wait.h"

namespace pasu::job {
namespace {

using namespace std::chrono_literals;

TEST(PushBackoff, AHundredDoNotComeBackInTheSameSecond) {
  std::mt19937 random(1);
  for (int attempt = 0; attempt < 3; ++attempt) {
    std::array<int, 10> in_second{};
    for (int i = 0; i < 100; ++i) {
      Backoff backoff(kPushBackoff);
      std::chrono::milliseconds wait{0};
      for (int n = 0; n <= attempt; ++n)
        wait = backoff.next(std::uniform_real_distribution<double>(0, 1)(random));
      ++in_second.at(static_cast<size_t>(wait / 1s));
    }
    for (const int count : in_second) EXPECT_LE(count, 50);
  }
}

// The parameter is the protocol.
class PushTest : public av::MediaTest, public testing::WithParamInterface<const char*> {
 protected:
  void start_servers(uint16_t rtsp_port = 0, uint16_t rtmp_port = 0) {
    net::RtspServerOptions rtsp;
    rtsp.plain->port = rtsp_port;
    rtsp.auth.may = [](auto, auto, auto) { return true; };
    auto rtsp_server = net::RtspServer::start(threads_, registry_, std::move(rtsp));
    ASSERT_TRUE(rtsp_server) << rtsp_server.error().message();
    rtsp_ = std::move(*rtsp_server);
    net::RtmpServerOptions rtmp;
    rtmp.plain = net::ListenOptions{.port = rtmp_port};
    net::RtmpAccess access;
    access.allows = [](const auto&) { return true; };
    auto rtmp_server =
        net::RtmpServer::start(threads_, registry_, std::move(rtmp), std::move(access));
    ASSERT_TRUE(rtmp_server) << rtmp_server.error().message();
    rtmp_ = std::move(*rtmp_server);
  }
  uint64_t units() const { return stream_->stats().units; }

  hub::Registry registry_;
  net::IoThreads threads_{2};  // Connections end on them, and with these their publications.
  std::shared_ptr<hub::Stream> stream_;
  std::unique_ptr<net::RtspServer> rtsp_;
  std::unique_ptr<net::RtmpServer> rtmp_;
  std::atomic<bool> stop_ = false;
};

TEST_P(PushTest, ComesBackToAServerThatWasAway) {
  stream_ = *registry_.add("gate");
  ASSERT_NO_FATAL_FAILURE(start_servers());
  const uint16_t rtsp_port = rtsp_->port(), rtmp_port = rtmp_->port();
  const PushPlan plan{.input = av::media_path("h264_aac.mp4"),
                      .url = fmt::format("{}://127.0.0.1:{}/gate", GetParam(),
                                         GetParam() == std::string("rtsp") ? rtsp_port : rtmp_port),
                      .loop = true};
  auto done = std::async(std::launch::async, [&] {
    Progress progress(false);
    return push(plan, threads_.next(), progress, stop_);
  });
  EXPECT_TRUE(net::eventually([&] { return units() > 20; }));
  rtsp_.reset();
  rtmp_.reset();
  EXPECT_TRUE(net::eventually([&] { return !stream_->state().live; }));
  const uint64_t before = units();
  const auto gone = std::chrono::steady_clock::now();
  start_servers(rtsp_port, rtmp_port);
  EXPECT_TRUE(net::eventually([&] { return units() > before; }));
  EXPECT_LT(std::chrono::steady_clock::now() - gone, 10s);
  stop_ = true;
  const auto outcome = done.get();
  ASSERT_TRUE(outcome) << outcome.error().message();
  EXPECT_GE(outcome->reconnects, 1u);
  EXPECT_GT(outcome->dropped, 0u) << "what was due meanwhile";
}

INSTANTIATE_TEST_SUITE_P(By, PushTest, testing::Values("rtsp", "rtmp"),
                         [](const auto& info) { return std::string(info.param); });

}  // namespace
}  // namespace pasu::job
