#include <gmock/gmock.h>

#include "job/child_cost.h"
#include "job/detect_bench.h"
#include "media/new_frame.h"

namespace pasu::job {
namespace {

const std::atomic<bool> kGoOn = false;

TEST(ChildCost, CountsTheChildsTime) {
  const auto cost =
      run_child({"sh", "-c", "i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done"}, kGoOn);
  ASSERT_TRUE(cost) << cost.error().message();
  EXPECT_GT(cost->cpu_seconds, 0.01);
  EXPECT_GE(cost->wall_seconds * 1.5, cost->cpu_seconds);
}

TEST(ChildCost, FailuresAreErrors) {
  EXPECT_EQ(run_child({"no-such-program-here"}, kGoOn).error().code(), Errc::not_found);
  EXPECT_THAT(run_child({"false"}, kGoOn).error().message(), testing::HasSubstr("code 1"));
  const std::atomic<bool> stop = true;
  EXPECT_EQ(run_child({"sleep", "100"}, stop).error().code(), Errc::cancelled);
}

TEST(ModelBench, MeasuresADetector) {
  std::vector<media::Frame> frames;
  auto made = media::new_frame(media::PixelFormat::gray8, 128, 128);
  std::fill_n(made.planes[0], made.frame.planes[0].stride * 128, uint8_t{100});
  frames.push_back(std::move(made.frame));
  const auto cost =
      bench_model({.model = "hog", .input = {128, 128}, .streams = 1, .batch = 1, .seconds = 0.05},
                  frames, kGoOn);
  ASSERT_TRUE(cost) << cost.error().message();
  EXPECT_GT(cost->images_per_cpu_second, 0);
  EXPECT_LE(cost->latency_p50_ms, cost->latency_p95_ms);
}

}  // namespace
}  // namespace pasu::job
