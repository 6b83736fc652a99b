// Streams of our own servers as commands read them.
#include "job/open_input.h"

#include <algorithm>
#include <thread>

#include <gmock/gmock.h>

#include "av/test_media.h"
#include "hub/registry.h"
#include "net/rtmp_server.h"
#include "net/rtsp_server.h"

namespace pasu::job {
namespace {

using av::media_path;
using testing::HasSubstr;

class OpenInputTest : public av::MediaTest {
 protected:
  void SetUp() override {
    av::MediaTest::SetUp();
    net::RtspServerOptions rtsp;
    rtsp.auth.may = [](auto, auto, auto) { return true; };
    rtsp_ = net::RtspServer::start(threads_, registry_, rtsp).value();
    net::RtmpServerOptions rtmp;
    rtmp.plain = net::ListenOptions();
    net::RtmpAccess access;
    access.allows = [](const auto&) { return true; };
    rtmp_ = net::RtmpServer::start(threads_, registry_, rtmp, access).value();
  }
  std::string url(const std::string& scheme, const std::string& path = "gate") const {
    const int port = scheme == "rtmp" ? rtmp_->port() : rtsp_->port();
    return fmt::format("{}://127.0.0.1:{}/{}", scheme, port, path);
  }
  // The clip's units, published while a reader comes: its first GOP waits in the hub.
  std::vector<media::AccessUnit> publish(const std::string& clip) {
    auto file = open_input(media_path(clip), {}, stop_).value();
    publication_ = registry_.publish("gate").value();
    EXPECT_TRUE(publication_->set_tracks(file->info().streams));
    std::vector<media::AccessUnit> units;
    for (;;) {
      auto unit = file->read();
      if (!unit || !*unit) break;
      units.push_back(**unit);
      publication_->publish(std::move(**unit));
    }
    return units;
  }

  std::atomic<bool> stop_ = false;
  hub::Registry registry_;
  net::IoThreads threads_{2};
  std::unique_ptr<net::RtspServer> rtsp_;
  std::unique_ptr<net::RtmpServer> rtmp_;
  std::unique_ptr<hub::Publication> publication_;
};

TEST_F(OpenInputTest, StreamsComeAsTheFileWas) {
  const auto sent = publish("h264_aac.mp4");
  for (const char* scheme : {"rtsp", "rtmp"}) {
    SCOPED_TRACE(scheme);
    net::PullOptions pull;
    pull.transport = net::ClientTransport::tcp;
    const auto input = open_input(url(scheme), pull, stop_);
    ASSERT_TRUE(input) << input.error().message();
    EXPECT_FALSE((*input)->is_file());
    EXPECT_EQ((*input)->info().format, scheme);
    ASSERT_EQ((*input)->info().streams.size(), 2u);
    const auto* video = av::find_video((*input)->info());
    ASSERT_NE(video, nullptr);
    EXPECT_EQ(video->codec, media::Codec::h264);
    EXPECT_GT(video->width, 0);
    EXPECT_FALSE((*input)->rewind());
    // From the last key picture on, each with the bytes it had.
    const auto key = std::ranges::find_if(
        sent.rbegin(), sent.rend(), [](const auto& unit) { return unit.stream == 0 && unit.key; });
    ASSERT_NE(key, sent.rend());
    auto expected = key.base() - 1;
    for (int count = 0; count < 10;) {
      const auto unit = (*input)->read();
      ASSERT_TRUE(unit) << unit.error().message();
      ASSERT_TRUE(*unit);
      if ((*unit)->stream != video->index) continue;
      const ByteView whole = (*unit)->data, body = expected->data;
      // Parameter sets may be in front.
      const size_t tail = std::min(whole.size(), body.size());
      EXPECT_TRUE(std::ranges::equal(whole.last(tail), body.last(tail))) << count;
      EXPECT_EQ((*unit)->key, expected->key) << count;
      ++count;
      expected =
          std::find_if(expected + 1, sent.end(), [](const auto& u) { return u.stream == 0; });
      if (expected == sent.end()) break;
    }
  }
}

TEST_F(OpenInputTest, ErrorsNameTheAddressAndWhatHelps) {
  for (const char* scheme : {"rtsp", "rtmp"}) {
    SCOPED_TRACE(scheme);
    const auto refused =
        open_input(std::string(scheme) + "://ann:secret@127.0.0.1:1/live", {}, stop_);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code(), Errc::unavailable);
    EXPECT_THAT(refused.error().message(), HasSubstr("127.0.0.1:1/live"));
    EXPECT_THAT(refused.error().message(), HasSubstr(" runs"));
    EXPECT_THAT(refused.error().message(), testing::Not(HasSubstr("secret")));
  }
  const auto missing = open_input(url("rtsp", "nowhere"), {}, stop_);
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code(), Errc::not_found);
  EXPECT_THAT(missing.error().message(), HasSubstr("/nowhere"));
}

TEST_F(OpenInputTest, StopsWhileItWaits) {
  ASSERT_TRUE(registry_.add("silent"));
  for (const char* scheme : {"rtsp", "rtmp"}) {
    stop_ = false;
    std::thread stopper([&] { stop_ = true; });
    const auto input = open_input(url(scheme, "silent"), {}, stop_);
    stopper.join();
    ASSERT_FALSE(input);
    EXPECT_EQ(input.error().code(), Errc::cancelled);
  }
}

TEST_F(OpenInputTest, TheStreamsEndIsTheInputs) {
  publish("h264_aac.mp4");
  const auto input = open_input(url("rtsp"), {}, stop_);
  ASSERT_TRUE(input);
  publication_.reset();
  for (;;) {
    const auto unit = (*input)->read();
    ASSERT_TRUE(unit) << unit.error().message();
    if (!*unit) break;
  }
}

}  // namespace
}  // namespace pasu::job
