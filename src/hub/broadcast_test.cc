#include "hub/broadcast.h"

#include <atomic>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pasu::hub {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// Items are their own numbers; each weighs 10 bytes unless told.
class BroadcastTest : public testing::Test {
 protected:
  static constexpr BroadcastLimits kLimits{.items_max = 20, .bytes_max = 1000, .items_kept = 2};

  void publish(int count, bool start = false, size_t bytes = 10) {
    for (int i = 0; i < count; ++i) log_.publish(next_++, bytes, start);
  }
  std::vector<int> take(Cursor& cursor, TakeLimits limits = {}) {
    std::vector<int> out;
    const size_t count = log_.take(cursor, limits, out);
    EXPECT_EQ(count, out.size());
    return out;
  }

  Broadcast<int> log_{kLimits};
  int next_ = 0;
};

TEST_F(BroadcastTest, ANewReaderBeginsAtTheLastStart) {
  publish(1, true);  // 0
  publish(2);        // 1 2
  publish(1, true);  // 3
  publish(1);        // 4
  Cursor cursor;
  EXPECT_TRUE(log_.has_news(cursor));
  EXPECT_THAT(take(cursor), ElementsAre(3, 4));
  EXPECT_FALSE(log_.has_news(cursor));
  EXPECT_THAT(take(cursor), IsEmpty());
  publish(1);
  EXPECT_THAT(take(cursor), ElementsAre(5));
  EXPECT_EQ(cursor.lost, 0u);
}

TEST_F(BroadcastTest, AnEarlyReaderWaitsForAStartWithoutLoss) {
  Cursor cursor;
  EXPECT_THAT(take(cursor), IsEmpty());
  publish(3);
  EXPECT_THAT(take(cursor), IsEmpty());
  EXPECT_FALSE(log_.has_news(cursor));
  publish(1, true);
  EXPECT_THAT(take(cursor), ElementsAre(3));
  EXPECT_EQ(cursor.lost, 0u);
}

TEST_F(BroadcastTest, ACopiedCursorReadsOnByItself) {
  publish(1, true);
  publish(2);
  Cursor a;
  EXPECT_THAT(take(a, {.items = 2}), ElementsAre(0, 1));
  Cursor b = a;
  EXPECT_THAT(take(a), ElementsAre(2));
  EXPECT_THAT(take(b), ElementsAre(2));
}

TEST_F(BroadcastTest, TakesUpToItsLimitsButAlwaysOneItem) {
  publish(1, true, 300);
  publish(3, false, 100);
  Cursor cursor;
  EXPECT_THAT(take(cursor, {.items = 9, .bytes = 250}), ElementsAre(0));
  EXPECT_THAT(take(cursor, {.items = 9, .bytes = 250}), ElementsAre(1, 2));
  EXPECT_THAT(take(cursor, {.items = 9, .bytes = 250}), ElementsAre(3));
}

TEST_F(BroadcastTest, HoldsTheRunningGopAndTheOneBefore) {
  for (int gop = 0; gop < 4; ++gop) {
    publish(1, true);
    publish(4);
  }
  EXPECT_EQ(log_.size(), 10u);
  EXPECT_EQ(log_.bytes(), 100u);
  EXPECT_THAT(log_.running_gop(), ElementsAre(15, 16, 17, 18, 19));
}

TEST_F(BroadcastTest, OnlyStartsStillHaveAPast) {
  Broadcast<int> log({.items_max = 100, .bytes_max = 1000, .items_kept = 5});
  for (int i = 0; i < 50; ++i) log.publish(i, 1, true);
  EXPECT_EQ(log.size(), 5u);
}

TEST_F(BroadcastTest, ASlowReaderGoesOnAtTheNewestStartAlone) {
  publish(1, true);
  Cursor slow, quick;
  EXPECT_THAT(take(slow), ElementsAre(0));
  EXPECT_THAT(take(quick), ElementsAre(0));
  publish(4);  // 1-4
  EXPECT_THAT(take(quick), ElementsAre(1, 2, 3, 4));
  publish(1, true);  // 5
  publish(1);        // 6
  publish(1, true);  // 7: now 0-4 are gone
  publish(1);        // 8
  EXPECT_THAT(take(quick), ElementsAre(5, 6, 7, 8));
  EXPECT_THAT(take(slow), ElementsAre(7, 8));
  EXPECT_EQ(slow.lost, 6u);
  EXPECT_EQ(quick.lost, 0u);
}

TEST_F(BroadcastTest, AnEndlessGopIsBoundedAndOnlyItsNewReadersWait) {
  publish(1, true);
  Cursor cursor;
  EXPECT_THAT(take(cursor), ElementsAre(0));
  publish(20);  // 1-20: the start is gone
  EXPECT_EQ(log_.size(), 20u);
  EXPECT_THAT(log_.running_gop(), IsEmpty());
  Cursor late;
  EXPECT_THAT(take(late), IsEmpty());
  EXPECT_EQ(take(cursor).size(), 20u);

  publish(25);  // 21-45, 21-25 of them gone
  EXPECT_THAT(take(cursor), IsEmpty());
  EXPECT_EQ(cursor.lost, 25u);
  publish(1);
  EXPECT_THAT(take(cursor), IsEmpty());
  EXPECT_EQ(cursor.lost, 26u);
  publish(1, true);  // 47
  EXPECT_THAT(take(cursor), ElementsAre(47));
  EXPECT_EQ(cursor.lost, 26u);
  EXPECT_THAT(take(late), ElementsAre(47));
  EXPECT_EQ(late.lost, 0u);
}

TEST_F(BroadcastTest, BytesAreBoundedToo) {
  publish(1, true, 400);
  publish(2, false, 400);
  EXPECT_EQ(log_.size(), 2u);
  EXPECT_EQ(log_.bytes(), 800u);
  publish(1, true, 5000);
  EXPECT_EQ(log_.size(), 0u);
  Cursor cursor;
  EXPECT_THAT(take(cursor), IsEmpty());
}

TEST_F(BroadcastTest, ClearMakesEveryReaderWaitForAStart) {
  publish(1, true);
  Cursor cursor;
  EXPECT_THAT(take(cursor), ElementsAre(0));
  log_.clear();
  publish(1);
  EXPECT_THAT(take(cursor), IsEmpty());
  publish(1, true);
  EXPECT_THAT(take(cursor), ElementsAre(2));
  EXPECT_EQ(cursor.lost, 0u);
}

TEST_F(BroadcastTest, ReadersOnOtherThreadsSeeEverythingInOrder) {
  constexpr int kItems = 20000;
  Broadcast<int> log({.items_max = kItems, .bytes_max = kItems, .items_kept = kItems});
  log.publish(0, 1, true);
  auto follow = [&] {
    Cursor cursor;
    std::vector<int> got;
    while (got.size() < kItems) {
      if (!log.has_news(cursor)) continue;
      log.take(cursor, {.items = 7}, got);
    }
    for (int i = 0; i < kItems; ++i) ASSERT_EQ(got[static_cast<size_t>(i)], i);
  };
  std::thread a(follow), b(follow);
  for (int i = 1; i < kItems; ++i) log.publish(i, 1, false);
  a.join();
  b.join();
}

}  // namespace
}  // namespace pasu::hub
