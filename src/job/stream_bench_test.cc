// The load generator against our own servers.
#include "job/stream_bench.h"

#include <unistd.h>

#include <gmock/gmock.h>

#include "av/test_media.h"
#include "hub/registry.h"
#include "job/process_tree.h"
#include "net/rtmp_server.h"
#include "net/rtsp_server.h"

namespace pasu::job {
namespace {

using testing::HasSubstr;

class StreamBenchTest : public av::MediaTest {
 protected:
  void SetUp() override {
    net::RtspServerOptions rtsp;
    rtsp.plain->address = "127.0.0.1";
    rtsp.auth.may = [](auto, auto, auto) { return true; };
    auto rtsp_server = net::RtspServer::start(threads_, registry_, std::move(rtsp));
    ASSERT_TRUE(rtsp_server) << rtsp_server.error().message();
    rtsp_ = std::move(*rtsp_server);
    net::RtmpServerOptions rtmp;
    rtmp.plain.emplace().address = "127.0.0.1";
    auto rtmp_server =
        net::RtmpServer::start(threads_, registry_, std::move(rtmp),
                               {.allows = [](const auto&) { return true; }, .password_of = {}});
    ASSERT_TRUE(rtmp_server) << rtmp_server.error().message();
    rtmp_ = std::move(*rtmp_server);
  }

  StreamLoad load(const std::string& url) const {
    StreamLoad out;
    out.url = url;
    out.readers = 3;
    out.clip = av::media_path("h264_aac.mp4");
    out.server = getpid();
    out.seconds = 1;
    out.newcomers = 2;
    return out;
  }
  std::string rtsp(const std::string& path) const {
    return fmt::format("rtsp://127.0.0.1:{}/{}", rtsp_->port(), path);
  }
  static void expect_good(const Result<StreamCost>& cost, int readers) {
    ASSERT_TRUE(cost) << cost.error().message();
    EXPECT_EQ(cost->readers, readers);
    EXPECT_EQ(cost->failed, 0) << cost->first_failure;
    EXPECT_EQ(cost->lost, 0u);
    EXPECT_GT(cost->pictures, 0u);
    EXPECT_GT(cost->latency_ms.count, 0u);
    EXPECT_GT(cost->latency_ms.p50, 0);
    EXPECT_GT(cost->cpu_ms_per_reader_second, 0);
    EXPECT_GT(cost->rss_mb, 1);
  }

  const std::atomic<bool> stop_ = false;
  hub::Registry registry_;
  net::IoThreads threads_{1};
  std::unique_ptr<net::RtspServer> rtsp_;
  std::unique_ptr<net::RtmpServer> rtmp_;
};

TEST_F(StreamBenchTest, ReadersByTcp) {
  const auto cost = bench_stream(load(rtsp("bench")), stop_);
  expect_good(cost, 3);
  EXPECT_EQ(cost->first_picture_ms.count, 2u);
}

TEST_F(StreamBenchTest, ReadersByUdp) {
  auto one = load(rtsp("bench"));
  one.transport = net::ClientTransport::udp;
  expect_good(bench_stream(one, stop_), 3);
}

TEST_F(StreamBenchTest, RtmpWithAPublisherEach) {
  auto one = load(fmt::format("rtmp://127.0.0.1:{}/bench%", rtmp_->port()));
  one.publishers = 3;
  one.newcomers = 0;
  expect_good(bench_stream(one, stop_), 3);
}

TEST_F(StreamBenchTest, SaysWhyNobodyPlays) {
  auto one = load(rtsp("bench"));
  one.publishers = 0;
  one.url = "rtsp://127.0.0.1:1/bench";
  one.patience = std::chrono::seconds(2);
  const auto cost = bench_stream(one, stop_);
  ASSERT_FALSE(cost);
  EXPECT_THAT(cost.error().message(), HasSubstr("no reader has a picture: "));
}

TEST_F(StreamBenchTest, SaysWhyAPublisherIsRefused) {
  auto one = load(rtsp("bench"));
  const auto taken = registry_.publish("bench");
  ASSERT_TRUE(taken);
  EXPECT_FALSE(bench_stream(one, stop_));
}

TEST(ProcessTree, CountsOneself) {
  const auto usage = tree_usage(getpid());
  ASSERT_TRUE(usage);
  EXPECT_GT(usage->rss_mb, 1);
  EXPECT_EQ(tree_usage(-5).error().code(), Errc::not_found);
}

}  // namespace
}  // namespace pasu::job
