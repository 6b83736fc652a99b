#include "job/quantize.h"

#include <filesystem>

#include <gmock/gmock.h>

#include "train/load/test_pictures.h"
#include "train/model/models.h"
#include "train/model/test_weights.h"

namespace pasu::job {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class Quantize : public testing::Test {
 protected:
  void SetUp() override {
    set_ = train::red_set("quantize", {96, 64}, {{20, 10, 20, 40}, {50, 5, 15, 50}, {0, 0, 0, 0}});
    job_.package.folder = fs::path(set_) / "package";
    job_.package.sizes = {{96, 64}, {64, 64}};
    job_.pictures = {set_ + "/images"};
    job_.held_out = {{set_ + "/instances.json", set_ + "/images"}};
  }
  Result<QuantizeOutcome> run() {
    const train::Graph graph = train::pasu_person();
    return quantize_package(graph, train::random_weights(graph, 4), job_, progress_, stop_);
  }
  std::string set_;
  QuantizeJob job_;
  Progress progress_{false};
  std::atomic<bool> stop_ = false;
};

TEST_F(Quantize, MeasuresBothAndKeepsThePackage) {
  job_.drop_max = 1;
  const auto outcome = run();
  ASSERT_TRUE(outcome) << outcome.error().message();
  ASSERT_EQ(outcome->held_out.size(), 2u);
  for (const HeldOutNumbers& numbers : outcome->held_out) {
    EXPECT_GE(numbers.in_float, 0);
    EXPECT_GE(numbers.in_int8, 0);
  }
  ASSERT_TRUE(outcome->package);
  const auto& manifest = outcome->package->manifest;
  EXPECT_TRUE(outcome->kept_float.empty());
  EXPECT_EQ(manifest.name, "package");
  ASSERT_EQ(manifest.variants.size(), 4u);
  EXPECT_EQ(manifest.variants[0].name, "96x64-int8");
  EXPECT_EQ(manifest.variants[3].name, "64x64-f32");
  EXPECT_FALSE(fs::exists(job_.package.folder.string() + ".trial"));
  EXPECT_EQ(run().error().code(), Errc::exists);
}

TEST_F(Quantize, LeavesNothingWhereTooMuchIsLost) {
  job_.drop_max = -1;  // Nothing gains that much.
  job_.keep_float_max = 3;
  const auto outcome = run();
  ASSERT_TRUE(outcome) << outcome.error().message();
  EXPECT_FALSE(outcome->package);
  EXPECT_EQ(outcome->kept_float.size(), 2u);
  EXPECT_FALSE(fs::exists(job_.package.folder));
  EXPECT_FALSE(fs::exists(job_.package.folder.string() + ".trial"));
}

TEST_F(Quantize, NeedsPicturesThatDecode) {
  job_.pictures = {set_ + "/none"};
  EXPECT_FALSE(run());
  fs::create_directories(set_ + "/bad");
  ASSERT_TRUE(write_file(set_ + "/bad/a.jpg", as_bytes("no picture")));
  job_.pictures = {set_ + "/bad"};
  EXPECT_THAT(run().error().message(), HasSubstr("a.jpg"));
  stop_ = true;
  EXPECT_EQ(run().error().code(), Errc::cancelled);
}

}  // namespace
}  // namespace pasu::job
