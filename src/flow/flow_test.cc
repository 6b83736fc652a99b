#include <atomic>
#include <numeric>
#include <thread>

#include <gtest/gtest.h>

#include "flow/executor.h"
#include "flow/queue.h"

namespace pasu::flow {
namespace {

TEST(Queue, DropOldestKeepsTheNewestAndCounts) {
  Queue<int> queue({.capacity = 2, .overflow = Overflow::drop_oldest, .dropped = {}});
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(queue.push(i));
  EXPECT_EQ(queue.drops(), 3u);
  EXPECT_EQ(queue.pop(), 3);
  EXPECT_EQ(queue.pop(), 4);
}

TEST(Queue, DropNewestKeepsWhatIsQueued) {
  Queue<int> queue({.capacity = 2, .overflow = Overflow::drop_newest, .dropped = {}});
  EXPECT_TRUE(queue.push(1));
  EXPECT_TRUE(queue.push(2));
  EXPECT_FALSE(queue.push(3));
  EXPECT_EQ(queue.drops(), 1u);
  EXPECT_EQ(queue.pop(), 1);
}

TEST(Queue, CloseDrainsThenEnds) {
  Queue<int> queue({.capacity = 4, .overflow = Overflow::block, .dropped = {}});
  queue.push(1);
  queue.close();
  EXPECT_FALSE(queue.push(2));
  EXPECT_EQ(queue.pop(), 1);
  EXPECT_EQ(queue.pop(), std::nullopt);
  EXPECT_TRUE(queue.finished());
}

TEST(Queue, BlockLosesNothing) {
  Queue<int> queue({.capacity = 1, .overflow = Overflow::block, .dropped = {}});
  std::thread producer([&] {
    for (int i = 0; i < 1000; ++i) queue.push(i);
    queue.close();
  });
  int expected = 0;
  while (auto value = queue.pop()) EXPECT_EQ(*value, expected++);
  producer.join();
  EXPECT_EQ(expected, 1000);
  EXPECT_EQ(queue.drops(), 0u);
}

TEST(Queue, CloseFreesABlockedProducer) {
  Queue<int> queue({.capacity = 1, .overflow = Overflow::block, .dropped = {}});
  queue.push(0);
  std::thread producer([&] { EXPECT_FALSE(queue.push(1)); });
  queue.close();
  producer.join();
}

TEST(Executor, RunsEverythingBeforeItEnds) {
  std::atomic<int> runs = 0;
  {
    Executor executor(2);
    for (int i = 0; i < 100; ++i) executor.post([&] { ++runs; });
  }
  EXPECT_EQ(runs, 100);
}

TEST(Strand, KeepsOrderAndNeverOverlaps) {
  Executor executor(4);
  Strand strand(executor);
  std::vector<int> order;  // No lock: the strand is the lock.
  for (int i = 0; i < 1000; ++i) strand.post([&, i] { order.push_back(i); });
  strand.drain();
  std::vector<int> expected(1000);
  std::iota(expected.begin(), expected.end(), 0);
  EXPECT_EQ(order, expected);
}

}  // namespace
}  // namespace pasu::flow
