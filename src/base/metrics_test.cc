#include "base/metrics.h"

#include <gmock/gmock.h>

namespace pasu::metrics {
namespace {

using ::testing::HasSubstr;

TEST(Metrics, SameNameAndLabelsIsTheSameCounter) {
  Registry registry;
  registry.counter("pasu_test_drops_total", "Drops.", {{"camera", "a"}}).add();
  registry.counter("pasu_test_drops_total", "Drops.", {{"camera", "a"}}).add(2);
  registry.counter("pasu_test_drops_total", "Drops.", {{"camera", "b"}}).add();
  EXPECT_THAT(registry.text(), HasSubstr("pasu_test_drops_total{camera=\"a\"} 3"));
  EXPECT_THAT(registry.text(), HasSubstr("pasu_test_drops_total{camera=\"b\"} 1"));
}

TEST(Metrics, LabelsAreEscaped) {
  Registry registry;
  registry.gauge("pasu_test_value", "A value.", {{"camera", "a\"b\nc"}}).set(1.5);
  EXPECT_THAT(registry.text(), HasSubstr(R"({camera="a\"b\nc"} 1.5)"));
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
