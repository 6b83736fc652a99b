#include "base/metrics.h"

#include <thread>
#include <vector>

#include <gmock/gmock.h>

namespace pasu::metrics {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(Metrics, SameNameAndLabelsIsTheSameCounter) {
  Registry registry;
  const auto a = registry.counter("pasu_test_drops_total", "Drops.", {{"camera", "a"}});
  const auto b = registry.counter("pasu_test_drops_total", "Drops.", {{"camera", "b"}});
  a.add();
  b.add();
  registry.counter("pasu_test_drops_total", "Drops.", {{"camera", "a"}}).add(2);
  EXPECT_THAT(registry.text(), HasSubstr("pasu_test_drops_total{camera=\"a\"} 3"));
  EXPECT_THAT(registry.text(), HasSubstr("pasu_test_drops_total{camera=\"b\"} 1"));
}

TEST(Metrics, LabelsAreEscaped) {
  Registry registry;
  const auto value = registry.gauge("pasu_test_value", "A value.", {{"camera", "a\"b\nc"}});
  value.set(1.5);
  EXPECT_THAT(registry.text(), HasSubstr(R"({camera="a\"b\nc"} 1.5)"));
}

TEST(Metrics, LeavesWithItsLastCopy) {
  Registry registry;
  const auto stays = registry.histogram("pasu_test_seconds", "Test.", {{"camera", "b"}}, {1});
  {
    const auto counter = registry.counter("pasu_test_total", "Test.", {{"camera", "a"}});
    const auto histogram = registry.histogram("pasu_test_seconds", "Test.", {{"camera", "a"}}, {1});
    const std::vector copies{counter};
    copies[0].add(5);
    histogram.observe(0.5);
    EXPECT_THAT(registry.text(), HasSubstr("pasu_test_total{camera=\"a\"} 5"));
  }
  EXPECT_THAT(registry.text(), Not(HasSubstr("camera=\"a\"")));
  EXPECT_THAT(registry.text(), Not(HasSubstr("pasu_test_total")));
  EXPECT_THAT(registry.text(), HasSubstr("pasu_test_seconds_count{camera=\"b\"} 0"));
  EXPECT_EQ(registry.counter("pasu_test_total", "Test.", {{"camera", "a"}}).value(), 0);
}

TEST(Metrics, ComesAndGoesFromManyThreads) {
  Registry registry;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i)
    threads.emplace_back([&] {
      for (int k = 0; k < 500; ++k) {
        registry.counter("pasu_test_total", "Test.", {{"camera", "a"}}).add();
        (void)registry.text();
      }
    });
  for (std::thread& thread : threads) thread.join();
  EXPECT_THAT(registry.text(), Not(HasSubstr("pasu_test_total")));
}

TEST(Metrics, AnUnboundMetricIgnoresWhatItIsTold) {
  Counter counter;
  counter.add();
  EXPECT_EQ(counter.value(), 0);
}

TEST(Metrics, OutlivesItsRegistry) {
  Counter counter;
  {
    Registry registry;
    counter = registry.counter("pasu_test_total", "Test.");
  }
  counter.add();
  EXPECT_EQ(counter.value(), 1);
}

}  // namespace
}  // namespace pasu::metrics
