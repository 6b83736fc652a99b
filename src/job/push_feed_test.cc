// What `pasu push` sends of the generated clips.
#include "job/detail/push_feed.h"

#include <gmock/gmock.h>

#include "av/test_media.h"

namespace pasu::job {
namespace {

using av::media_path;
using testing::HasSubstr;

class PushFeedTest : public av::MediaTest {
 protected:
  std::unique_ptr<PushFeed> open(const std::string& clip, bool loop = false) {
    PushPlan plan;
    plan.input = media_path(clip);
    plan.loop = loop;
    auto feed = PushFeed::open(plan, stop);
    EXPECT_TRUE(feed) << feed.error().message();
    return feed ? std::move(*feed) : nullptr;
  }
  // Everything, or the first `most`.
  static std::vector<media::AccessUnit> read(PushFeed& feed, size_t most = 100'000) {
    std::vector<media::AccessUnit> out;
    while (out.size() < most) {
      auto unit = feed.next();
      EXPECT_TRUE(unit) << unit.error().message();
      if (!unit || !*unit) break;
      out.push_back(std::move(**unit));
    }
    return out;
  }
  static size_t count(const std::vector<media::AccessUnit>& units, int track) {
    return static_cast<size_t>(std::ranges::count(units, track, &media::AccessUnit::stream));
  }

  std::atomic<bool> stop = false;
};

TEST_F(PushFeedTest, H264AndAacGoAsTheyAre) {
  const auto feed = open("h264_aac.mp4");
  ASSERT_EQ(feed->tracks().size(), 2u);
  EXPECT_EQ(feed->tracks()[0].codec, media::Codec::h264);
  EXPECT_EQ(feed->tracks()[1].codec, media::Codec::aac);
  const auto units = read(*feed);
  EXPECT_EQ(count(units, 0), 75u);
  EXPECT_GT(count(units, 1), 100u);

  const auto demuxer = av::open_input(media_path("h264_aac.mp4"));
  const auto first = demuxer->read();
  ASSERT_TRUE(first && *first);
  EXPECT_TRUE(std::ranges::equal(units.front().data.view(), (*first)->data.view()));
}

TEST_F(PushFeedTest, EverythingElseBecomesH264AndAacInStep) {
  const auto feed = open("hevc_mp3.mkv");
  ASSERT_EQ(feed->tracks().size(), 2u);
  EXPECT_EQ(feed->tracks()[0].codec, media::Codec::h264);
  EXPECT_EQ(feed->tracks()[1].codec, media::Codec::aac);
  EXPECT_EQ(feed->tracks()[0].index, 0);
  EXPECT_EQ(feed->tracks()[1].index, 1) << "RTMP goes by it";
  const auto units = read(*feed);
  EXPECT_EQ(feed->damaged(), 0u);
  EXPECT_EQ(count(units, 0), 50u);
  std::optional<media::Pts> sound;
  for (const auto& unit : units)
    if (unit.stream == 1 && !sound) sound = unit.pts;
  ASSERT_TRUE(sound);
  // The tone begins half a second after the picture; the encoders of both files put one frame of
  // their own before it.
  EXPECT_NEAR(media::to_seconds(*sound), 0.5, 0.04 + 1152 / 44100.0);
}

TEST_F(PushFeedTest, RoundsFollowEachOtherWithoutAGap) {
  for (const char* clip : {"h264_aac.mp4", "mpeg4.avi"}) {
    const auto feed = open(clip, true);
    const auto units = read(*feed, 400);
    media::Pts last{-1'000'000'000};
    for (const auto& unit : units) {
      if (unit.stream != 0) continue;
      EXPECT_GT(unit.dts, last) << clip;
      if (last.count() >= 0) {
        EXPECT_LT(unit.dts - last, std::chrono::milliseconds(125)) << clip;
      }
      last = unit.dts;
    }
  }
}

TEST_F(PushFeedTest, AKeyFrameOnDemandWhereItEncodes) {
  const auto feed = open("mpeg4.avi", true);
  (void)read(*feed, 10);
  feed->want_key();
  size_t keys = 0;
  for (const auto& unit : read(*feed, 5)) keys += unit.key;
  EXPECT_EQ(keys, 1u);
}

TEST_F(PushFeedTest, TracksCanBeLeftOut) {
  PushPlan plan;
  plan.input = media_path("h264_aac.mp4");
  plan.video = PushTrack::none;
  const auto sound = PushFeed::open(plan, stop);
  ASSERT_TRUE(sound) << sound.error().message();
  ASSERT_EQ((*sound)->tracks().size(), 1u);
  EXPECT_FALSE((*sound)->has_video());
  EXPECT_GT(count(read(**sound), 0), 100u);
  plan.audio = PushTrack::none;
  const auto nothing = PushFeed::open(plan, stop);
  ASSERT_FALSE(nothing);
  EXPECT_THAT(nothing.error().message(), HasSubstr("neither pictures nor sound"));
}

TEST_F(PushFeedTest, TroubleIsNamed) {
  PushPlan plan;
  for (const char* clip : {"garbage.mp4", "empty.mp4", "no such clip.mp4"}) {
    plan.input = media_path(clip);
    const auto feed = PushFeed::open(plan, stop);
    ASSERT_FALSE(feed) << clip;
    EXPECT_THAT(feed.error().message(), HasSubstr(clip));
  }
  const auto cut = open("truncated.mp4");
  EXPECT_GT(read(*cut).size(), 10u);
}

}  // namespace
}  // namespace pasu::job
