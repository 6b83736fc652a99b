// `pasu pull` of the generated clips, from our own servers.
#include "job/pull.h"

#include <future>

#include <gmock/gmock.h>

#include "av/test_media.h"
#include "net/rtmp_server.h"
#include "net/rtsp_server.h"
#include "net/test_wait.h"

namespace pasu::job {
namespace {

using namespace std::chrono_literals;
using av::media_path;
using testing::Ge;
using testing::Le;

// The parameter is the protocol.
class PullTest : public av::MediaTest, public testing::WithParamInterface<const char*> {
 protected:
  void SetUp() override {
    MediaTest::SetUp();
    if (IsSkipped()) return;
    net::RtspServerOptions rtsp;
    rtsp.auth.may = [](auto, auto, auto) { return true; };
    rtsp_ = std::move(*net::RtspServer::start(threads_, registry_, std::move(rtsp)));
    net::RtmpServerOptions rtmp;
    rtmp.plain = net::ListenOptions{};
    net::RtmpAccess access;
    access.allows = [](const auto&) { return true; };
    rtmp_ =
        std::move(*net::RtmpServer::start(threads_, registry_, std::move(rtmp), std::move(access)));
  }

  // Records for so long what is in the first GOP of `clip`, a second: with more, a reader would
  // begin later.
  PullOutcome record(const std::string& clip, media::Pts duration) {
    const auto demuxer = av::open_input(media_path(clip));
    const int video = av::find_video(demuxer->info())->index;
    const auto publication = std::move(*registry_.publish("gate"));
    EXPECT_TRUE(publication->set_tracks(demuxer->info().streams));
    const bool is_rtsp = GetParam() == std::string("rtsp");
    const PullPlan plan{.url = fmt::format("{}://127.0.0.1:{}/gate", GetParam(),
                                           is_rtsp ? rtsp_->port() : rtmp_->port()),
                        .output = scratch("out.mkv"),
                        .duration = duration,
                        .options = {.transport = net::ClientTransport::tcp}};
    auto done = std::async(std::launch::async, [&] {
      Progress progress(false);
      return pull(plan, threads_.next(), progress, stop_);
    });
    EXPECT_TRUE(net::eventually([&] { return publication->stream().stats().readers == 1; }));
    for (int keys = 0;;) {
      auto unit = demuxer->read();
      if (!unit || !*unit) break;
      keys += (*unit)->key && (*unit)->stream == video;
      if (keys > 1) break;
      publication->publish(std::move(**unit));
    }
    if (done.wait_for(20s) != std::future_status::ready) ADD_FAILURE() << "it does not end";
    stop_ = true;
    const auto outcome = done.get();
    EXPECT_TRUE(outcome) << outcome.error().message();
    return outcome.value_or(PullOutcome());
  }

  // What was written: the pictures, and where each kind begins and how far it goes, from the first
  // picture on.
  struct Written {
    std::vector<media::AccessUnit> pictures;
    media::StreamInfo video;
    media::Pts last_picture{0}, first_sound{0}, last_sound{0};
  };
  Written read_back() {
    const auto demuxer = av::open_input(scratch("out.mkv"));
    Written out;
    out.video = *av::find_video(demuxer->info());
    std::vector<media::Pts> sounds;
    for (auto& unit : av::read_units(*demuxer)) {
      if (unit.stream == out.video.index) {
        out.pictures.push_back(std::move(unit));
      } else {
        sounds.push_back(unit.pts);
      }
    }
    const media::Pts start = out.pictures.front().pts;
    for (const auto& picture : out.pictures)
      out.last_picture = std::max(out.last_picture, picture.pts - start);
    if (!sounds.empty()) {
      out.first_sound = sounds.front() - start;
      out.last_sound = sounds.back() - start;
    }
    return out;
  }

  hub::Registry registry_;
  net::IoThreads threads_{2};  // Connections end on them, and with these their publications.
  std::unique_ptr<net::RtspServer> rtsp_;
  std::unique_ptr<net::RtmpServer> rtmp_;
  std::atomic<bool> stop_ = false;
};

TEST_P(PullTest, EndsAtTheDurationExactly) {
  const PullOutcome outcome = record("h264.ts", 600ms);
  EXPECT_FALSE(outcome.cut);
  EXPECT_EQ(outcome.frames, 15u) << "25 a second";
  EXPECT_NEAR(media::to_seconds(outcome.length), 0.6, 0.002);
  const Written written = read_back();
  EXPECT_EQ(written.pictures.size(), 15u);
  EXPECT_NEAR(media::to_seconds(written.last_picture), 0.56, 0.002);
}

TEST_P(PullTest, EachTrackEndsThereAndEveryPictureIsWhole) {
  const PullOutcome outcome = record("h264_aac.mp4", 600ms);
  EXPECT_FALSE(outcome.cut);
  const Written written = read_back();
  // Up to two B frames refer to the picture behind the end.
  EXPECT_THAT(written.pictures.size(), testing::AllOf(Ge(13u), Le(15u)));
  EXPECT_EQ(outcome.frames, written.pictures.size());
  EXPECT_LT(written.last_picture, 600ms);
  for (const media::Frame& frame : av::decode_units(written.video, written.pictures))
    EXPECT_FALSE(frame.damaged);
  EXPECT_GE(written.first_sound, -2ms);
  EXPECT_LT(written.first_sound, 25ms);
  EXPECT_LT(written.last_sound, 600ms);
  EXPECT_GE(written.last_sound, 600ms - 26ms) << "a unit of sound takes 23 ms";
}

INSTANTIATE_TEST_SUITE_P(By, PullTest, testing::Values("rtsp", "rtmp"),
                         [](const auto& info) { return std::string(info.param); });

}  // namespace
}  // namespace pasu::job
