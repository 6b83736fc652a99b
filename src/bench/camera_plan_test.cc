#include "bench/camera_plan.h"

#include <gmock/gmock.h>

namespace pasu::bench {
namespace {

using ::testing::HasSubstr;

CameraClip clip_of(size_t gops, size_t frames = 15) {
  CameraClip out;
  out.path = "yard.mp4";
  out.fps = 15;
  out.gops.resize(gops);
  for (auto& gop : out.gops) gop.resize(frames);
  return out;
}

// Somebody is in the GOPs named.
PresenceByGop people_in(size_t gops, std::initializer_list<size_t> busy) {
  PresenceByGop out(gops);
  for (const size_t g : busy) out[g].push_back({.track = 1, .first = 0, .frames = 15, .boxes = {}});
  return out;
}

TEST(CameraPlan, TheShareOfTimeWithPeopleIsAsAsked) {
  const std::vector clips{clip_of(40)};
  const std::vector<PresenceByGop> people{people_in(40, {10, 11, 12, 13, 14, 15})};
  const auto plans =
      make_plans({.cameras = 50, .active = 0.1, .seconds = 600, .seed = 3}, clips, people);
  ASSERT_TRUE(plans) << plans.error().message();
  size_t busy = 0, all = 0;
  for (const CameraPlan& plan : *plans) {
    EXPECT_GE(plan.gops.size(), 600u);
    EXPECT_GE(plan.phase.count(), 0);
    EXPECT_LT(plan.phase, std::chrono::seconds(1));
    for (const uint32_t g : plan.gops) {
      ++all;
      busy += g >= 9 && g <= 16 ? 1 : 0;
    }
  }
  EXPECT_NEAR(static_cast<double>(busy) / static_cast<double>(all), 0.1, 0.02);
}

TEST(CameraPlan, WithoutAShareTheClipPlaysAsItIs) {
  const std::vector clips{clip_of(4)};
  const std::vector<PresenceByGop> people{people_in(4, {1})};
  const auto plans =
      make_plans({.cameras = 3, .active = {}, .seconds = 9, .seed = 1}, clips, people);
  ASSERT_TRUE(plans);
  for (const CameraPlan& plan : *plans)
    for (size_t i = 1; i < plan.gops.size(); ++i)
      EXPECT_EQ(plan.gops[i], (plan.gops[i - 1] + 1) % 4);
}

TEST(CameraPlan, SaysWhatAClipCannotShow) {
  const std::vector clips{clip_of(4)};
  const auto nobody = make_plans({.cameras = 1, .active = 0.1, .seconds = 9, .seed = 1}, clips,
                                 std::vector<PresenceByGop>{people_in(4, {})});
  ASSERT_FALSE(nobody);
  EXPECT_THAT(nobody.error().message(), HasSubstr("yard.mp4: nobody is in it"));
  const auto always = make_plans({.cameras = 1, .active = 0.1, .seconds = 9, .seed = 1}, clips,
                                 std::vector<PresenceByGop>{people_in(4, {0, 1, 2, 3})});
  ASSERT_FALSE(always);
  EXPECT_THAT(always.error().message(), HasSubstr("no camera can be quiet"));
}

TEST(FeedPlan, RoundTrips) {
  const FeedPlan plan{
      {"a.mp4", "b \"c\".mp4"}, {{1, std::chrono::nanoseconds(77), {3, 1, 4}}}, 123456789012345};
  const auto read = parse_feed_plan(to_text(plan));
  ASSERT_TRUE(read) << read.error().message();
  EXPECT_EQ(read->clips, plan.clips);
  EXPECT_EQ(read->start_ns, plan.start_ns);
  EXPECT_EQ(read->cameras[0].gops, plan.cameras[0].gops);
  EXPECT_EQ(read->cameras[0].phase, plan.cameras[0].phase);
  EXPECT_FALSE(parse_feed_plan("{"));
}

}  // namespace
}  // namespace pasu::bench
