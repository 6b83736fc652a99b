#include "node/governor.h"

#include <gtest/gtest.h>

namespace pasu::node {
namespace {

using gate::Thrift;
using std::chrono::milliseconds;

void second(Governor& governor, int frames, int late) {
  for (int i = 0; i < frames; ++i) governor.told(milliseconds(i < late ? 400 : 20));
  governor.tick();
}

TEST(Governor, AllIsAllowedWhileBoxesAreInTime) {
  Governor governor;
  for (int i = 0; i < 20; ++i) second(governor, 100, 1);
  EXPECT_EQ(governor.limits(), Governor::Limits());
}

TEST(Governor, ManyNewCamerasAreACrowdForHalfAMinute) {
  Governor governor;
  for (unsigned i = 0; i < Governor::kCrowd; ++i) governor.welcome();
  EXPECT_FALSE(governor.is_crowded());
  governor.tick();
  governor.welcome();
  EXPECT_TRUE(governor.is_crowded());
  for (int i = 0; i < 29; ++i) governor.tick();
  EXPECT_TRUE(governor.is_crowded());
  governor.tick();
  EXPECT_FALSE(governor.is_crowded());
  EXPECT_EQ(governor.limits(), Governor::Limits());
}

TEST(Governor, AFewFramesSayNothing) {
  Governor governor;
  second(governor, 5, 5);
  EXPECT_EQ(governor.limits(), Governor::Limits());
}

TEST(Governor, LateBoxesLowerTheShareAndItComesBack) {
  Governor governor;
  second(governor, 100, 10);
  EXPECT_DOUBLE_EQ(governor.limits().share, 0.85);
  second(governor, 100, 60);
  EXPECT_DOUBLE_EQ(governor.limits().share, 0.85 * 0.6);
  second(governor, 100, 4);
  EXPECT_DOUBLE_EQ(governor.limits().share, 0.85 * 0.6) << "neither late nor easy";
  for (int i = 0; i < 7; ++i) second(governor, 100, 0);
  EXPECT_EQ(governor.limits().share, 1);
  EXPECT_EQ(governor.limits().thrift, Thrift::none);
}

TEST(Governor, WhereThatDoesNotDoOnlyKeyFramesAreDecoded) {
  Governor governor;
  for (int i = 0; i < 4; ++i) second(governor, 100, 90);
  EXPECT_DOUBLE_EQ(governor.limits().share, Governor::kShareMin);
  EXPECT_EQ(governor.limits().thrift, Thrift::none);
  for (int i = 0; i < 3; ++i) second(governor, 100, 90);
  EXPECT_EQ(governor.limits().thrift, Thrift::nobody);
  for (int i = 0; i < 3; ++i) second(governor, 100, 90);
  EXPECT_EQ(governor.limits().thrift, Thrift::all);
  for (int i = 0; i < 5; ++i) second(governor, 100, 0);
  EXPECT_EQ(governor.limits().thrift, Thrift::nobody) << "one step at a time";
  for (int i = 0; i < 5; ++i) second(governor, 0, 0);
  EXPECT_EQ(governor.limits().thrift, Thrift::none) << "all asleep is easy";
  for (int i = 0; i < 20; ++i) second(governor, 0, 0);
  EXPECT_EQ(governor.limits(), Governor::Limits());
}

}  // namespace
}  // namespace pasu::node
